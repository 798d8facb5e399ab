package dev.natgrad.operator;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;

/**
 * A symmetric linear operator A on vectors of length n, known only by its products.
 *
 * <p>The five-argument product composes: a damped operator, a sum or a scaling needs no temporary
 * vector. Thread rule and allocation are the implementing class's, which states them. Errors,
 * besides a method's own: {@link IllegalStateException} for a closed workspace, {@link
 * WrongThreadException} for a foreign thread.
 */
public interface LinearOperator {
  /**
   * Returns n, the length of the vectors it maps.
   *
   * @return n ≥ 0, in elements
   */
  int size();

  /**
   * Returns the precision of the vectors it maps.
   *
   * @return the precision
   */
  Precision precision();

  /**
   * y ← αAx + βy.
   *
   * @param alpha α
   * @param x a vector of length n
   * @param beta β; 0 does not read y
   * @param y a vector of length n that shares no memory with x
   * @throws IllegalArgumentException if a length or a precision does not fit, or x and y overlap
   * @throws IllegalStateException if the operator must be told more first, as a Fisher matrix its
   *     point
   */
  void apply(double alpha, Vec x, double beta, Vec y);

  /**
   * y ← Ax and its products with x: what an iteration of a Krylov method asks for. An operator that
   * ends with a pass over y makes them in that pass.
   *
   * @param x a vector of length n
   * @param y a vector of length n that shares no memory with x
   * @param products set to xᵀx, xᵀy, yᵀy, accumulated in double
   * @throws IllegalArgumentException if a length or a precision does not fit, or x and y overlap
   * @throws IndexOutOfBoundsException if {@code products} has fewer than 3 elements
   * @throws IllegalStateException if the operator must be told more first, as a Fisher matrix its
   *     point
   */
  default void applyAndDot(Vec x, Vec y, double[] products) {
    apply(1, x, 0, y);
    KrylovUpdates.curvature(x, y, products);
  }

  /**
   * y ← Ax; returns xᵀy: what a Krylov method asks of its preconditioner.
   *
   * @param x a vector of length n
   * @param y a vector of length n that shares no memory with x
   * @return Σ xᵢyᵢ, accumulated in double
   * @throws IllegalArgumentException if a length or a precision does not fit, or x and y overlap
   * @throws IllegalStateException if the operator must be told more first, as a Fisher matrix its
   *     point
   */
  default double applyAndDot(Vec x, Vec y) {
    apply(1, x, 0, y);
    return Blas.dsdot(x, y);
  }
}
