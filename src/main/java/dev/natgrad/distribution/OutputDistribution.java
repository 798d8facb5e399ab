package dev.natgrad.distribution;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;

/**
 * A distribution P(y | z) of a row of targets y given a row of model outputs z, with everything the
 * natural gradient asks of it. A user's own implements this interface.
 *
 * <p>All matrices have one sample a row: Z, M, T, U are B×{@link #outputs()}, Y is B×{@link
 * #targets()}. F_z is the Fisher matrix of one row, E over y ~ P(·|z) of ∇_z log P ∇_z log Pᵀ,
 * outputs×outputs. It and the score are computed from the parameters M, which {@link #mean}
 * computes once per point.
 *
 * <p>Thread rule: stateless unless it says otherwise; the matrices' owner. Allocates nothing, but
 * for {@link #choices}. Errors, besides a method's own: {@link IllegalStateException} for a closed
 * workspace, {@link WrongThreadException} for a foreign thread.
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
   * Returns the number of targets of one sample: as many as outputs, unless an output is no mean.
   *
   * @return 1 to {@link #outputs()}
   */
  default int targets() {
    return outputs();
  }

  /**
   * Tells whether a target is one class out of several: a single output is then a probability of
   * class 1, several are a probability each, summing to 1.
   *
   * @return whether a sample is one choice
   */
  boolean classifies();

  /**
   * Returns the choices among classes that a sample's targets make, from the left: how many columns
   * of the targets each takes, as {@link #classifies} has it for one.
   *
   * @return a new array, of all columns where the targets are one choice; empty where they are no
   *     classes and accuracy means nothing
   */
  default int[] choices() {
    return classifies() ? new int[] {targets()} : new int[0];
  }

  /**
   * Checks that every row of Y holds legal targets.
   *
   * @param y Y, B×targets
   * @throws IllegalArgumentException naming the row, the value and the rule if it does not, or if Y
   *     has another number of columns
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  default void checkTargets(Mat y) {
    Outputs.targets(y, this);
    for (int i = 0; i < y.rows(); i++) {
      checkTarget(y, i);
    }
  }

  /**
   * Checks that one row of Y holds legal targets.
   *
   * @param y Y, B×targets
   * @param row the row to look at
   * @throws IllegalArgumentException naming the row, the value and the rule if it does not
   * @throws IndexOutOfBoundsException if Y has no such row
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void checkTarget(Mat y, int row);

  /**
   * M ← the distribution's parameters at Z; its first targets() columns are E[y | z].
   *
   * @param z Z
   * @param m M, overwritten; may be Z
   * @throws IllegalArgumentException if a shape or precision does not fit, or Z and M overlap in
   *     part
   */
  void mean(Mat z, Mat m);

  /**
   * Returns the mean over the rows of −log P(y | z), in nats, accumulated in double, with all
   * normalising constants.
   *
   * @param z Z, at least one row
   * @param y Y
   * @return the mean negative log-likelihood
   * @throws IllegalArgumentException if a shape or precision does not fit or there is no row
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  double negativeLogLikelihood(Mat z, Mat y);

  /**
   * out ← log P(y | z) of every row, in nats.
   *
   * @param z Z
   * @param y Y
   * @param out a vector of length B in F64, overwritten
   * @throws IllegalArgumentException if a shape, length or precision does not fit
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void logProbabilities(Mat z, Mat y, Vec out);

  /**
   * U ← α·∂(−log P(y | z))/∂z in every row.
   *
   * @param alpha α, such as 1/B for the gradient of the mean
   * @param m M at z
   * @param y Y
   * @param u U, overwritten; may be neither M nor Y
   * @throws IllegalArgumentException if a shape or precision does not fit, or U overlaps M or Y in
   *     part
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void score(double alpha, Mat m, Mat y, Mat u);

  /**
   * As {@link #score}, for scores whose outer products estimate a Fisher matrix: where samples are
   * weighted, the root of the weight multiplies a row rather than the weight.
   *
   * @param alpha α
   * @param m M at z
   * @param y Y
   * @param u U, overwritten; may be neither M nor Y
   * @throws IllegalArgumentException if a shape or precision does not fit, or U overlaps M or Y in
   *     part
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  default void scoreFactor(double alpha, Mat m, Mat y, Mat u) {
    score(alpha, m, y, u);
  }

  /**
   * U ← α·F_z t in every row.
   *
   * @param alpha α
   * @param m M at z
   * @param t T
   * @param u U, overwritten; may be T
   * @throws IllegalArgumentException if a shape or precision does not fit, or T and U overlap in
   *     part
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void fisherProduct(double alpha, Mat m, Mat t, Mat u);

  /**
   * U ← α·B t in every row, where BBᵀ = F_z.
   *
   * @param alpha α
   * @param m M at z
   * @param t T
   * @param u U, overwritten; may be T
   * @throws IllegalArgumentException if a shape or precision does not fit, or T and U overlap in
   *     part
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void fisherFactor(double alpha, Mat m, Mat t, Mat u);

  /**
   * U ← α·Bᵀ t in every row, where BBᵀ = F_z; so ‖Bᵀt‖² = tᵀF_z t.
   *
   * @param alpha α
   * @param m M at z
   * @param t T
   * @param u U, overwritten; may be T
   * @throws IllegalArgumentException if a shape or precision does not fit, or T and U overlap in
   *     part
   * @throws IllegalStateException if something of this batch has not been told yet
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
   * @throws IllegalArgumentException if a shape does not fit
   */
  void sample(Mat m, long seed, long draw, Mat y);

  /**
   * Returns KL(P(·|z_from) ‖ P(·|z_to)) in nats, over the rows: their mean or their maximum.
   * Computed in double for both precisions, without cancellation.
   *
   * @param from the outputs of the first distribution, at least one row
   * @param to the outputs of the second
   * @param over mean or maximum over the rows
   * @return at least 0; infinite or NaN only if the outputs are not finite or a number on the way
   *     overflows F64
   * @throws IllegalArgumentException if a shape or precision does not fit or there is no row
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  double kl(Mat from, Mat to, KlOver over);

  /**
   * out ← KL(P(·|z_from) ‖ P(·|z_to)) of every row, in nats, as accurate as {@link #kl}.
   *
   * @param from the outputs of the first distribution
   * @param to the outputs of the second
   * @param out a vector of length B in F64, overwritten
   * @throws IllegalArgumentException if a shape, length or precision does not fit
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  void divergences(Mat from, Mat to, Vec out);

  /**
   * Returns a bound on how far a KL divergence may be from that of the exact outputs when every
   * entry of both outputs has an absolute error up to {@code outputError}. It costs at most a pass
   * over the outputs.
   *
   * @param from the outputs of the first distribution, at least one row
   * @param to the outputs of the second; may be {@code from}
   * @param over mean or maximum over the rows
   * @param kl the KL that {@link #kl} computed of them, or one to be reckoned with near them
   * @param outputError the largest absolute error of an output, at least 0
   * @return an absolute bound in nats, at least 0
   * @throws IllegalArgumentException if it looks at the outputs and they do not fit or have no row
   */
  double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError);

  /**
   * Returns the mean of one value per sample, as the distribution averages its samples.
   *
   * @param values a vector of length B ≥ 1 in F64
   * @return the mean
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  default double average(Vec values) {
    return Blas.sum(values) / values.length();
  }

  /**
   * Returns a number that is another one after anything was told that the distribution depends on
   * beside its arguments, as the weights of a batch are: what was measured before is then of
   * another function.
   *
   * @return a count ≥ 0; 0 unless overridden, for a distribution that never changes
   */
  default long told() {
    return 0;
  }

  /**
   * Tells whether samples have weights, so that {@link #rootWeights} has something to return. It
   * never changes, and whoever needs memory where there are weights takes it when it is built.
   *
   * @return whether {@link #average} and all that is scaled as it are weighted
   */
  default boolean weighted() {
    return false;
  }

  /**
   * Returns the roots that {@link #scoreFactor} and {@link #fisherFactor} multiply the rows by, for
   * means over the samples of what is no score, such as a layer's inputs: Σrᵢ²xᵢ/Σrᵢ². What is
   * computed of a row with a root of 0 counts for nothing, whatever it is.
   *
   * @param rows B
   * @return √(wᵢ/w̄), of length B in the precision of the matrices: not to be written, and valid
   *     until other weights are set; null without weights
   * @throws IllegalStateException if something of this batch has not been told yet
   */
  default Vec rootWeights(int rows) {
    return null;
  }
}
