package dev.natgrad.serving;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Model;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.random.Philox;
import dev.natgrad.serving.Counters.Counter;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * A service of its own for {@link WarmUp}: a store, queues, updaters and predictors, built for the
 * same problem, that learn and answer drawn samples.
 *
 * <p>C2 compiles what is called once a step only after some thousands of steps, which take minutes
 * where a batch takes milliseconds. So a second updater makes steps on few samples in between.
 */
final class WarmUpTwin implements AutoCloseable {
  private static final int PREDICTIONS = 400;
  private static final int STEPS = 24;
  private static final int FEW_SAMPLES = 4;
  private static final int SHORT_STEPS = 512;

  private final Workspace workspace;
  private final Problem problem;
  private final Optimizer optimizer;
  private final SampleQueue queue;
  private final SampleQueue fewSamples;
  private final SnapshotStore store;
  private final Updater updater;
  private final Updater shortSteps;
  private final Predictor means;
  private final Predictor outputs;
  private final int batch;
  private final int few;
  private final float[] feature;
  private final float[] answer;
  private final double[][] x;
  private final double[][] y;
  private final double[][] fewX;
  private final double[][] fewY;
  private final LongSupplier heap = JvmMeters.allocatedBytes();
  private double predictionNanos;
  private double stepNanos;
  private long allocated;

  WarmUpTwin(
      Workspace workspace,
      Problem original,
      BiFunction<Workspace, Problem, Optimizer> factory,
      UpdaterOptions options) {
    this.workspace = workspace;
    this.problem = twin(workspace, original);
    Model model = problem.model();
    Precision precision = problem.precision();
    this.batch = options.batch();
    this.few = Math.min(batch, FEW_SAMPLES);
    int targets = problem.distribution().targets();
    this.optimizer = factory.apply(workspace, problem);
    this.queue = queue(2 * batch);
    this.fewSamples = queue(few);
    this.store = new SnapshotStore(workspace, model.parameters(), precision, 2, 1);
    Mat reference = Mat.allocate(workspace, batch, model.inputs(), precision);
    boolean shrinks = optimizer instanceof NaturalGradient;
    DriftBudget budget =
        new DriftBudget(
            0.05, KlOver.MEAN, 0, STEPS / 2, shrinks ? WhenSpent.SHRINK : WhenSpent.STOP);
    SelfAudit audit = new SelfAudit(workspace, problem, 1);
    this.updater =
        new Updater(workspace, problem, optimizer, queue, store, options)
            .withDrift(new DriftControl(workspace, problem, reference, budget, System::nanoTime))
            .withAudit(audit, 8);
    UpdaterOptions brief = UpdaterOptions.everySampleOnce(few);
    this.shortSteps =
        new Updater(workspace, problem, optimizer, fewSamples, store, brief).withAudit(audit, 2);
    this.means = Predictor.ofMeans(workspace, store, model, problem.distribution(), batch);
    this.outputs = Predictor.ofOutputs(workspace, store, model, batch);
    this.feature = new float[model.inputs()];
    this.answer = new float[targets];
    this.x = new double[3][];
    this.y = new double[3][];
    this.fewX = new double[3][];
    this.fewY = new double[3][];
    draw();
  }

  private SampleQueue queue(int capacity) {
    int inputs = problem.model().inputs();
    int targets = problem.distribution().targets();
    return problem.distribution() instanceof Weighted
        ? SampleQueue.weighted(inputs, targets, problem.precision(), capacity)
        : new SampleQueue(inputs, targets, problem.precision(), capacity);
  }

  /**
   * The problem of maximum likelihood, with weights of its own where it has weights: an objective
   * of the user's may hold what is told of batches, and is of the user's distribution.
   */
  private static Problem twin(Workspace workspace, Problem problem) {
    Precision precision = problem.precision();
    int most = problem.maxBatch();
    OutputDistribution own = problem.distribution();
    if (own instanceof Weighted weighted) {
      own = new Weighted(workspace, weighted.base(), most, precision);
    }
    return new Problem(problem.model(), own, most, precision, problem.l2());
  }

  /** Features at three scales, targets as the model itself draws them. */
  private void draw() {
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
      fewX[kind] = Arrays.copyOf(x[kind], few * model.inputs());
      fewY[kind] = Arrays.copyOf(y[kind], few * width);
    }
  }

  /** Nanoseconds of a prediction of one sample, on average over the last round. */
  double predictionNanos() {
    return predictionNanos;
  }

  /** Nanoseconds of a step, on average over the last round. */
  double stepNanos() {
    return stepNanos;
  }

  /** Bytes of heap that the last round's predictions and steps took, or that it is unknown. */
  long allocated() {
    return allocated;
  }

  /**
   * Predictions, steps and a rollback: the same work in the first round of every twin, in the
   * second and so on.
   *
   * @param number rounds before, in all lives
   */
  void round(long number) {
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
      learn(i / 4 % x.length);
    }
    long taken = updater.counters().get(Counter.STEPS) - steps;
    long nanos = System.nanoTime() - start;
    stepNanos = nanos / (double) Math.max(1, taken);
    makeShortSteps(nanos);
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

  /** For as long as the others took, but no more than enough. */
  private void makeShortSteps(long nanos) {
    long start = System.nanoTime();
    for (int i = 0; i < SHORT_STEPS && System.nanoTime() - start < nanos; i++) {
      int kind = i / 4 % fewX.length;
      fewSamples.offer(fewX[kind], fewY[kind]);
      shortSteps.runOnce();
    }
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

  @Override
  public void close() {
    queue.close();
    fewSamples.close();
  }
}
