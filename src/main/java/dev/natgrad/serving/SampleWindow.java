package dev.natgrad.serving;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import dev.natgrad.state.State;

/** The last samples of a stream, with weights or without, and the batches made of them. */
final class SampleWindow {
  private static final double LN_2 = StrictMath.log(2);

  private final UpdaterOptions options;
  private final OutputDistribution distribution;

  /** Where the weights of a batch go, or null. */
  private final Weighted weighted;

  /** The weights of the samples kept, or null. */
  private final Vec weights;

  private final Mat x;
  private final Mat y;
  private final Mat target;
  private final BatchViews<Batch> batches;
  private final int[] order;
  private long total;
  private int fresh;

  /** The rows of one batch size; no weights without weights. */
  record Batch(Mat x, Mat y, Vec weights) {}

  SampleWindow(Workspace workspace, Problem problem, UpdaterOptions options) {
    int inputs = problem.model().inputs();
    int targets = problem.distribution().targets();
    Precision precision = problem.precision();
    this.options = options;
    this.weighted = problem.distribution() instanceof Weighted w ? w : null;
    this.distribution = weighted == null ? problem.distribution() : weighted.base();
    this.weights = weighted == null ? null : Vec.allocate(workspace, options.window(), precision);
    this.x = Mat.allocate(workspace, options.window(), inputs, precision);
    this.y = Mat.allocate(workspace, options.window(), targets, precision);
    this.target = Mat.allocate(workspace, 1, targets, precision);
    Mat batchX = Mat.allocate(workspace, options.batch(), inputs, precision);
    Mat batchY = Mat.allocate(workspace, options.batch(), targets, precision);
    Vec drawn = weighted == null ? null : Vec.allocate(workspace, options.batch(), precision);
    this.batches =
        new BatchViews<>(
            options.batch(),
            rows ->
                new Batch(
                    batchX.top(rows),
                    batchY.top(rows),
                    drawn == null ? null : drawn.slice(0, rows)));
    this.order = new int[options.batch()];
  }

  static long bytes(Problem problem, UpdaterOptions options) {
    int inputs = problem.model().inputs();
    int targets = problem.distribution().targets();
    Precision precision = problem.precision();
    long weights =
        problem.distribution() instanceof Weighted
            ? Vec.bytes(options.window(), precision) + Vec.bytes(options.batch(), precision)
            : 0;
    return weights
        + Mat.bytes(options.window(), inputs, precision)
        + Mat.bytes(options.window(), targets, precision)
        + Mat.bytes(1, targets, precision)
        + Mat.bytes(options.batch(), inputs, precision)
        + Mat.bytes(options.batch(), targets, precision);
  }

  /**
   * Takes samples until there are enough for a step, but none that is masked; how many had illegal
   * targets.
   */
  int take(SampleQueue queue) {
    int illegal = 0;
    // Samples may come faster than they are passed over, and the caller has more to look after.
    int left = queue.capacity();
    while (left-- > 0 && fresh < options.fresh() && queue.hasNext()) {
      double weight = queue.weight();
      if (weight > 0) {
        queue.targets(target, 0);
        if (legal()) {
          keep(queue, weight);
        } else {
          illegal++;
        }
      }
      queue.remove();
    }
    return illegal;
  }

  private void keep(SampleQueue queue, double weight) {
    int row = (int) (total % options.window());
    queue.features(x, row);
    queue.targets(y, row);
    if (weights != null) {
      weights.set(row, weight);
    }
    total++;
    fresh++;
  }

  private boolean legal() {
    try {
      distribution.checkTargets(target);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The samples kept, and how many of them no step has seen. */
  void exchange(State state) {
    state.matrix("x", x);
    state.matrix("y", y);
    if (weights != null) {
      state.vector("weights", weights);
    }
    total = state.whole("total", total);
    fresh = Math.toIntExact(state.whole("fresh", fresh));
  }

  boolean enough() {
    return fresh >= options.fresh();
  }

  /**
   * The batch of a step: the newest samples, then draws from the older ones. Its weights are the
   * distribution's until the next.
   */
  Batch next(long step) {
    int held = (int) Math.min(total, options.window());
    int rows = Math.min(options.batch(), held);
    boolean all = held <= options.batch() && options.halfLife() == Double.POSITIVE_INFINITY;
    int newest = all || held == fresh ? rows : Math.min(fresh, rows);
    for (int i = 0; i < newest; i++) {
      order[i] = row(i);
    }
    for (int i = newest; i < rows; i++) {
      double u = Philox.uniform(options.seed(), Streams.WINDOW + step, i);
      order[i] = row(newest + age(u, held - newest));
    }
    fresh = 0;
    Batch batch = batches.of(rows);
    x.gatherRows(order, 0, batch.x);
    y.gatherRows(order, 0, batch.y);
    if (weighted != null) {
      for (int i = 0; i < rows; i++) {
        batch.weights.set(i, weights.get(order[i]));
      }
      weighted.setWeights(batch.weights);
    }
    return batch;
  }

  /** The row of the sample of an age, 0 for the newest. */
  private int row(int age) {
    return (int) ((total - 1 - age) % options.window());
  }

  /**
   * An age below n: all alike, or in proportion to 2^(−age/h), by inverting the distribution. The
   * functions of StrictMath, since those of Math differ between machines.
   */
  private int age(double u, int n) {
    double h = options.halfLife();
    double age = u * n;
    if (h != Double.POSITIVE_INFINITY) {
      double tail = -StrictMath.expm1(-n / h * LN_2);
      age = -h * StrictMath.log(1 - u * tail) / LN_2;
    }
    return Math.clamp((long) age, 0, n - 1);
  }
}
