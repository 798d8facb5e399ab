package dev.natgrad.objective;

import dev.natgrad.linalg.Mat;

/**
 * A function of a batch's outputs to be minimised, a mean over its samples. A user's own implements
 * this interface.
 *
 * <p>Thread rule: the matrices' owner. Allocates nothing once a batch size has been seen.
 */
public interface Objective {
  /** What {@link #told} returns where nobody counts. */
  long NOT_COUNTED = -1;

  /**
   * Checks that Y, and whatever else the objective was told of the batch, is legal.
   *
   * @param y Y, the targets, one sample a row
   * @throws IllegalArgumentException naming the row, the value and the rule if it does not
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void check(Mat y);

  /**
   * Returns the objective at outputs Z.
   *
   * @param z Z, B×outputs, at least one row
   * @param y Y, the targets
   * @return the mean over the samples
   */
  double value(Mat z, Mat y);

  /**
   * Returns a number that is another one after anything was told that {@link #value} or {@link
   * #gradient} depends on beside their arguments, such as the advantages of the batch to come. What
   * a step measured at its end then is of another function, and the next one measures it anew.
   *
   * @return a count ≥ 0, constant where nothing can be told; {@link #NOT_COUNTED}, unless
   *     overridden, has every step measure anew, which is right for every objective
   */
  default long told() {
    return NOT_COUNTED;
  }

  /**
   * Tells whether the Fisher matrix stands for this objective's second derivative, as it does for a
   * negative log-likelihood. If so, a step ends where the quadratic model of the objective has its
   * minimum, when that is nearer than the radius. If not, the radius alone says how long a step is,
   * and a multiple of the objective makes the same steps.
   *
   * @return true unless overridden
   */
  default boolean fisherIsCurvature() {
    return true;
  }

  /**
   * U ← α·B·∂value/∂Z: α times the gradient of every sample's own term.
   *
   * @param alpha α, such as 1/B for the gradient of the mean
   * @param z Z, as in the last {@link #value}
   * @param m M, the distribution's parameters at Z
   * @param y Y, the targets
   * @param u U, B×outputs, overwritten; none of the others
   */
  void gradient(double alpha, Mat z, Mat m, Mat y, Mat u);
}
