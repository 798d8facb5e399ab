package dev.natgrad.training;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import dev.natgrad.objective.NegativeLogLikelihood;
import dev.natgrad.objective.Objective;
import java.util.Arrays;
import java.util.Objects;

/**
 * Evaluates a model on any number of samples, {@link #BLOCK} rows at a time.
 *
 * <p>Thread rule: the owner of its workspace.
 */
public final class Evaluator {
  /** Samples evaluated at once: the memory it takes does not grow with the data. */
  public static final int BLOCK = 512;

  /** Told of every block before its loss is taken. */
  @FunctionalInterface
  public interface BlockListener {
    /**
     * Called once for each block.
     *
     * @param samples what is evaluated
     * @param from the first of the block's rows
     * @param rows how many it has
     */
    void onBlock(Samples samples, int from, int rows);
  }

  private final OutputDistribution distribution;
  private final Objective objective;
  private BlockListener blocks = (samples, from, rows) -> {};
  private final Linearization linearization;
  private final Mat outputs;
  private final double[] parameters;
  private final double[] mean;
  private final double[] target;

  /** Columns of each choice, and how often it was right. */
  private final int[] choices;

  private final long[] correct;

  /** Squared errors of each column of the targets. */
  private final double[] squares;

  private int count;

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
    this(workspace, model, distribution, new NegativeLogLikelihood(distribution), precision);
  }

  /**
   * Takes the buffers for one block.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param model the model
   * @param distribution the distribution of its targets
   * @param objective what is reported as the loss
   * @param precision the format of parameters and samples
   */
  public Evaluator(
      Workspace workspace,
      Model model,
      OutputDistribution distribution,
      Objective objective,
      Precision precision) {
    this.distribution = distribution;
    this.objective = Objects.requireNonNull(objective, "objective");
    this.linearization = model.linearize(workspace, BLOCK, precision);
    this.outputs = Mat.allocate(workspace, BLOCK, model.outputs(), precision);
    this.parameters = new double[model.outputs()];
    this.mean = new double[distribution.targets()];
    this.target = new double[distribution.targets()];
    this.choices = distribution.choices();
    this.correct = new long[choices.length];
    this.squares = new double[mean.length];
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
   * Has an objective or a distribution told what it needs of each block.
   *
   * @param listener called before the loss of a block is taken
   */
  public void setBlockListener(BlockListener listener) {
    blocks = Objects.requireNonNull(listener, "listener");
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
    Arrays.fill(squares, 0);
    Arrays.fill(correct, 0);
    count = n;
    for (int from = 0; from < n; from += BLOCK) {
      int rows = Math.min(BLOCK, n - from);
      Mat z = outputs.top(rows);
      Mat y = samples.y().block(from, 0, rows, samples.y().cols());
      linearization.evaluate(theta, samples.x().block(from, 0, rows, samples.x().cols()), z);
      blocks.onBlock(samples, from, rows);
      loss += objective.value(z, y) * rows;
      distribution.mean(z, z);
      for (int i = 0; i < rows; i++) {
        z.copyRowTo(i, parameters, 0);
        System.arraycopy(parameters, 0, mean, 0, mean.length);
        y.copyRowTo(i, target, 0);
        add();
      }
    }
    double right = Arrays.stream(correct).sum();
    double accuracy = choices.length == 0 ? Double.NaN : right / n / choices.length;
    double square = Arrays.stream(squares).sum() / n / mean.length;
    return new Evaluation(loss / n, accuracy, Math.sqrt(square));
  }

  /**
   * Returns each choice's own accuracy in the last evaluation.
   *
   * @return a new array, empty where the targets are not classes
   */
  public double[] accuracies() {
    return Arrays.stream(correct).mapToDouble(c -> (double) c / count).toArray();
  }

  /**
   * Returns the root of the mean squared error of each column of the targets in the last
   * evaluation, in the units of the encoded targets.
   *
   * @return a new array
   */
  public double[] rmses() {
    return Arrays.stream(squares).map(s -> Math.sqrt(s / count)).toArray();
  }

  private void add() {
    int from = 0;
    for (int c = 0; c < choices.length; c++) {
      correct[c] += correct(from, from + choices[c]) ? 1 : 0;
      from += choices[c];
    }
    for (int j = 0; j < mean.length; j++) {
      squares[j] += (mean[j] - target[j]) * (mean[j] - target[j]);
    }
  }

  /** One output is a probability of class 1; several are one probability a class. */
  private boolean correct(int from, int to) {
    if (to - from == 1) {
      return (mean[from] >= 0.5) == (target[from] >= 0.5);
    }
    return argmax(mean, from, to) == argmax(target, from, to);
  }

  private static int argmax(double[] values, int from, int to) {
    int best = from;
    for (int i = from + 1; i < to; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
