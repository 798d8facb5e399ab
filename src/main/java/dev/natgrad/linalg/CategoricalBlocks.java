package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.f64.OutputRows;
import dev.natgrad.kernel.f64.Rows;
import dev.natgrad.kernel.wide.Likelihoods;
import java.util.Objects;

/**
 * The softmax and its products in side-by-side blocks of columns, under the rules of {@link Blas}:
 * each block is a categorical distribution of its own.
 *
 * <p>Immutable; the methods may be called by the owner of their operands.
 */
public final class CategoricalBlocks {
  private final int[] widths;
  private final int columns;

  /**
   * Describes the blocks, from the left.
   *
   * @param widths the number of columns of each, at least 1
   * @throws IllegalArgumentException if there is no block or a width is below 1
   */
  public CategoricalBlocks(int... widths) {
    this.widths = widths.clone();
    int total = 0;
    for (int b = 0; b < widths.length; b++) {
      if (widths[b] < 1) {
        throw new IllegalArgumentException(
            "widths[" + b + "] is " + widths[b] + "; a block has at least 1 column");
      }
      total = Math.addExact(total, widths[b]);
    }
    if (total == 0) {
      throw new IllegalArgumentException("widths is empty; there must be at least 1 block");
    }
    this.columns = total;
  }

  /**
   * Returns the number of columns of all blocks.
   *
   * @return the sum of the widths
   */
  public int columns() {
    return columns;
  }

  private void shape(String name, Mat a, int rows) {
    Objects.requireNonNull(a, name);
    Check.shape(name, a, rows, columns);
  }

  private void operands(Mat p, Mat t, Mat u) {
    Check.operand("p", p, u.precision);
    Check.operand("t", t, u.precision);
    Check.operand("u", u, u.precision);
    shape("p", p, u.rows);
    shape("t", t, u.rows);
    shape("u", u, u.rows);
    Check.disjoint("p", p, "u", u);
    Check.sameOrDisjoint("t", t, "u", u);
  }

  private static long scratch(Mat y) {
    return y.storage.workspace.reductionScratch().address();
  }

  /**
   * Each block of each row of P ← its softmax, as {@link Maps#softmax}.
   *
   * @param a A, m×columns
   * @param p P, m×columns; may be A
   */
  public void softmax(Mat a, Mat p) {
    Check.operand("a", a, p.precision);
    Check.operand("p", p, p.precision);
    shape("a", a, p.rows);
    shape("p", p, p.rows);
    Check.sameOrDisjoint("a", a, "p", p);
    long at = 0;
    for (int width : widths) {
      if (p.precision == F64) {
        Rows.softmax(p.rows, width, a.address + at, a.stride, p.address + at, p.stride, scratch(p));
      } else {
        dev.natgrad.kernel.f32.Rows.softmax(
            p.rows, width, a.address + at, a.stride, p.address + at, p.stride, scratch(p));
      }
      at += (long) width * p.precision.bytes();
    }
  }

  /**
   * U ← α(diag(p) − ppᵀ)t in every block, as {@link Maps#softmaxProduct}.
   *
   * @param alpha α
   * @param p P, m×columns, probabilities
   * @param t T, m×columns
   * @param u U, m×columns; may be T, not P
   */
  public void softmaxProduct(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    long at = 0;
    for (int width : widths) {
      long pb = p.address + at;
      long tb = t.address + at;
      long ub = u.address + at;
      if (u.precision == F64) {
        Rows.softmaxProduct(
            u.rows, width, alpha, pb, p.stride, tb, t.stride, ub, u.stride, scratch(u));
      } else {
        dev.natgrad.kernel.f32.Rows.softmaxProduct(
            u.rows, width, (float) alpha, pb, p.stride, tb, t.stride, ub, u.stride, scratch(u));
      }
      at += (long) width * u.precision.bytes();
    }
  }

  /**
   * u ← α(diag(√p) − p(√p)ᵀ)t in every block, as {@link RowProducts#softmaxFactor}.
   *
   * @param alpha α
   * @param p P, m×columns, probabilities
   * @param t T, m×columns
   * @param u U, m×columns; may be T, not P
   */
  public void softmaxFactor(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    long at = 0;
    for (int width : widths) {
      long pb = p.address + at;
      long tb = t.address + at;
      long ub = u.address + at;
      if (u.precision == F64) {
        OutputRows.softmaxFactor(u.rows, width, alpha, pb, p.stride, tb, t.stride, ub, u.stride);
      } else {
        dev.natgrad.kernel.f32.OutputRows.softmaxFactor(
            u.rows, width, (float) alpha, pb, p.stride, tb, t.stride, ub, u.stride);
      }
      at += (long) width * u.precision.bytes();
    }
  }

  /**
   * u ← α(diag(√p) − √p·pᵀ)t in every block, as {@link RowProducts#softmaxFactorTranspose}.
   *
   * @param alpha α
   * @param p P, m×columns, probabilities
   * @param t T, m×columns
   * @param u U, m×columns; may be T, not P
   */
  public void softmaxFactorTranspose(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    long at = 0;
    for (int width : widths) {
      long pb = p.address + at;
      long tb = t.address + at;
      long ub = u.address + at;
      if (u.precision == F64) {
        OutputRows.softmaxFactorTranspose(
            u.rows, width, alpha, pb, p.stride, tb, t.stride, ub, u.stride);
      } else {
        dev.natgrad.kernel.f32.OutputRows.softmaxFactorTranspose(
            u.rows, width, (float) alpha, pb, p.stride, tb, t.stride, ub, u.stride);
      }
      at += (long) width * u.precision.bytes();
    }
  }

  private void pair(String first, Mat a, String second, Mat b) {
    Check.operand(first, a, a.precision);
    Check.operand(second, b, a.precision);
    shape(first, a, a.rows);
    shape(second, b, a.rows);
  }

  /**
   * Returns Σ over blocks of KL(softmax a ‖ softmax b) over the rows, in nats, with the relative
   * error of {@link Divergences}.
   *
   * @param a A, m×columns logits of the first distributions, m ≥ 1
   * @param b B, m×columns logits of the second
   * @param maximum whether to return the rows' maximum rather than their mean
   * @return at least 0
   */
  public double divergence(Mat a, Mat b, boolean maximum) {
    pair("a", a, "b", b);
    Check.atLeastOneRow("a", a);
    double sum = 0;
    double max = 0;
    for (int i = 0; i < a.rows; i++) {
      double kl = divergence(a, b, i);
      sum += kl;
      max = Math.max(max, kl);
    }
    return maximum ? max : sum / a.rows;
  }

  /**
   * out ← Σ over blocks of KL(softmax a ‖ softmax b) of every row.
   *
   * @param a A, m×columns logits of the first distributions
   * @param b B, m×columns logits of the second
   * @param out a vector of length m in F64
   */
  public void divergences(Mat a, Mat b, Vec out) {
    pair("a", a, "b", b);
    Check.operand("out", out, F64);
    Check.length("out", out, a.rows);
    for (int i = 0; i < a.rows; i++) {
      Elements.set(out.address, i, divergence(a, b, i), F64);
    }
  }

  private double divergence(Mat a, Mat b, int i) {
    long ai = a.rowAddress(i);
    long bi = b.rowAddress(i);
    double kl = 0;
    for (int width : widths) {
      kl +=
          dev.natgrad.kernel.wide.Divergences.categorical(
              a.precision == F64, 1, width, ai, a.stride, bi, b.stride, false);
      ai += (long) width * a.precision.bytes();
      bi += (long) width * a.precision.bytes();
    }
    return kl;
  }

  /**
   * Returns the mean over the rows of the blocks' Σ yⱼ(ln Σₖ exp zₖ − zⱼ), in nats.
   *
   * @param z Z, m×columns logits, m ≥ 1
   * @param y Y, m×columns probabilities
   * @return the mean negative log-likelihood
   */
  public double loss(Mat z, Mat y) {
    pair("z", z, "y", y);
    Check.atLeastOneRow("z", z);
    double sum = 0;
    for (int i = 0; i < z.rows; i++) {
      sum += loss(z, y, i);
    }
    return sum / z.rows;
  }

  /**
   * out ← the negative of what {@link #loss} averages, of every row.
   *
   * @param z Z, m×columns logits
   * @param y Y, m×columns probabilities
   * @param out a vector of length m in F64
   */
  public void logProbabilities(Mat z, Mat y, Vec out) {
    pair("z", z, "y", y);
    Check.operand("out", out, F64);
    Check.length("out", out, z.rows);
    for (int i = 0; i < z.rows; i++) {
      Elements.set(out.address, i, -loss(z, y, i), F64);
    }
  }

  private double loss(Mat z, Mat y, int i) {
    long zi = z.rowAddress(i);
    long yi = y.rowAddress(i);
    double loss = 0;
    for (int width : widths) {
      loss += Likelihoods.categorical(z.precision == F64, 1, width, zi, z.stride, yi, y.stride);
      zi += (long) width * z.precision.bytes();
      yi += (long) width * z.precision.bytes();
    }
    return loss;
  }

  /**
   * Returns the blocks' widths.
   *
   * @return a new array, from the left
   */
  public int[] widths() {
    return widths.clone();
  }
}
