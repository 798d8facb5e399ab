package dev.natgrad.bench.latency;

import dev.natgrad.bench.Network;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.random.Philox;
import dev.natgrad.serving.Counters.Counter;
import dev.natgrad.serving.Predictor;
import dev.natgrad.serving.SampleQueue;
import dev.natgrad.serving.SnapshotStore;
import dev.natgrad.serving.Updater;
import dev.natgrad.serving.UpdaterOptions;
import dev.natgrad.serving.WarmUp;
import dev.natgrad.serving.WarmUpReport;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/**
 * One prediction of one sample by 64-128-10 in f32, while another thread learns and publishes
 * without a pause. Requests come at a fixed rate; those that a slow one held up are counted with
 * the time they would have waited.
 */
final class PredictionLatency {
  private static final long INTERVAL_NANOS = 50_000;
  private static final long WARM_UP_NANOS = 12_000_000_000L;
  private static final double BAR_MICROS = 5;
  private static final double TAIL_MICROS = 20;
  private static final int READERS = 2;
  private static final int HISTORY = 3;

  private final Problem problem;
  private final NaturalGradientOptions steps = NaturalGradientOptions.within(1e-3);
  private final UpdaterOptions options = UpdaterOptions.everySampleOnce(Network.DIGITS.batch());
  private final CountDownLatch published = new CountDownLatch(1);
  private volatile SnapshotStore store;
  private volatile boolean stopping;
  private volatile long versions;

  PredictionLatency() {
    Network network = Network.DIGITS;
    problem =
        new Problem(network.model(), network.distribution(), network.batch(), Precision.F32, 0);
  }

  Row measure(double seconds) throws InterruptedException {
    WarmUpReport warm =
        WarmUp.run(problem, (w, p) -> new NaturalGradient(w, p, steps), options, WARM_UP_NANOS);
    System.out.println(warm);
    Thread updater = new Thread(this::update, "updater");
    updater.start();
    published.await();
    try (Workspace workspace = Workspace.create();
        Predictor predictor =
            Predictor.ofMeans(workspace, store, problem.model(), problem.distribution(), 1)) {
      predict(predictor, 2, Control.of(1000));
      Control control = Control.of(typical(predictor));
      predict(predictor, 1, control);
      return predict(predictor, seconds, control);
    } finally {
      stopping = true;
      updater.join();
    }
  }

  /** Learns from drawn samples until told to stop, once the predictor has been closed. */
  private void update() {
    Mlp model = Network.DIGITS.model();
    int outputs = problem.distribution().targets();
    try (Workspace workspace = Workspace.create();
        SampleQueue queue =
            new SampleQueue(model.inputs(), outputs, Precision.F32, 2 * options.batch())) {
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, steps);
      SnapshotStore made =
          new SnapshotStore(workspace, model.parameters(), Precision.F32, READERS, HISTORY);
      Updater updater = new Updater(workspace, problem, optimizer, queue, made, options);
      for (int i = 0; i < model.parameters(); i++) {
        optimizer.parameters().set(i, 0.1 * Philox.normal(1, 0, i));
      }
      updater.publish();
      store = made;
      published.countDown();
      float[] x = new float[options.batch() * model.inputs()];
      float[] y = new float[options.batch() * outputs];
      Philox random = new Philox(2, 0);
      while (!stopping) {
        draw(random, x, y, outputs);
        queue.offer(x, y);
        updater.runOnce();
        versions = updater.counters().get(Counter.PUBLISHED);
      }
    }
  }

  private static void draw(Philox random, float[] x, float[] y, int outputs) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    java.util.Arrays.fill(y, 0);
    for (int i = 0; i < y.length; i += outputs) {
      y[i + random.nextInt(outputs)] = 1;
    }
  }

  private double typical(Predictor predictor) {
    return predict(predictor, 1, Control.of(1000)).number("p50_us") * 1e3;
  }

  private Row predict(Predictor predictor, double seconds, Control control) {
    Requests requests = new Requests(predictor, control);
    final long collections = Heap.collections();
    final long before = versions;
    final long bytes = Heap.allocatedBytes();
    requests.until(System.nanoTime() + (long) (seconds * 1e9));
    long allocated = Heap.allocatedBytes() - bytes;
    Row row =
        new Row("predict 64-128-10 batch 1 while publishing")
            .latencies(requests.measured, requests.plain, allocated, requests.plain.getTotalCount())
            .with("versions", versions - before)
            .with("collections", Heap.collections() - collections);
    return row.bar(
        "p50 <= 5 us, p99.9 within 20 us of the control's",
        row.number("p50_us") <= BAR_MICROS
            && row.number("p999_us") <= row.number("control_p999_us") + TAIL_MICROS);
  }

  /**
   * Requests at a fixed rate, the control after each. One request is a method: in a loop of its own
   * C2 would compile it anew, on this processor or the updater's, whenever a loop ends.
   */
  private final class Requests {
    final Histogram measured = Row.histogram();
    final Histogram plain = Row.histogram();
    private final Predictor predictor;
    private final Control control;
    private final float[] x = new float[problem.model().inputs()];
    private final float[] y = new float[problem.distribution().targets()];

    Requests(Predictor predictor, Control control) {
      this.predictor = predictor;
      this.control = control;
    }

    void until(long end) {
      long due = System.nanoTime();
      while (due < end) {
        due = request(due);
        while (System.nanoTime() < due) {
          Thread.onSpinWait();
        }
      }
    }

    /** When the next is due. */
    private long request(long due) {
      x[0] = due & 1023;
      long start = System.nanoTime();
      predictor.predict(x, y);
      long middle = System.nanoTime();
      control.run();
      long stop = System.nanoTime();
      measured.recordValueWithExpectedInterval(middle - start, INTERVAL_NANOS);
      plain.recordValueWithExpectedInterval(stop - middle, INTERVAL_NANOS);
      return Math.max(due + INTERVAL_NANOS, stop);
    }
  }
}
