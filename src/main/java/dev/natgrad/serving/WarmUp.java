package dev.natgrad.serving;

import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * Drives what a service will run to its final compiled state, before there is traffic: predictions
 * of every kind of memory and batch size, offers, steps on easy, hard and saturated data and on few
 * samples, drift, audits, publishing and rollback, and the first of each after a start.
 *
 * <p>It does so on twins: a store, a queue, an updater and predictors of its own, built for the
 * same problem in a workspace of its own, on drawn data. So the service's own objects are not
 * touched at all, and what is compiled is the same, since compiled code belongs to the JVM. Twins
 * are built anew every few rounds: C2 leaves out what happens but once in a life, and would throw
 * its code away when the service does it. An objective of a user's own is not called, the twins
 * lower the negative log-likelihood. While it runs it takes somewhat more memory than the service;
 * afterwards none.
 *
 * <p>Thread rule: any thread, one warm-up at a time for times that mean something. Allocates.
 */
public final class WarmUp {
  private static final int QUIET_ROUNDS = 4;
  private static final int ROUNDS_OF_A_LIFE = 8;
  private static final double SETTLED = 1.15;

  private final Problem problem;
  private final BiFunction<Workspace, Problem, Optimizer> factory;
  private final UpdaterOptions options;
  private final LongSupplier compilation = JvmMeters.compilationMillis();
  private double firstPrediction;
  private double firstStep;
  private double bestPrediction = Double.POSITIVE_INFINITY;

  /** Of the first rounds of all lives, of the second and so on: their steps are not alike. */
  private final double[] bestSteps = new double[ROUNDS_OF_A_LIFE];

  private int quiet;
  private long rounds;

  private WarmUp(
      Problem problem, BiFunction<Workspace, Problem, Optimizer> factory, UpdaterOptions options) {
    this.problem = Objects.requireNonNull(problem, "problem");
    UpdaterParts.streamed(problem);
    this.factory = Objects.requireNonNull(factory, "factory");
    this.options = Objects.requireNonNull(options, "options");
    Arrays.fill(bestSteps, Double.POSITIVE_INFINITY);
  }

  /**
   * Warms up until nothing gets faster any more and predictions and steps allocate nothing, or the
   * budget is spent.
   *
   * @param problem what the service will minimise
   * @param factory makes an optimiser as the service's own, at any parameters; called several times
   * @param options how the service's updater will make steps
   * @param budgetNanos the most time to take, in nanoseconds, at least 0; a round is finished
   * @return what was reached
   * @throws IllegalArgumentException if the budget is negative, or the objective a policy's, whose
   *     advantages a stream does not bring
   */
  public static WarmUpReport run(
      Problem problem,
      BiFunction<Workspace, Problem, Optimizer> factory,
      UpdaterOptions options,
      long budgetNanos) {
    WarmUp warmUp = new WarmUp(problem, factory, options);
    Arguments.atLeast("budgetNanos", budgetNanos, 0);
    return warmUp.lives(budgetNanos);
  }

  private WarmUpReport lives(long budgetNanos) {
    final long start = System.nanoTime();
    while (true) {
      try (Workspace workspace = Workspace.create();
          WarmUpTwin twin = new WarmUpTwin(workspace, problem, factory, options)) {
        for (int i = 0; i < ROUNDS_OF_A_LIFE; i++) {
          round(twin, i);
          if (quiet >= QUIET_ROUNDS || System.nanoTime() - start >= budgetNanos) {
            return report(twin, bestSteps[i], System.nanoTime() - start);
          }
        }
      }
    }
  }

  private void round(WarmUpTwin twin, int age) {
    long compiled = compilation.getAsLong();
    twin.round(rounds);
    if (rounds == 0) {
      firstPrediction = twin.predictionNanos();
      firstStep = twin.stepNanos();
    }
    rounds++;
    bestPrediction = Math.min(bestPrediction, twin.predictionNanos());
    bestSteps[age] = Math.min(bestSteps[age], twin.stepNanos());
    boolean still =
        twin.predictionNanos() <= SETTLED * bestPrediction
            && twin.stepNanos() <= SETTLED * bestSteps[age]
            && twin.allocated() <= 0
            && compilation.getAsLong() == compiled;
    quiet = still ? quiet + 1 : 0;
  }

  private WarmUpReport report(WarmUpTwin twin, double bestStep, long nanos) {
    return new WarmUpReport(
        nanos,
        rounds,
        firstPrediction,
        twin.predictionNanos(),
        bestPrediction,
        firstStep,
        twin.stepNanos(),
        bestStep,
        twin.allocated(),
        quiet >= QUIET_ROUNDS);
  }
}
