package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.wide.BernoulliRows;
import dev.natgrad.kernel.wide.Likelihoods;

/**
 * What {@link Divergences} averages, row by row, under the rules of {@link Blas}. Vectors of
 * results are F64 whatever the precision of the matrices.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class RowDivergences {
  private RowDivergences() {}

  private static void operands(String first, Mat a, String second, Mat b, Vec out) {
    Check.operand(first, a, a.precision);
    Check.operand(second, b, a.precision);
    Check.shape(second, b, a.rows, a.cols);
    Check.atLeastOneColumn(first, a);
    Check.operand("out", out, F64);
    Check.length("out", out, a.rows);
  }

  /**
   * outᵢ ← KL(softmax aᵢ ‖ softmax bᵢ), in nats.
   *
   * @param a A, m×n logits of the first distributions
   * @param b B, m×n logits of the second
   * @param out a vector of length m in F64
   */
  public static void categorical(Mat a, Mat b, Vec out) {
    operands("a", a, "b", b, out);
    for (int i = 0; i < a.rows; i++) {
      double kl =
          dev.natgrad.kernel.wide.Divergences.categorical(
              a.precision == F64,
              1,
              a.cols,
              a.rowAddress(i),
              a.stride,
              b.rowAddress(i),
              b.stride,
              false);
      Elements.set(out.address, i, kl, F64);
    }
  }

  /**
   * outᵢ ← Σⱼ KL(logistic aᵢⱼ ‖ logistic bᵢⱼ), in nats.
   *
   * @param a A, m×n logits of the first distributions
   * @param b B, m×n logits of the second
   * @param out a vector of length m in F64
   */
  public static void bernoulli(Mat a, Mat b, Vec out) {
    operands("a", a, "b", b, out);
    BernoulliRows.divergences(
        a.precision == F64,
        a.rows,
        a.cols,
        a.address,
        a.stride,
        b.address,
        b.stride,
        out.address,
        Divergences.scratch(a));
  }

  /**
   * outᵢ ← α‖aᵢ − bᵢ‖² + c.
   *
   * @param alpha α
   * @param a A, m×n
   * @param b B, m×n
   * @param constant c
   * @param out a vector of length m in F64
   */
  public static void squaredDistance(double alpha, Mat a, Mat b, double constant, Vec out) {
    operands("a", a, "b", b, out);
    for (int i = 0; i < a.rows; i++) {
      double square =
          dev.natgrad.kernel.wide.Divergences.squaredDistance(
              a.precision == F64,
              1,
              a.cols,
              a.rowAddress(i),
              a.stride,
              b.rowAddress(i),
              b.stride,
              false);
      Elements.set(out.address, i, alpha * square + constant, F64);
    }
  }

  /**
   * outᵢ ← Σⱼ yᵢⱼ(zᵢⱼ − ln Σₖ exp zᵢₖ), in nats.
   *
   * @param z Z, m×n logits
   * @param y Y, m×n probabilities
   * @param out a vector of length m in F64
   */
  public static void categoricalLogProbabilities(Mat z, Mat y, Vec out) {
    operands("z", z, "y", y, out);
    for (int i = 0; i < z.rows; i++) {
      double loss =
          Likelihoods.categorical(
              z.precision == F64, 1, z.cols, z.rowAddress(i), z.stride, y.rowAddress(i), y.stride);
      Elements.set(out.address, i, -loss, F64);
    }
  }

  /**
   * outᵢ ← −Σⱼ y·ln(1 + e⁻ᶻ) + (1 − y)·ln(1 + eᶻ), in nats.
   *
   * @param z Z, m×n logits
   * @param y Y, m×n probabilities
   * @param out a vector of length m in F64
   */
  public static void bernoulliLogProbabilities(Mat z, Mat y, Vec out) {
    operands("z", z, "y", y, out);
    BernoulliRows.losses(
        z.precision == F64,
        z.rows,
        z.cols,
        z.address,
        z.stride,
        y.address,
        y.stride,
        out.address,
        Divergences.scratch(z));
    Blas.scal(-1, out);
  }
}
