package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;

/**
 * The so-called empirical Fisher matrix: the mean of the squared training gradients,
 *
 * <pre>F̃ = 1/B Σᵢ gᵢgᵢᵀ,  gᵢ = Jᵢᵀ ∂(−log P(yᵢ | zᵢ))/∂z,  yᵢ the targets of the data.</pre>
 *
 * It is <em>not</em> the Fisher matrix, whose expectation is over the model's own distribution: the
 * two agree only where the model is right about the data, and near a minimum F̃ vanishes with the
 * gradients while F does not (Kunstner, Balles and Hennig, Limitations of the empirical Fisher
 * approximation for natural gradient descent, 2019). A quadratic model with F̃ says nothing about
 * KL. Use {@link ExactFisher} or {@link SampledFisher} unless it is this matrix you want, as for
 * preconditioning or for comparison with other systems.
 *
 * <p>Its own memory is three matrices B×outputs and a vector of length B: {@link #bytes}.
 *
 * <p>Thread rule and allocation are {@link Fisher}'s.
 */
public final class EmpiricalFisher extends ScoreFisher {
  /**
   * Joins a model and a distribution.
   *
   * @param workspace the owner of the buffers
   * @param linearization J, at the point it was last evaluated at
   * @param distribution P(y | z), with as many outputs as the model
   * @param parameters P
   * @param maxBatch the largest B, at least 1
   * @param precision the format of the linearisation
   * @throws IllegalArgumentException if a number is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public EmpiricalFisher(
      Workspace workspace,
      Linearization linearization,
      OutputDistribution distribution,
      int parameters,
      int maxBatch,
      Precision precision) {
    super(workspace, linearization, distribution, parameters, maxBatch, 1, precision);
  }

  /**
   * Returns the off-heap memory it takes: three matrices maxBatch×outputs and a vector of length
   * maxBatch.
   *
   * @param maxBatch the largest B
   * @param outputs the number of outputs of a sample
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int maxBatch, int outputs, Precision precision) {
    return bytesOf(maxBatch, outputs, 1, precision);
  }

  /**
   * Tells the point together with the targets that the gradients are of.
   *
   * @param mean M, as for {@link Fisher#setPoint}
   * @param targets Y, B×outputs, legal targets of the distribution; read now, not kept
   * @throws IllegalArgumentException if a shape or precision does not fit
   */
  public void setPoint(Mat mean, Mat targets) {
    Views at = leave(mean);
    distribution.scoreFactor(1, mean, targets, at.scores()[0]);
    arrive(mean);
  }

  /**
   * Refuses: this matrix depends on the targets.
   *
   * @param mean not read
   * @throws IllegalStateException always
   */
  @Override
  public void setPoint(Mat mean) {
    throw new IllegalStateException(
        "the empirical Fisher matrix needs the targets: call setPoint(mean, targets), or use"
            + " ExactFisher or SampledFisher, which do not");
  }
}
