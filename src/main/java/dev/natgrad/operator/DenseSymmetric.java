package dev.natgrad.operator;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;

/**
 * A symmetric matrix held in memory: y ← αAx + βy, of which only the lower triangle is read.
 *
 * <p>A is kept, not copied. Thread rule: the owner of A's workspace. Allocates nothing.
 */
public final class DenseSymmetric implements LinearOperator {
  private final Mat a;

  /**
   * An operator of a matrix.
   *
   * @param a A, n×n
   * @throws IllegalArgumentException if A is not square
   */
  public DenseSymmetric(Mat a) {
    if (a.rows() != a.cols()) {
      throw new IllegalArgumentException(
          "a is " + a.rows() + "×" + a.cols() + "; a symmetric matrix is square");
    }
    this.a = a;
  }

  @Override
  public int size() {
    return a.rows();
  }

  @Override
  public Precision precision() {
    return a.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    Blas.symv(alpha, a, x, beta, y);
  }
}
