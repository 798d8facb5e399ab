package dev.natgrad.demo;

import dev.natgrad.demo.Contest.Entrant;
import dev.natgrad.demo.Contest.Result;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.GradientDescent;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.training.Samples;
import dev.natgrad.training.TrainingHistory;

/**
 * The smallest problem that shows what the method is about: fitting N(μ, σ²) to samples by its two
 * parameters μ and ln σ.
 *
 * @param samples the samples, n
 * @param minimum the maximum-likelihood parameters (μ, ln σ), known in closed form
 * @param minimumLoss the loss there, nats per sample
 * @param natural the natural gradient's run
 * @param descent the best run of gradient descent
 * @param rates the learning rates that were tried
 * @param rate the one of the best run
 */
public record GaussianStudy(
    double[] samples,
    double[] minimum,
    double minimumLoss,
    Result natural,
    Result descent,
    double[] rates,
    double rate) {
  /** ε of the natural gradient, nats. */
  public static final double EPSILON = 0.05;

  /** A run has arrived once its loss is within this of the minimum, nats per sample. */
  public static final double ARRIVED = 1e-3;

  /** Next to none: two parameters and an exact Fisher matrix leave nothing to damp. */
  private static final double DAMPING = 1e-4;

  private static final int SAMPLES = 200;
  private static final double MEAN = 2;
  private static final double DEVIATION = 0.25;
  private static final double[] START = {-1.5, 0.6};
  private static final double SMALLEST_DEVIATION = 1e-3;
  private static final double[] RATES = {0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1};
  private static final int NATURAL_STEPS = 40;
  private static final int MOST_STEPS = 2000;

  /**
   * Runs the study, a second or two.
   *
   * @param seed the seed of the samples
   * @param progress told of the runs
   * @return what came of it
   */
  public static GaussianStudy run(long seed, Progress progress) {
    double[] x = GaussianSamples.draw(seed, SAMPLES, MEAN, DEVIATION);
    double[] minimum = maximumLikelihood(x);
    double minimumLoss = loss(x, minimum[0], minimum[1]);
    try (Workspace workspace = Workspace.create()) {
      Contest contest =
          new Contest(
              "Gaussian",
              new DirectParameters(2),
              new MeanLogDeviation(SMALLEST_DEVIATION),
              samples(workspace, x),
              null,
              START,
              seed);
      NaturalGradientOptions options =
          NaturalGradientOptions.within(EPSILON).withDamping(DAMPING, true).withSeed(seed);
      Result natural =
          contest.run(
              new Entrant(
                  "Natural gradient",
                  "ε = " + EPSILON,
                  SAMPLES,
                  1,
                  (owner, problem) -> new NaturalGradient(owner, problem, options)),
              NATURAL_STEPS,
              Double.POSITIVE_INFINITY,
              progress);
      Result best = null;
      double bestRate = Double.NaN;
      for (double rate : RATES) {
        Entrant entrant =
            new Entrant(
                "Gradient descent",
                "η = " + rate,
                SAMPLES,
                1,
                (owner, problem) -> new GradientDescent(owner, problem, rate));
        Result result = contest.run(entrant, MOST_STEPS, Double.POSITIVE_INFINITY, progress);
        if (best == null || better(result, best, minimumLoss)) {
          best = result;
          bestRate = rate;
        }
      }
      return new GaussianStudy(x, minimum, minimumLoss, natural, best, RATES.clone(), bestRate);
    }
  }

  private static Samples samples(Workspace workspace, double[] x) {
    double[][] inputs = new double[x.length][1];
    double[][] targets = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      targets[i] = new double[] {x[i], x[i] * x[i]};
    }
    return new Samples(
        Contest.matrix(workspace, inputs, Precision.F64),
        Contest.matrix(workspace, targets, Precision.F64));
  }

  private static double[] maximumLikelihood(double[] x) {
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    return new double[] {mean, 0.5 * Math.log(variance)};
  }

  /**
   * The mean negative log-likelihood of samples.
   *
   * @param x the samples
   * @param mu μ
   * @param logSigma ln σ
   * @return nats per sample
   */
  public static double loss(double[] x, double mu, double logSigma) {
    double sum = 0;
    for (double value : x) {
      double r = (value - mu) * Math.exp(-logSigma);
      sum += 0.5 * r * r;
    }
    return sum / x.length + logSigma + 0.5 * Math.log(2 * Math.PI);
  }

  private static boolean better(Result a, Result b, double minimumLoss) {
    long stepsA = arrival(a, minimumLoss);
    long stepsB = arrival(b, minimumLoss);
    if (stepsA >= 0 || stepsB >= 0) {
      return stepsB < 0 || stepsA >= 0 && stepsA < stepsB;
    }
    // A run that diverged has a loss that is not a number, and is no better than anything.
    return a.training().loss() < b.training().loss();
  }

  /** The step after which the loss stays within reach of the minimum, or −1. */
  private static long arrival(Result result, double minimumLoss) {
    long arrival = -1;
    for (TrainingHistory.Point point : result.run().history().points()) {
      if (!(point.training().loss() <= minimumLoss + ARRIVED)) {
        arrival = -1;
      } else if (arrival < 0) {
        arrival = point.step();
      }
    }
    return arrival;
  }

  /**
   * Steps until the loss was, and stayed, within {@link #ARRIVED} of the minimum.
   *
   * @param result one of this study's runs
   * @return steps, or −1 if it never was
   */
  public long arrival(Result result) {
    return arrival(result, minimumLoss);
  }

  /**
   * The learning rates that were tried, in words.
   *
   * @return such as {@code 0.01, 0.1, 1}
   */
  public String ratesTried() {
    StringBuilder text = new StringBuilder();
    for (double tried : rates) {
      text.append(text.length() == 0 ? "" : ", ");
      text.append(tried);
    }
    return text.toString();
  }
}
