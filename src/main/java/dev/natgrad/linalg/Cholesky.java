package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.memory.Precision;

/**
 * The Cholesky factorisation A = LLᵀ of a symmetric positive definite matrix, in place, and solves
 * with it. Backward stable: the computed factor is the exact one of A + E with |E| ≤ γₙ₊₁|L||Lᵀ|
 * (Higham, Accuracy and Stability of Numerical Algorithms, theorem 10.3).
 *
 * <p>Thread rule: the owner of the matrix's workspace. Allocates nothing but for {@link
 * Blas#scratchBytes()} once.
 */
public final class Cholesky {
  /** Columns of an inverse that are solved for at once. */
  private static final int PANEL = 128;

  /** Rows and columns that are transposed at once. */
  private static final int TILE = 32;

  private Cholesky() {}

  /**
   * Overwrites the lower triangle of A with L; the upper triangle is neither read nor written.
   *
   * @param a A, n×n
   * @return true if A is positive definite to working precision; false if a pivot was not positive
   *     (or NaN), and then the lower triangle is partly overwritten
   */
  public static boolean factor(Mat a) {
    Check.operand("a", a, a.precision);
    Check.square("a", a);
    long scratch = a.storage.workspace.productScratch(Blas.scratchBytes()).address();
    int done =
        a.precision == F64
            ? dev.natgrad.kernel.f64.Level3.potrf(a.rows, a.address, a.stride, scratch)
            : dev.natgrad.kernel.f32.Level3.potrf(a.rows, a.address, a.stride, scratch);
    return done == a.rows;
  }

  /**
   * x ← (LLᵀ)⁻¹x.
   *
   * @param l the factor, in the lower triangle
   * @param x a vector of length n
   */
  public static void solve(Mat l, Vec x) {
    Blas.trsv(Triangle.LOWER, Transpose.NO, l, x);
    Blas.trsv(Triangle.LOWER, Transpose.YES, l, x);
  }

  /**
   * B ← (LLᵀ)⁻¹B.
   *
   * @param l the factor, n×n, in the lower triangle
   * @param b B, n×m
   */
  public static void solve(Mat l, Mat b) {
    Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.NO, 1, l, b);
    Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.YES, 1, l, b);
  }

  /**
   * C ← (LLᵀ)⁻¹, both triangles, in ⅔n³ + O(n²) flops: each panel of columns is solved for from its
   * diagonal down, which is all that a symmetric result needs.
   *
   * @param l the factor, n×n, in the lower triangle
   * @param c C, n×n
   */
  public static void invert(Mat l, Mat c) {
    Check.operand("l", l, c.precision);
    Check.operand("c", c, c.precision);
    Check.square("c", c);
    Check.shape("l", l, c.rows, c.cols);
    Check.disjoint("l", l, "c", c);
    int n = c.rows;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        Elements.set(c.rowAddress(i), j, i == j ? 1 : 0, c.precision);
      }
    }
    long scratch = c.storage.workspace.productScratch(Blas.scratchBytes()).address();
    for (int j = 0; j < n; j += PANEL) {
      int cols = Math.min(PANEL, n - j);
      long t = l.rowAddress(j) + (long) j * l.precision.bytes();
      long panel = c.rowAddress(j) + (long) j * c.precision.bytes();
      trsm(c.precision, false, n - j, cols, t, l.stride, panel, c.stride, scratch);
      trsm(c.precision, true, n - j, cols, t, l.stride, panel, c.stride, scratch);
    }
    mirror(c);
  }

  private static void trsm(
      Precision precision,
      boolean transposed,
      int m,
      int n,
      long t,
      int ldt,
      long b,
      int ldb,
      long scratch) {
    if (precision == F64) {
      dev.natgrad.kernel.f64.Level3.trsm(true, true, transposed, m, n, 1, t, ldt, b, ldb, scratch);
    } else {
      dev.natgrad.kernel.f32.Level3.trsm(true, true, transposed, m, n, 1, t, ldt, b, ldb, scratch);
    }
  }

  /**
   * Copies the lower triangle of a matrix over its upper one.
   *
   * @param a A, n×n
   */
  public static void mirror(Mat a) {
    Check.operand("a", a, a.precision);
    Check.square("a", a);
    for (int rows = 0; rows < a.rows; rows += TILE) {
      int end = Math.min(a.rows, rows + TILE);
      for (int cols = 0; cols <= rows; cols += TILE) {
        mirrorTile(a, rows, end, cols);
      }
    }
  }

  private static void mirrorTile(Mat a, int first, int end, int cols) {
    for (int j = cols; j < Math.min(end, cols + TILE); j++) {
      long upper = a.rowAddress(j);
      for (int i = Math.max(first, j + 1); i < end; i++) {
        double value = Elements.get(a.rowAddress(i), j, a.precision);
        Elements.set(upper, i, value, a.precision);
      }
    }
  }
}
