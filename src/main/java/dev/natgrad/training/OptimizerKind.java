package dev.natgrad.training;

import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.Damping;
import dev.natgrad.optimizer.GradientDescent;
import dev.natgrad.optimizer.Momentum;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;

/**
 * The optimisers a training run can choose from, each with the settings it is given where the user
 * gives none.
 *
 * <p>Immutable; usable from any thread on workspaces that thread owns.
 */
public enum OptimizerKind {
  /**
   * The natural gradient, on all samples where they are affordable, with the radius following ρ.
   */
  NATURAL_GRADIENT("natural-gradient", Double.NaN, 2048),
  /** Gradient descent, on minibatches. */
  GRADIENT_DESCENT("gradient-descent", 0.1, 128),
  /** Nesterov momentum with μ = 0.9, on minibatches. */
  MOMENTUM("momentum", 0.03, 128),
  /** Adam, on minibatches. */
  ADAM("adam", 2e-3, 128);

  /**
   * Samples times parameters of a step: a Fisher product then takes some hundredths of a second.
   */
  public static final long AFFORDABLE = 500_000_000;

  /** μ of {@link #MOMENTUM}. */
  private static final double NESTEROV = 0.9;

  private final String spelling;
  private final double learningRate;
  private final int batch;

  OptimizerKind(String spelling, double learningRate, int batch) {
    this.spelling = spelling;
    this.learningRate = learningRate;
    this.batch = batch;
  }

  /**
   * Returns the name as the command line spells it.
   *
   * @return such as {@code natural-gradient}
   */
  public String spelling() {
    return spelling;
  }

  /**
   * Returns the learning rate where none is given.
   *
   * @return η; NaN for the natural gradient, which has none
   */
  public double defaultLearningRate() {
    return learningRate;
  }

  /**
   * Returns the samples of a step where no number is given: a minibatch for the controls; for the
   * natural gradient, whose curvature wants large batches, as many as keep samples·P within {@link
   * #AFFORDABLE}, and at least 2,048.
   *
   * @param samples the number of training samples
   * @param parameters P
   * @return at least 1, at most {@code samples}
   */
  public int defaultBatch(int samples, int parameters) {
    long wanted = this == NATURAL_GRADIENT ? Math.max(batch, AFFORDABLE / parameters) : batch;
    return (int) Math.max(1, Math.min(samples, wanted));
  }

  /**
   * Returns how many steps lie between evaluations: an epoch, and for the controls on the whole set
   * ten steps, which cost about what one of the natural gradient does.
   *
   * @param samples the number of training samples
   * @param batch the samples of a step
   * @return at least 1
   */
  public int evaluateEvery(int samples, int batch) {
    int epoch = Math.max(1, samples / Math.max(1, batch));
    return this == NATURAL_GRADIENT ? epoch : Math.max(10, epoch);
  }

  /**
   * Returns the evaluations without a better validation loss after which to stop.
   *
   * @return at least 1
   */
  public int patience() {
    return 20;
  }

  /**
   * Takes an optimiser of this kind.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param epsilon ε as a hard cap for the natural gradient, or NaN to let ρ move it
   * @param standardized whether the features have one scale, which decides how the natural gradient
   *     damps
   * @param learningRate η for the others
   * @param seed the seed of whatever the optimiser draws
   * @return the optimiser
   */
  public Optimizer create(
      Workspace workspace,
      Problem problem,
      double epsilon,
      boolean standardized,
      double learningRate,
      long seed) {
    return create(workspace, problem, natural(epsilon, standardized, seed), learningRate);
  }

  /**
   * Takes an optimiser of this kind.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param natural how the natural gradient steps; not used by the others
   * @param learningRate η for the others
   * @return the optimiser
   */
  public Optimizer create(
      Workspace workspace, Problem problem, NaturalGradientOptions natural, double learningRate) {
    return switch (this) {
      case NATURAL_GRADIENT -> new NaturalGradient(workspace, problem, natural);
      case GRADIENT_DESCENT -> new GradientDescent(workspace, problem, learningRate);
      case MOMENTUM -> new Momentum(workspace, problem, learningRate, NESTEROV);
      case ADAM -> new Adam(workspace, problem, learningRate);
    };
  }

  /**
   * Returns how the natural gradient steps where no more is asked for.
   *
   * @param epsilon ε as a hard cap, or NaN to let ρ move it
   * @param standardized whether the features have one scale, which decides how it damps
   * @param seed the seed of whatever it draws
   * @return the options
   */
  public static NaturalGradientOptions natural(double epsilon, boolean standardized, long seed) {
    return options(epsilon)
        .withDampingScale(standardized ? Damping.Scale.IDENTITY : Damping.Scale.DIAGONAL)
        .withSeed(seed);
  }

  /**
   * Returns the off-heap memory an optimiser of this kind takes with the options of {@link
   * #natural}.
   *
   * @param problem what is to be minimised
   * @return bytes
   */
  public long bytes(Problem problem) {
    return bytes(problem, options(Double.NaN));
  }

  /**
   * Returns the off-heap memory an optimiser of this kind takes.
   *
   * @param problem what is to be minimised
   * @param natural how the natural gradient steps; not used by the others
   * @return bytes
   */
  public long bytes(Problem problem, NaturalGradientOptions natural) {
    return switch (this) {
      case NATURAL_GRADIENT -> NaturalGradient.bytes(problem, natural);
      case GRADIENT_DESCENT -> GradientDescent.bytes(problem);
      case MOMENTUM -> Momentum.bytes(problem);
      case ADAM -> Adam.bytes(problem);
    };
  }

  private static NaturalGradientOptions options(double epsilon) {
    return Double.isNaN(epsilon)
        ? NaturalGradientOptions.automatic()
        : NaturalGradientOptions.within(epsilon);
  }
}
