package dev.natgrad.demo;

import dev.natgrad.demo.Contest.Entrant;
import dev.natgrad.demo.Contest.Result;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.GradientDescent;
import dev.natgrad.optimizer.Momentum;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.training.Samples;
import java.util.ArrayList;
import java.util.List;

/**
 * Three interleaved spirals, told apart by a small network under four optimisers with the same time
 * each.
 *
 * @param model the network, in words
 * @param secondsEach the time of each optimiser, seconds
 * @param training the training points
 * @param results what came of each optimiser, the natural gradient first
 * @param regions class probabilities of each on a grid of {@link #GRID}² cells over [−{@link
 *     #EDGE}, {@link #EDGE}]², row 0 at the bottom, class fastest
 */
public record SpiralStudy(
    String model,
    double secondsEach,
    Spirals training,
    List<Result> results,
    List<double[]> regions) {
  /** Cells of the grid along each axis. */
  public static final int GRID = 96;

  /** The grid's edge. */
  public static final double EDGE = 1.2;

  private static final int TRAINING = 600;
  private static final int TEST = 1500;
  private static final long TRAINING_STREAM = 1;
  private static final long TEST_STREAM = 2;
  private static final int MINIBATCH = 100;
  private static final int WARM_UP_STEPS = 15;

  /**
   * Runs the study.
   *
   * @param seed the seed of points, weights and batches
   * @param secondsEach the time of each optimiser, seconds
   * @param progress told of the runs
   * @return what came of it
   */
  public static SpiralStudy run(long seed, double secondsEach, Progress progress) {
    Mlp model = Mlp.of(2, List.of(32, 32), Activation.TANH, Spirals.ARMS);
    Spirals training = Spirals.draw(seed, TRAINING_STREAM, TRAINING);
    try (Workspace workspace = Workspace.create()) {
      Contest contest =
          new Contest(
              "Spirals",
              model,
              new Categorical(Spirals.ARMS),
              samples(workspace, training),
              samples(workspace, Spirals.draw(seed, TEST_STREAM, TEST)),
              Starts.glorot(model, seed),
              seed);
      List<Result> results =
          contest.runAll(entrants(seed), secondsEach, WARM_UP_STEPS, 2 * secondsEach, progress);
      List<double[]> regions = new ArrayList<>();
      for (Result result : results) {
        regions.add(regions(model, result.theta()));
      }
      return new SpiralStudy(model.toString(), secondsEach, training, results, regions);
    }
  }

  /**
   * The share of the test points that a run's parameters put into their class.
   *
   * @param result one of a study's results
   * @return a number in [0, 1]
   */
  public static double accuracy(Result result) {
    return result.test().accuracy();
  }

  private static List<Entrant> entrants(long seed) {
    NaturalGradientOptions options = NaturalGradientOptions.automatic().withSeed(seed);
    return List.of(
        new Entrant(
            "Natural gradient",
            "all samples a step, ε from " + options.radius().epsilon().at(0) + " nats and led by ρ",
            TRAINING,
            2,
            (owner, problem) -> new NaturalGradient(owner, problem, options)),
        new Entrant(
            "Adam",
            "η = 0.01, minibatches of " + MINIBATCH,
            MINIBATCH,
            20,
            (owner, problem) -> new Adam(owner, problem, 0.01)),
        new Entrant(
            "Momentum",
            "Nesterov, μ = 0.9, η = 0.1, minibatches of " + MINIBATCH,
            MINIBATCH,
            20,
            (owner, problem) -> new Momentum(owner, problem, 0.1, 0.9)),
        new Entrant(
            "Gradient descent",
            "η = 0.5, minibatches of " + MINIBATCH,
            MINIBATCH,
            20,
            (owner, problem) -> new GradientDescent(owner, problem, 0.5)));
  }

  private static Samples samples(Workspace workspace, Spirals points) {
    double[][] inputs = new double[points.count()][];
    double[][] targets = new double[points.count()][Spirals.ARMS];
    for (int i = 0; i < points.count(); i++) {
      inputs[i] = new double[] {points.x()[i], points.y()[i]};
      targets[i][points.arm()[i]] = 1;
    }
    return new Samples(
        Contest.matrix(workspace, inputs, Precision.F64),
        Contest.matrix(workspace, targets, Precision.F64));
  }

  private static double[] regions(Mlp model, double[] theta) {
    double[][] inputs = new double[GRID * GRID][];
    for (int i = 0; i < inputs.length; i++) {
      double x = EDGE * (2 * (i % GRID + 0.5) / GRID - 1);
      double y = EDGE * (2 * (i / GRID + 0.5) / GRID - 1);
      inputs[i] = new double[] {x, y};
    }
    return Starts.means(model, new Categorical(Spirals.ARMS), theta, inputs, Precision.F64);
  }
}
