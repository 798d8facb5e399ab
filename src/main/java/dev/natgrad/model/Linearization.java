package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;

/**
 * A model at a point: after {@link #evaluate} at (θ, X) it gives products with the Jacobian there.
 *
 * <p>X has one sample a row, B rows, B ≤ the largest batch; Z = f(θ, X) is B×outputs; J is the
 * (B·outputs)×P Jacobian of Z, taken row by row. θ and X must stay unchanged while the products of
 * their point are used. So an output must share no memory with θ, X or its own inputs; {@link Mlp}
 * refuses it.
 *
 * <p>Thread rule: the owner of its workspace. Once a batch size has been seen, repeated calls with
 * the same {@code Vec} and {@code Mat} objects allocate nothing. Errors, besides a method's own:
 * {@link IllegalStateException} for a closed workspace, {@link WrongThreadException} for a foreign
 * thread.
 */
public interface Linearization {
  /**
   * Z ← f(θ, X), keeping what {@link #jvp} and {@link #vjp} need.
   *
   * @param theta θ, a vector of length P
   * @param x X, B×inputs
   * @param z Z, B×outputs, overwritten
   * @throws IllegalArgumentException if a shape or precision does not fit or B is above the largest
   *     batch
   */
  void evaluate(Vec theta, Mat x, Mat z);

  /**
   * Z ← f(θ, X) as {@link #evaluate}, for the X of the last evaluation with the numbers it had
   * then: what depends on X alone need not be computed again. The bits are the same.
   *
   * @param theta θ, a vector of length P
   * @param x X, B×inputs, unchanged since the last evaluation
   * @param z Z, B×outputs, overwritten
   * @throws IllegalArgumentException if a shape or precision does not fit or B is above the largest
   *     batch
   */
  default void evaluateAgain(Vec theta, Mat x, Mat z) {
    evaluate(theta, x, z);
  }

  /**
   * T ← J·v at the last evaluated point: how the outputs move when θ moves along v.
   *
   * @param v a vector of length P
   * @param t T, B×outputs, overwritten
   * @throws IllegalArgumentException if a shape or precision does not fit
   * @throws IllegalStateException if nothing has been evaluated
   */
  void jvp(Vec v, Mat t);

  /**
   * g ← Jᵀ·U + βg at the last evaluated point, summed over the batch.
   *
   * @param u U, B×outputs, unchanged
   * @param beta β; 0 does not read g
   * @param g a vector of length P
   * @throws IllegalArgumentException if a shape or precision does not fit
   * @throws IllegalStateException if nothing has been evaluated
   */
  void vjp(Mat u, double beta, Vec g);

  /**
   * Returns a bound on |computed − exact| of any entry of the last evaluated Z, for the parameters
   * and inputs as stored. It is probabilistic in the sense of Higham and Mary (A new approach to
   * probabilistic rounding error analysis, 2019): rounding errors are taken as independent, so a
   * sum of n terms counts √n rather than n; the constant makes a violation rarer than one in 10⁵.
   *
   * @return an absolute error, at least 0
   * @throws IllegalStateException if nothing has been evaluated
   */
  double outputErrorBound();

  /**
   * Returns about how far rounding may move an entry of the last evaluated Z, to judge whether a
   * difference between two evaluations says anything. No bound: where {@link #outputErrorBound} is
   * far too large to judge by, this may be smaller.
   *
   * @return an absolute error, at least 0; as long as it is not overridden the bound
   * @throws IllegalStateException if nothing has been evaluated
   */
  default double outputRounding() {
    return outputErrorBound();
  }
}
