package dev.natgrad.operator;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.Objects;

/**
 * A + λI: how an operator is damped. The operator A is kept, not copied.
 *
 * <p>One product with A and one axpy. Thread rule: A's. Allocates nothing.
 */
public final class Shifted implements LinearOperator {
  private final LinearOperator a;
  private double lambda;

  /**
   * A + λI.
   *
   * @param a A
   * @param lambda λ, any finite number
   * @throws IllegalArgumentException if λ is not finite
   */
  public Shifted(LinearOperator a, double lambda) {
    this.a = Objects.requireNonNull(a, "a");
    setShift(lambda);
  }

  /**
   * Returns the shift.
   *
   * @return λ
   */
  public double shift() {
    return lambda;
  }

  /**
   * Changes the shift; the next product uses it.
   *
   * @param lambda λ, any finite number
   * @throws IllegalArgumentException if λ is not finite
   */
  public void setShift(double lambda) {
    if (!Double.isFinite(lambda)) {
      throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite");
    }
    this.lambda = lambda;
  }

  @Override
  public int size() {
    return a.size();
  }

  @Override
  public Precision precision() {
    return a.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    a.apply(alpha, x, beta, y);
    Blas.axpy(alpha * lambda, x, y);
  }

  @Override
  public void applyAndDot(Vec x, Vec y, double[] products) {
    OperatorCheck.product(this, x, y);
    a.apply(1, x, 0, y);
    KrylovUpdates.shiftedCurvature(lambda, x, y, products);
  }
}
