package dev.natgrad.demo;

import dev.natgrad.demo.Contest.Entrant;
import dev.natgrad.demo.Contest.Result;
import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Mlp.Layer;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.Momentum;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.training.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A deep autoencoder of {@link Curves} under three optimisers with the same time each: every pixel
 * is a Bernoulli variable, and the loss is the cross-entropy summed over an image's pixels.
 *
 * @param model the network, in words
 * @param secondsEach the time of each optimiser, seconds
 * @param floor the entropy of the training images, nats per image: no model can get below it
 * @param results what came of each optimiser, the natural gradient first
 * @param originals test images, {@link #SHOWN} of them
 * @param reconstructions for each optimiser what it made of them
 */
public record CurvesStudy(
    String model,
    double secondsEach,
    double floor,
    List<Result> results,
    List<double[]> originals,
    List<List<double[]>> reconstructions) {
  /** Test images that are shown. */
  public static final int SHOWN = 12;

  private static final int TRAINING = 1000;
  private static final int TEST = 500;
  private static final long TRAINING_STREAM = 1;
  private static final long TEST_STREAM = 2;
  private static final int WIDE = 100;
  private static final int NARROW = 50;
  private static final int CODE = 6;
  private static final int MINIBATCH = 100;
  private static final int WARM_UP_STEPS = 3;
  private static final int CG_ITERATIONS = 15;
  private static final double FIRST_EPSILON = 10;
  private static final double FIRST_DAMPING = 0.3;

  /**
   * Runs the study.
   *
   * @param seed the seed of images, weights and batches
   * @param secondsEach the time of each optimiser, seconds
   * @param progress told of the runs
   * @return what came of it
   */
  public static CurvesStudy run(long seed, double secondsEach, Progress progress) {
    Mlp model = autoencoder();
    double[][] training = Curves.draw(seed, TRAINING_STREAM, TRAINING);
    double[][] test = Curves.draw(seed, TEST_STREAM, TEST);
    try (Workspace workspace = Workspace.create()) {
      Contest contest =
          new Contest(
              "Curves",
              model,
              new Bernoulli(Curves.PIXELS),
              samples(workspace, training),
              samples(workspace, test),
              Starts.glorot(model, seed),
              seed);
      List<Result> results =
          contest.runAll(entrants(seed), secondsEach, WARM_UP_STEPS, 0.3 * secondsEach, progress);
      double[][] shown = Arrays.copyOf(test, SHOWN);
      List<List<double[]>> reconstructions = new ArrayList<>();
      for (Result result : results) {
        reconstructions.add(reconstruct(model, result.theta(), shown));
      }
      return new CurvesStudy(
          model.toString(),
          secondsEach,
          entropy(training),
          results,
          List.of(shown),
          reconstructions);
    }
  }

  /**
   * The squared difference between a test image and what a run's parameters made of it, summed over
   * the pixels; the mean over the test images.
   *
   * @param result one of a study's results
   * @return a number in [0, {@link Curves#PIXELS}]
   */
  public static double squaredError(Result result) {
    double rmse = result.test().rmse();
    return Curves.PIXELS * rmse * rmse;
  }

  private static Mlp autoencoder() {
    return Mlp.of(
        Curves.PIXELS,
        List.of(
            new Layer(WIDE, Activation.TANH),
            new Layer(NARROW, Activation.TANH),
            new Layer(CODE, Activation.IDENTITY),
            new Layer(NARROW, Activation.TANH),
            new Layer(WIDE, Activation.TANH),
            new Layer(Curves.PIXELS, Activation.IDENTITY)));
  }

  private static List<Entrant> entrants(long seed) {
    NaturalGradientOptions options =
        NaturalGradientOptions.automatic(FIRST_EPSILON)
            .withDamping(FIRST_DAMPING, true)
            .withConjugateGradient(CG_ITERATIONS, 1e-4)
            .withSeed(seed);
    return List.of(
        new Entrant(
            "Natural gradient",
            "all images a step, at most "
                + CG_ITERATIONS
                + " CG iterations, ε from 10 nats an image and led by ρ",
            TRAINING,
            1,
            (owner, problem) -> new NaturalGradient(owner, problem, options)),
        new Entrant(
            "Adam",
            "η = 0.004, minibatches of " + MINIBATCH,
            MINIBATCH,
            40,
            (owner, problem) -> new Adam(owner, problem, 4e-3)),
        new Entrant(
            "Momentum",
            "Nesterov, μ = 0.9, η = 0.005, minibatches of " + MINIBATCH,
            MINIBATCH,
            40,
            (owner, problem) -> new Momentum(owner, problem, 5e-3, 0.9)));
  }

  private static Samples samples(Workspace workspace, double[][] images) {
    Mat pixels = Contest.matrix(workspace, images, Precision.F32);
    return new Samples(pixels, pixels);
  }

  private static double entropy(double[][] images) {
    double sum = 0;
    for (double[] image : images) {
      for (double p : image) {
        sum -= p > 0 && p < 1 ? p * Math.log(p) + (1 - p) * Math.log1p(-p) : 0;
      }
    }
    return sum / images.length;
  }

  private static List<double[]> reconstruct(Mlp model, double[] theta, double[][] images) {
    double[] means =
        Starts.means(model, new Bernoulli(Curves.PIXELS), theta, images, Precision.F32);
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < images.length; i++) {
      rows.add(Arrays.copyOfRange(means, i * Curves.PIXELS, (i + 1) * Curves.PIXELS));
    }
    return rows;
  }
}
