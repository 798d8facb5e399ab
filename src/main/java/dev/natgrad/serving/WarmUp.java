package dev.natgrad.serving;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Model;
import dev.natgrad.objective.NegativeLogLikelihood;
import dev.natgrad.objective.Objective;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.random.Philox;
import dev.natgrad.serving.Counters.Counter;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * Drives what a service will run to its final compiled state, before there is traffic: predictions
 * of every kind of memory and batch size, offers, steps on easy, hard and saturated data, drift,
 * audits, publishing and rollback.
 *
 * <p>It does so on twins: a store, a queue, an updater and predictors of its own, built for the
 * same problem in a workspace of its own, on drawn data. So the service's own objects are not
 * touched at all, and what is compiled is the same, since compiled code belongs to the JVM. While
 * it runs it takes as much memory as the service; afterwards none.
 *
 * <p>Thread rule: any thread, one warm-up at a time for times that mean something. Allocates.
 */
public final class WarmUp {
  private static final int QUIET_ROUNDS = 4;
  private static final double SETTLED = 1.15;
  private static final int PREDICTIONS = 400;
  private static final int STEPS = 24;

  private final Problem problem;
  private final Optimizer optimizer;
  private final SampleQueue queue;
  private final SnapshotStore store;
  private final Updater updater;
  private final Predictor means;
  private final Predictor outputs;
  private final int batch;
  private final float[] feature;
  private final float[] answer;
  private final double[][] x;
  private final double[][] y;
  private final LongSupplier heap = JvmMeters.allocatedBytes();
  private double predictionNanos;
  private double stepNanos;
  private long allocated;

  private WarmUp(
      Workspace workspace,
      Problem problem,
      BiFunction<Workspace, Problem, Optimizer> factory,
      UpdaterOptions options) {
    Model model = problem.model();
    Precision precision = problem.precision();
    this.problem = problem;
    this.batch = options.batch();
    int targets = problem.distribution().targets();
    this.optimizer = factory.apply(workspace, problem);
    int capacity = 2 * batch;
    this.queue =
        problem.distribution() instanceof Weighted
            ? SampleQueue.weighted(model.inputs(), targets, precision, capacity)
            : new SampleQueue(model.inputs(), targets, precision, capacity);
    this.store = new SnapshotStore(workspace, model.parameters(), precision, 2, 1);
    Mat reference = Mat.allocate(workspace, batch, model.inputs(), precision);
    boolean shrinks = optimizer instanceof NaturalGradient;
    DriftBudget budget =
        new DriftBudget(
            0.05, KlOver.MEAN, 0, STEPS / 2, shrinks ? WhenSpent.SHRINK : WhenSpent.STOP);
    this.updater =
        new Updater(workspace, problem, optimizer, queue, store, options)
            .withDrift(new DriftControl(workspace, problem, reference, budget, System::nanoTime))
            .withAudit(new SelfAudit(workspace, problem, 1), 8);
    this.means = Predictor.ofMeans(workspace, store, model, problem.distribution(), batch);
    this.outputs = Predictor.ofOutputs(workspace, store, model, batch);
    this.feature = new float[model.inputs()];
    this.answer = new float[targets];
    this.x = new double[3][];
    this.y = new double[3][];
    draw(workspace);
  }

  /**
   * Warms up until nothing gets faster any more and predictions and steps allocate nothing, or the
   * budget is spent.
   *
   * @param problem what the service will minimise
   * @param factory makes an optimiser as the service's own, at any parameters
   * @param options how the service's updater will make steps
   * @param budgetNanos the most time to take, in nanoseconds, at least 0; a round is finished
   * @return what was reached
   * @throws IllegalArgumentException if the budget is negative
   */
  public static WarmUpReport run(
      Problem problem,
      BiFunction<Workspace, Problem, Optimizer> factory,
      UpdaterOptions options,
      long budgetNanos) {
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(factory, "factory");
    Objects.requireNonNull(options, "options");
    Arguments.atLeast("budgetNanos", budgetNanos, 0);
    try (Workspace workspace = Workspace.create()) {
      WarmUp warmUp = new WarmUp(workspace, twin(workspace, problem), factory, options);
      try (warmUp.queue) {
        return warmUp.rounds(budgetNanos);
      }
    }
  }

  /** The problem with weights of its own where it has weights. */
  private static Problem twin(Workspace workspace, Problem problem) {
    if (!(problem.distribution() instanceof Weighted weighted)) {
      return problem;
    }
    Precision precision = problem.precision();
    int most = problem.maxBatch();
    Weighted own = new Weighted(workspace, weighted.base(), most, precision);
    boolean likelihood = problem.objective() instanceof NegativeLogLikelihood;
    Objective objective = likelihood ? new NegativeLogLikelihood(own) : problem.objective();
    return new Problem(problem.model(), own, objective, most, precision, problem.l2());
  }

  private WarmUpReport rounds(long budgetNanos) {
    final long start = System.nanoTime();
    LongSupplier compilation = JvmMeters.compilationMillis();
    double firstPrediction = 0;
    double firstStep = 0;
    double bestPrediction = Double.POSITIVE_INFINITY;
    double bestStep = Double.POSITIVE_INFINITY;
    int quiet = 0;
    long rounds = 0;
    do {
      long compiled = compilation.getAsLong();
      round(rounds);
      if (rounds == 0) {
        firstPrediction = predictionNanos;
        firstStep = stepNanos;
      }
      rounds++;
      bestPrediction = Math.min(bestPrediction, predictionNanos);
      bestStep = Math.min(bestStep, stepNanos);
      boolean still =
          predictionNanos <= SETTLED * bestPrediction
              && stepNanos <= SETTLED * bestStep
              && allocated <= 0
              && compilation.getAsLong() == compiled;
      quiet = still ? quiet + 1 : 0;
    } while (quiet < QUIET_ROUNDS && System.nanoTime() - start < budgetNanos);
    return new WarmUpReport(
        System.nanoTime() - start,
        rounds,
        firstPrediction,
        predictionNanos,
        bestPrediction,
        firstStep,
        stepNanos,
        bestStep,
        allocated,
        quiet >= QUIET_ROUNDS);
  }

  /** Features at three scales, targets as the model itself draws them. */
  private void draw(Workspace workspace) {
    Model model = problem.model();
    Vec theta = optimizer.parameters();
    for (int i = 0; i < theta.length(); i++) {
      theta.set(i, 0.1 * Philox.normal(1, 0, i));
    }
    Mat features = Mat.allocate(workspace, batch, model.inputs(), problem.precision());
    Mat z = Mat.allocate(workspace, batch, model.outputs(), problem.precision());
    int width = problem.distribution().targets();
    Mat targets = Mat.allocate(workspace, batch, width, problem.precision());
    var linearization = model.linearize(workspace, batch, problem.precision());
    double[] scales = {1, 0.01, 30};
    for (int kind = 0; kind < scales.length; kind++) {
      for (int i = 0; i < batch; i++) {
        for (int j = 0; j < model.inputs(); j++) {
          long number = (long) i * model.inputs() + j;
          features.set(i, j, scales[kind] * Philox.normal(2, kind, number));
        }
      }
      linearization.evaluate(theta, features, z);
      problem.distribution().mean(z, z);
      problem.distribution().sample(z, 3, kind, targets);
      x[kind] = features.toArray();
      y[kind] = targets.toArray();
    }
  }

  private void round(long number) {
    restart();
    updater.publish();
    long bytes = heap.getAsLong();
    long start = System.nanoTime();
    for (int i = 0; i < PREDICTIONS; i++) {
      feature[0] = i;
      means.predict(feature, answer);
    }
    predictionNanos = (System.nanoTime() - start) / (double) PREDICTIONS;
    final long steps = updater.counters().get(Counter.STEPS);
    start = System.nanoTime();
    for (int i = 0; i < STEPS; i++) {
      learn((int) ((number + i / 4) % x.length));
    }
    long taken = updater.counters().get(Counter.STEPS) - steps;
    stepNanos = (System.nanoTime() - start) / (double) Math.max(1, taken);
    allocated = bytes == JvmMeters.UNKNOWN ? JvmMeters.UNKNOWN : heap.getAsLong() - bytes;
    long[] retained = store.retained();
    updater.rollBack(retained[retained.length - 1]);
    predictAll(number);
  }

  /** The parameters every round starts from. */
  private void restart() {
    Vec theta = optimizer.parameters();
    for (int i = 0; i < theta.length(); i++) {
      theta.set(i, 0.1 * Philox.normal(4, 0, i));
    }
    updater.setReference();
  }

  private void learn(int kind) {
    while (queue.size() + batch <= queue.capacity()) {
      queue.offer(x[kind], y[kind]);
    }
    updater.runOnce();
    means.predict(feature, answer);
  }

  /** Every kind of memory, and the batch sizes in turn. */
  private void predictAll(long number) {
    int inputs = problem.model().inputs();
    int width = problem.model().outputs();
    int means = problem.distribution().targets();
    int bytes = problem.precision().bytes();
    for (int i = 0; i < PREDICTIONS / 8; i++) {
      int rows = 1 + (int) ((number * PREDICTIONS / 8 + i) % batch);
      double[] wideX = new double[rows * inputs];
      System.arraycopy(x[0], 0, wideX, 0, wideX.length);
      this.means.predict(wideX, new double[rows * means]);
      outputs.predict(wideX, new double[rows * width]);
      outputs.predict(new float[rows * inputs], new float[rows * width]);
      MemorySegment from = MemorySegment.ofArray(new byte[rows * inputs * bytes]);
      this.means.predict(from, MemorySegment.ofArray(new byte[rows * means * bytes]));
    }
  }
}
