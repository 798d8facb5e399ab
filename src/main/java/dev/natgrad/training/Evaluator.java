package dev.natgrad.training;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;

/**
 * Evaluates a model on any number of samples, {@link #BLOCK} rows at a time.
 *
 * <p>Thread rule: the owner of its workspace.
 */
public final class Evaluator {
  /** Samples evaluated at once: the memory it takes does not grow with the data. */
  public static final int BLOCK = 512;

  private final OutputDistribution distribution;
  private final Linearization linearization;
  private final Mat outputs;
  private final double[] parameters;
  private final double[] mean;
  private final double[] target;

  /**
   * Takes the buffers for one block.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param model the model
   * @param distribution the distribution of its targets
   * @param precision the format of parameters and samples
   */
  public Evaluator(
      Workspace workspace, Model model, OutputDistribution distribution, Precision precision) {
    this.distribution = distribution;
    this.linearization = model.linearize(workspace, BLOCK, precision);
    this.outputs = Mat.allocate(workspace, BLOCK, model.outputs(), precision);
    this.parameters = new double[model.outputs()];
    this.mean = new double[distribution.targets()];
    this.target = new double[distribution.targets()];
  }

  /**
   * Returns the off-heap memory it takes: a linearisation and the outputs of one block.
   *
   * @param model the model
   * @param precision the format of parameters and samples
   * @return bytes
   */
  public static long bytes(Model model, Precision precision) {
    return model.linearizationBytes(BLOCK, precision)
        + Mat.bytes(BLOCK, model.outputs(), precision);
  }

  /**
   * Evaluates the model at θ.
   *
   * @param theta θ
   * @param samples at least one
   * @return loss, accuracy and error
   * @throws IllegalArgumentException if there is no sample
   */
  public Evaluation evaluate(Vec theta, Samples samples) {
    int n = samples.count();
    if (n == 0) {
      throw new IllegalArgumentException("samples is empty; at least one is needed");
    }
    double loss = 0;
    double squares = 0;
    long correct = 0;
    for (int from = 0; from < n; from += BLOCK) {
      int rows = Math.min(BLOCK, n - from);
      Mat z = outputs.top(rows);
      Mat y = samples.y().block(from, 0, rows, samples.y().cols());
      linearization.evaluate(theta, samples.x().block(from, 0, rows, samples.x().cols()), z);
      loss += distribution.negativeLogLikelihood(z, y) * rows;
      distribution.mean(z, z);
      for (int i = 0; i < rows; i++) {
        z.copyRowTo(i, parameters, 0);
        System.arraycopy(parameters, 0, mean, 0, mean.length);
        y.copyRowTo(i, target, 0);
        correct += correct() ? 1 : 0;
        for (int j = 0; j < mean.length; j++) {
          squares += (mean[j] - target[j]) * (mean[j] - target[j]);
        }
      }
    }
    double accuracy = distribution.classifies() ? (double) correct / n : Double.NaN;
    return new Evaluation(loss / n, accuracy, Math.sqrt(squares / n / mean.length));
  }

  /** One output is a probability of class 1; several are one probability a class. */
  private boolean correct() {
    if (mean.length == 1) {
      return (mean[0] >= 0.5) == (target[0] >= 0.5);
    }
    return argmax(mean) == argmax(target);
  }

  private static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
