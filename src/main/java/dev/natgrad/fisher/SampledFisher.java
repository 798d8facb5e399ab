package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;

/**
 * The Fisher matrix by its definition, from N draws of the model's own distribution at every
 * sample:
 *
 * <pre>F ≈ 1/(B·N) Σᵢ Σₙ Jᵢᵀ sᵢₙ sᵢₙᵀ Jᵢ,  sᵢₙ = ∂ log P(yᵢₙ | zᵢ)/∂z,  yᵢₙ ~ P(· | zᵢ).</pre>
 *
 * Unbiased; its error falls as 1/√N. The targets of the data are not looked at: this is not the
 * matrix of the squared training gradients. A product is one tangent pass, N rank-one products and
 * one backward pass, whatever N.
 *
 * <p>Draws are counter-based: the k-th {@link #setPoint} (k = 0, 1, …) uses the draws kN … kN+N−1
 * of the seed. Its own memory is N + 2 matrices B×outputs and a vector of length B: {@link #bytes}.
 *
 * <p>Thread rule and allocation are {@link Fisher}'s.
 */
public final class SampledFisher extends ScoreFisher implements Stateful {
  private final int draws;
  private final long seed;

  private long points;

  /**
   * Joins a model and a distribution.
   *
   * @param workspace the owner of the buffers
   * @param linearization J, at the point it was last evaluated at
   * @param distribution P(y | z), with as many outputs as the model
   * @param parameters P
   * @param maxBatch the largest B, at least 1
   * @param draws N, at least 1
   * @param seed the seed of the draws
   * @param precision the format of the linearisation
   * @throws IllegalArgumentException if a number is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public SampledFisher(
      Workspace workspace,
      Linearization linearization,
      OutputDistribution distribution,
      int parameters,
      int maxBatch,
      int draws,
      long seed,
      Precision precision) {
    super(workspace, linearization, distribution, parameters, maxBatch, draws, precision);
    this.draws = draws;
    this.seed = seed;
  }

  /**
   * Returns the off-heap memory it takes: N + 2 matrices maxBatch×outputs and a vector of length
   * maxBatch.
   *
   * @param maxBatch the largest B
   * @param outputs the number of outputs of a sample
   * @param draws N
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int maxBatch, int outputs, int draws, Precision precision) {
    return bytesOf(maxBatch, outputs, draws, precision);
  }

  @Override
  public void setPoint(Mat mean) {
    draw(mean, seed, points * draws);
    points++;
  }

  /**
   * Tells the mean parameters at the linearisation's current point and takes the draws 0 … N−1 of a
   * given seed there, whatever was drawn before.
   *
   * @param mean M, as for {@link #setPoint}
   * @param seed the seed of these draws
   * @throws IllegalArgumentException if the mean's shape or precision does not fit
   */
  public void resample(Mat mean, long seed) {
    draw(mean, seed, 0);
  }

  private void draw(Mat mean, long seed, long first) {
    Views at = leave(mean);
    for (int n = 0; n < draws; n++) {
      distribution.sample(mean, seed, first + n, at.y());
      distribution.scoreFactor(1, mean, at.y(), at.scores()[n]);
    }
    arrive(mean);
  }

  /** {@inheritDoc} That is the number of the next draw, not the point. */
  @Override
  public void exchange(State state) {
    points = state.whole("points", points);
  }
}
