package dev.natgrad.distribution;

import dev.natgrad.linalg.Mat;

/**
 * A distribution P(y | z) of a row of targets y given a row of model outputs z, with everything the
 * natural gradient asks of it.
 *
 * <p>All matrices have one sample a row: Z, Y, M, T, U are B×{@link #outputs()}. F_z is the Fisher
 * matrix of one row, E over y ~ P(·|z) of ∇_z log P ∇_z log Pᵀ, outputs×outputs. It and the score
 * depend on z only through the mean parameters M = E[y | z], which are computed once per point by
 * {@link #mean}.
 *
 * <p>Thread rule: stateless; the matrices' owner. Allocates nothing.
 */
public interface OutputDistribution {
  /**
   * Returns the distribution's name as the command line and files spell it.
   *
   * @return lower case, such as {@code categorical}
   */
  String name();

  /**
   * Returns the number of outputs of one sample.
   *
   * @return at least 1
   */
  int outputs();

  /**
   * Tells whether a target is one class out of several: a single output is then a probability of
   * class 1, several are a probability each, summing to 1.
   *
   * @return whether accuracy means something
   */
  boolean classifies();

  /**
   * Checks that Y holds legal targets.
   *
   * @param y Y, B×outputs
   * @throws IllegalArgumentException naming the row, the value and the rule if it does not
   */
  void checkTargets(Mat y);

  /**
   * M ← E[y | z], the mean parameters.
   *
   * @param z Z
   * @param m M, overwritten; may be Z
   */
  void mean(Mat z, Mat m);

  /**
   * Returns the mean over the rows of −log P(y | z), in nats, accumulated in double.
   *
   * @param z Z, at least one row
   * @param y Y
   * @return the mean negative log-likelihood
   */
  double negativeLogLikelihood(Mat z, Mat y);

  /**
   * U ← α·∂(−log P(y | z))/∂z in every row.
   *
   * @param alpha α, such as 1/B for the gradient of the mean
   * @param m M at z
   * @param y Y
   * @param u U, overwritten; may be neither M nor Y
   */
  void score(double alpha, Mat m, Mat y, Mat u);

  /**
   * U ← α·F_z t in every row.
   *
   * @param alpha α
   * @param m M at z
   * @param t T
   * @param u U, overwritten; may be T
   */
  void fisherProduct(double alpha, Mat m, Mat t, Mat u);

  /**
   * U ← α·B t in every row, where BBᵀ = F_z.
   *
   * @param alpha α
   * @param m M at z
   * @param t T
   * @param u U, overwritten; may be T
   */
  void fisherFactor(double alpha, Mat m, Mat t, Mat u);

  /**
   * U ← α·Bᵀ t in every row, where BBᵀ = F_z; so ‖Bᵀt‖² = tᵀF_z t.
   *
   * @param alpha α
   * @param m M at z
   * @param t T
   * @param u U, overwritten; may be T
   */
  void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u);

  /**
   * Y ← one draw from P(· | z) in every row. The draw of row i is a function of (seed, draw, i)
   * alone.
   *
   * @param m M at z
   * @param seed the seed of the generator
   * @param draw the number of the draw
   * @param y Y, overwritten
   */
  void sample(Mat m, long seed, long draw, Mat y);

  /**
   * Returns KL(P(·|z_from) ‖ P(·|z_to)) in nats, over the rows: their mean or their maximum.
   * Computed in double for both precisions, without cancellation.
   *
   * @param from the outputs of the first distribution, at least one row
   * @param to the outputs of the second
   * @param over mean or maximum over the rows
   * @return at least 0; infinite or NaN only if the outputs are not finite
   */
  double kl(Mat from, Mat to, KlOver over);

  /**
   * Returns a bound on how far {@link #kl} may be from the KL of the exact outputs when every entry
   * of both outputs has an absolute error up to {@code outputError}, to first and second order.
   *
   * @param kl the KL that was computed
   * @param outputError the largest absolute error of an output, at least 0
   * @return an absolute bound in nats, at least 0
   */
  double klErrorBound(double kl, double outputError);
}
