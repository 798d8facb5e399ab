package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.f64.OutputRows;

/**
 * Products with a small matrix in every row, one that the row's probabilities define: the facade
 * over the row kernels, under the rules of {@link Blas}.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class RowProducts {
  private RowProducts() {}

  private static void operands(Mat p, Mat t, Mat u) {
    Check.operand("p", p, u.precision);
    Check.operand("t", t, u.precision);
    Check.operand("u", u, u.precision);
    Check.shape("p", p, u.rows, u.cols);
    Check.shape("t", t, u.rows, u.cols);
    Check.disjoint("p", p, "u", u);
    Check.sameOrDisjoint("t", t, "u", u);
  }

  /**
   * U ← αT. A copy, bit for bit but for the payload of a NaN, if α = 1.
   *
   * @param alpha α
   * @param t T, m×n
   * @param u U, m×n; may be T
   */
  public static void scale(double alpha, Mat t, Mat u) {
    Check.operand("t", t, u.precision);
    Check.operand("u", u, u.precision);
    Check.shape("t", t, u.rows, u.cols);
    Check.sameOrDisjoint("t", t, "u", u);
    if (u.precision == F64) {
      OutputRows.scale(u.rows, u.cols, alpha, t.address, t.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.OutputRows.scale(
          u.rows, u.cols, (float) alpha, t.address, t.stride, u.address, u.stride);
    }
  }

  /**
   * U ← U + αA, one rounding an element.
   *
   * @param alpha α
   * @param a A, m×n
   * @param u U, m×n; not A
   */
  public static void add(double alpha, Mat a, Mat u) {
    Check.operand("a", a, u.precision);
    Check.operand("u", u, u.precision);
    Check.shape("a", a, u.rows, u.cols);
    Check.disjoint("a", a, "u", u);
    if (u.precision == F64) {
      dev.natgrad.kernel.f64.LayerRows.add(
          u.rows, u.cols, alpha, a.address, a.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.LayerRows.add(
          u.rows, u.cols, (float) alpha, a.address, a.stride, u.address, u.stride);
    }
  }

  /**
   * U ← α(A − B).
   *
   * @param alpha α
   * @param a A, m×n
   * @param b B, m×n
   * @param u U, m×n; may be A or B
   */
  public static void difference(double alpha, Mat a, Mat b, Mat u) {
    Check.operand("a", a, u.precision);
    Check.operand("b", b, u.precision);
    Check.operand("u", u, u.precision);
    Check.shape("a", a, u.rows, u.cols);
    Check.shape("b", b, u.rows, u.cols);
    Check.sameOrDisjoint("a", a, "u", u);
    Check.sameOrDisjoint("b", b, "u", u);
    if (u.precision == F64) {
      OutputRows.difference(
          u.rows, u.cols, alpha, a.address, a.stride, b.address, b.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.OutputRows.difference(
          u.rows,
          u.cols,
          (float) alpha,
          a.address,
          a.stride,
          b.address,
          b.stride,
          u.address,
          u.stride);
    }
  }

  /**
   * U ← αP∘(1 − P)∘T, where P holds probabilities: the logistic function's derivative times T.
   *
   * @param alpha α
   * @param p P, m×n, rows of probabilities
   * @param t T, m×n
   * @param u U, m×n; may be T, not P
   */
  public static void bernoulliProduct(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    if (u.precision == F64) {
      OutputRows.bernoulliProduct(
          u.rows, u.cols, alpha, p.address, p.stride, t.address, t.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.OutputRows.bernoulliProduct(
          u.rows,
          u.cols,
          (float) alpha,
          p.address,
          p.stride,
          t.address,
          t.stride,
          u.address,
          u.stride);
    }
  }

  /**
   * U ← α√(P∘(1 − P))∘T, where P holds probabilities.
   *
   * @param alpha α
   * @param p P, m×n, rows of probabilities
   * @param t T, m×n
   * @param u U, m×n; may be T, not P
   */
  public static void bernoulliFactor(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    if (u.precision == F64) {
      OutputRows.bernoulliFactor(
          u.rows, u.cols, alpha, p.address, p.stride, t.address, t.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.OutputRows.bernoulliFactor(
          u.rows,
          u.cols,
          (float) alpha,
          p.address,
          p.stride,
          t.address,
          t.stride,
          u.address,
          u.stride);
    }
  }

  /**
   * u ← α(diag(√p) − p(√p)ᵀ)t in every row. With B this matrix, BBᵀ = diag(p) − ppᵀ if p sums to 1.
   *
   * @param alpha α
   * @param p P, m×n, rows of probabilities
   * @param t T, m×n
   * @param u U, m×n; may be T, not P
   */
  public static void softmaxFactor(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    if (u.precision == F64) {
      OutputRows.softmaxFactor(
          u.rows, u.cols, alpha, p.address, p.stride, t.address, t.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.OutputRows.softmaxFactor(
          u.rows,
          u.cols,
          (float) alpha,
          p.address,
          p.stride,
          t.address,
          t.stride,
          u.address,
          u.stride);
    }
  }

  /**
   * u ← α(diag(√p) − √p·pᵀ)t in every row: the transpose of {@link #softmaxFactor}. Exactly 0 in
   * rows of T that are constant and finite.
   *
   * @param alpha α
   * @param p P, m×n, rows of probabilities
   * @param t T, m×n
   * @param u U, m×n; may be T, not P
   */
  public static void softmaxFactorTranspose(double alpha, Mat p, Mat t, Mat u) {
    operands(p, t, u);
    if (u.precision == F64) {
      OutputRows.softmaxFactorTranspose(
          u.rows, u.cols, alpha, p.address, p.stride, t.address, t.stride, u.address, u.stride);
    } else {
      dev.natgrad.kernel.f32.OutputRows.softmaxFactorTranspose(
          u.rows,
          u.cols,
          (float) alpha,
          p.address,
          p.stride,
          t.address,
          t.stride,
          u.address,
          u.stride);
    }
  }

  /**
   * Each row g ← the outer product adᵀ of the rows of A and D, itself row by row: the gradient of a
   * dense layer's weights, sample by sample.
   *
   * @param a A, m×p
   * @param d D, m×q
   * @param g G, m×pq
   */
  public static void outer(Mat a, Mat d, Mat g) {
    Check.operand("a", a, g.precision);
    Check.operand("d", d, g.precision);
    Check.operand("g", g, g.precision);
    Check.shape("a", a, g.rows, a.cols);
    Check.shape("d", d, g.rows, d.cols);
    if ((long) a.cols * d.cols != g.cols) {
      throw new IllegalArgumentException(
          "g has "
              + g.cols
              + " columns; it must have "
              + a.cols
              + "·"
              + d.cols
              + ", those of a times those of d");
    }
    Check.disjoint("a", a, "g", g);
    Check.disjoint("d", d, "g", g);
    if (g.precision == F64) {
      dev.natgrad.kernel.f64.RowOuter.outer(
          g.rows, a.cols, d.cols, a.address, a.stride, d.address, d.stride, g.address, g.stride);
    } else {
      dev.natgrad.kernel.f32.RowOuter.outer(
          g.rows, a.cols, d.cols, a.address, a.stride, d.address, d.stride, g.address, g.stride);
    }
  }
}
