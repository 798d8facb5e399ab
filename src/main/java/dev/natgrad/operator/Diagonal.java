package dev.natgrad.operator;

import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.Objects;

/**
 * diag(d): y ← α·d∘x + βy. As a preconditioner d holds the inverses of another operator's diagonal.
 *
 * <p>d is kept, not copied: writing to it changes the operator. Thread rule: the owner of d's
 * workspace. Allocates nothing.
 */
public final class Diagonal implements LinearOperator {
  private final Vec d;

  /**
   * diag(d).
   *
   * @param d the diagonal, of length n
   */
  public Diagonal(Vec d) {
    this.d = Objects.requireNonNull(d, "d");
  }

  @Override
  public int size() {
    return d.length();
  }

  @Override
  public Precision precision() {
    return d.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    Maps.hadamard(alpha, d, x, beta, y);
  }

  /**
   * y ← d∘x; returns xᵀy, accumulated in double, in the same pass over memory.
   *
   * @param x a vector of length n
   * @param y a vector of length n; not x, not d
   * @return Σ xᵢyᵢ
   */
  public double applyAndDot(Vec x, Vec y) {
    OperatorCheck.product(this, x, y);
    return KrylovUpdates.precondition(d, x, y);
  }

  /**
   * y ← y + d∘x and its products with x, in one pass over memory: for a sum of operators that ends
   * with this one.
   *
   * @param x a vector of length n
   * @param y a vector of length n; not x, not d
   * @param products set to xᵀx, xᵀy, yᵀy, accumulated in double
   */
  public void addAndDot(Vec x, Vec y, double[] products) {
    OperatorCheck.product(this, x, y);
    KrylovUpdates.shiftedCurvature(d, x, y, products);
  }
}
