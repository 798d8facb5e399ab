package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

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
   * C ← (LLᵀ)⁻¹ = MᵀM, both triangles, M = L⁻¹, in ⅔n³ + O(n²) flops: panel by panel, only what is
   * not zero. As a product of M with itself C is positive semi-definite but for the rounding of
   * that product, |ΔC| ≤ γₙ|M|ᵀ|M|, however ill-conditioned L is.
   *
   * @param l the factor, n×n, in the lower triangle, which is overwritten
   * @param c C, n×n
   */
  public static void invert(Mat l, Mat c) {
    Check.operand("l", l, c.precision);
    Check.operand("c", c, c.precision);
    Check.square("c", c);
    Check.shape("l", l, c.rows, c.cols);
    Check.disjoint("l", l, "c", c);
    int n = c.rows;
    // Before anything is written: the workspace may have no room for it.
    long scratch = c.storage.workspace.productScratch(Blas.scratchBytes()).address();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        Elements.set(c.rowAddress(i), j, i == j ? 1 : 0, c.precision);
      }
    }
    for (int j = 0; j < n; j += PANEL) {
      inverseColumns(l, c, j, Math.min(PANEL, n - j), scratch);
    }
    for (int i = 0; i < n; i += PANEL) {
      squareRows(c, l, i, Math.min(PANEL, n - i), scratch);
    }
    for (int i = 0; i < n; i++) {
      Elements.copy(l.rowAddress(i), c.rowAddress(i), (i + 1L) * c.precision.bytes());
    }
    mirror(c);
  }

  /** A panel of M from the identity, from the diagonal down. */
  private static void inverseColumns(Mat l, Mat m, int j, int cols, long scratch) {
    int rows = l.rows - j;
    long t = element(l, j, j);
    long panel = element(m, j, j);
    if (m.precision == F64) {
      dev.natgrad.kernel.f64.Level3.trsm(
          true, true, false, rows, cols, 1, t, l.stride, panel, m.stride, scratch);
    } else {
      dev.natgrad.kernel.f32.Level3.trsm(
          true, true, false, rows, cols, 1, t, l.stride, panel, m.stride, scratch);
    }
  }

  /** The rows of MᵀM, up to the diagonal's block: M's rows above theirs are zero. */
  private static void squareRows(Mat m, Mat c, int i, int rows, long scratch) {
    int n = i + rows;
    int k = m.rows - i;
    long a = element(m, i, i);
    long b = element(m, i, 0);
    long to = element(c, i, 0);
    if (c.precision == F64) {
      dev.natgrad.kernel.f64.Level3.gemm(
          rows, n, k, 1, a, 1, m.stride, b, m.stride, 1, 0, to, c.stride, scratch);
    } else {
      dev.natgrad.kernel.f32.Level3.gemm(
          rows, n, k, 1, a, 1, m.stride, b, m.stride, 1, 0, to, c.stride, scratch);
    }
  }

  private static long element(Mat a, int row, int col) {
    return a.rowAddress(row) + (long) col * a.precision.bytes();
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
