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
}
