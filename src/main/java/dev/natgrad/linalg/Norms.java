package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.wide.RowNorms;

/**
 * Norms that error bounds are made of, computed in double for both precisions, under the rules of
 * {@link Blas}. A NaN anywhere gives NaN; squares beyond the range of double give infinity.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class Norms {
  private Norms() {}

  /**
   * Returns max |Aᵢⱼ|.
   *
   * @param a A, m×n
   * @return the largest absolute value; 0 if A is empty
   */
  public static double largestAbsolute(Mat a) {
    Check.operand("a", a, a.precision);
    return RowNorms.largestAbsolute(a.precision == F64, a.rows, a.cols, a.address, a.stride);
  }

  /**
   * Returns max |xᵢ|.
   *
   * @param x a vector of length n
   * @return the largest absolute value; 0 if n = 0
   */
  public static double largestAbsolute(Vec x) {
    Check.operand("x", x, x.precision);
    return RowNorms.largestAbsolute(x.precision == F64, 1, x.length, x.address, x.length);
  }

  /**
   * Returns max |sᵢAᵢⱼ|.
   *
   * @param s s, a vector of length m, of A's precision
   * @param a A, m×n
   * @return the largest absolute value of a row times its number; 0 if A is empty
   * @throws IllegalArgumentException if s is of another length or precision
   */
  public static double largestScaled(Vec s, Mat a) {
    Check.operand("s", s, a.precision);
    Check.operand("a", a, a.precision);
    Check.length("s", s, a.rows);
    return RowNorms.largestScaled(
        a.precision == F64, a.rows, a.cols, s.address, a.address, a.stride);
  }

  /**
   * Returns the largest 2-norm of a row of A; relative error ≤ γₙ of F64.
   *
   * @param a A, m×n
   * @return maxᵢ ‖Aᵢ·‖₂; 0 if A is empty
   */
  public static double largestRowNorm(Mat a) {
    Check.operand("a", a, a.precision);
    return RowNorms.largestRowNorm(a.precision == F64, a.rows, a.cols, a.address, a.stride);
  }

  /**
   * xᵢ ← ‖Aᵢ·‖₂, the 2-norm of each row; relative error ≤ γₙ of F64.
   *
   * @param a A, m×n
   * @param x a vector of length m in F64, overwritten
   * @throws IllegalArgumentException if x is of another length or precision, or shares memory with
   *     A
   */
  public static void rowNorms(Mat a, Vec x) {
    Check.operand("a", a, a.precision);
    Check.operand("x", x, F64);
    Check.length("x", x, a.rows);
    Check.disjoint("a", a, "x", x);
    RowNorms.rowNorms(a.precision == F64, a.rows, a.cols, a.address, a.stride, x.address);
  }

  /**
   * Returns the largest 2-norm of a column of A; relative error ≤ γₘ of F64.
   *
   * @param a A, m×n
   * @return maxⱼ ‖A·ⱼ‖₂; 0 if A is empty
   */
  public static double largestColumnNorm(Mat a) {
    Check.operand("a", a, a.precision);
    return RowNorms.largestColumnNorm(a.precision == F64, a.rows, a.cols, a.address, a.stride);
  }

  /**
   * Returns maxⱼ Σₖ (maxᵢ |Aᵢₖ|)·|Wₖⱼ|, a bound on every sum Σₖ |Aᵢₖ||Wₖⱼ| of a product AW that,
   * unlike the product of norms, does not depend on the units of A's columns. Takes {@link
   * Blas#scratchBytes()} of A's workspace, once.
   *
   * @param a A, m×n
   * @param w W, n×p
   * @return at least 0; infinite where n + p doubles do not fit in the scratch
   */
  public static double scaledProduct(Mat a, Mat w) {
    Check.operand("a", a, w.precision);
    Check.operand("w", w, w.precision);
    Check.shape("w", w, a.cols, w.cols);
    if (((long) a.cols + w.cols) * Double.BYTES > Blas.scratchBytes()) {
      return Double.POSITIVE_INFINITY;
    }
    return RowNorms.scaledProduct(
        a.precision == F64,
        a.rows,
        a.cols,
        w.cols,
        a.address,
        a.stride,
        w.address,
        w.stride,
        a.storage.workspace.productScratch(Blas.scratchBytes()).address());
  }
}
