package dev.natgrad.bench.latency;

import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.StepBudget;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.serving.UpdaterOptions;
import dev.natgrad.serving.WarmUp;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Steps of 17-64-64-6 that conjugate gradients would not finish in time, under a deadline: how far
 * beyond it they end, in times of one product with F. Once by the time of the wall, where every
 * stall of the host counts, and once by the thread's own processor time, where most do not.
 */
final class DeadlineOvershoot {
  private static final int FEW_PRODUCTS = 3;
  private static final int MORE_PRODUCTS = 8;
  private static final int SETTLING = 200;
  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final double NANOS_PER_MICRO = 1e3;

  private final String clockName;
  private final LongSupplier clock;
  private final NaturalGradientOptions options =
      NaturalGradientOptions.within(1e-3).withDamping(1e-3, false).withConjugateGradient(1000, 0);

  /** A deadline, and a batch of which it is worth about ten products. */
  record Deadline(long nanos, int batch) {}

  private DeadlineOvershoot(String clockName, LongSupplier clock) {
    this.clockName = clockName;
    this.clock = clock;
  }

  static DeadlineOvershoot ofWall() {
    return new DeadlineOvershoot("wall time", System::nanoTime);
  }

  static DeadlineOvershoot ofThread() {
    return new DeadlineOvershoot("thread time", Heap::threadNanos);
  }

  void measure(List<Deadline> deadlines, double seconds, List<Row> rows) {
    for (Deadline deadline : deadlines) {
      WarmUp.run(
          PolicySteps.problem(deadline.batch),
          (w, p) -> new NaturalGradient(w, p, options.withConjugateGradient(MORE_PRODUCTS, 0)),
          UpdaterOptions.everySampleOnce(deadline.batch),
          WARM_UP_NANOS);
      try (PolicySteps steps = new PolicySteps(deadline.batch, options, clock)) {
        rows.add(measure(steps, deadline, seconds, productNanos(steps)));
      }
    }
  }

  /** The difference of medians, so that everything else of a step cancels. */
  private double productNanos(PolicySteps steps) {
    median(steps, MORE_PRODUCTS);
    long few = median(steps, FEW_PRODUCTS);
    return (median(steps, MORE_PRODUCTS) - few) / (double) (MORE_PRODUCTS - FEW_PRODUCTS);
  }

  private long median(PolicySteps steps, int products) {
    StepBudget budget = StepBudget.ofProducts(products);
    long[] nanos = new long[SETTLING];
    for (int i = 0; i < SETTLING; i++) {
      long start = clock.getAsLong();
      StepOutcome outcome = steps.step(budget);
      nanos[i] = clock.getAsLong() - start;
      if (outcome.products() != products) {
        throw new AssertionError(products + " products were asked for: " + outcome);
      }
    }
    Arrays.sort(nanos);
    return nanos[SETTLING / 2];
  }

  private Row measure(PolicySteps steps, Deadline deadline, double seconds, double productNanos) {
    final long nanos = deadline.nanos;
    StepBudget budget = StepBudget.ofNanos(nanos);
    for (int i = 0; i < SETTLING; i++) {
      steps.step(budget);
    }
    Control control = Control.of(nanos);
    Histogram measured = Row.histogram();
    Histogram plain = Row.histogram();
    Histogram products = Row.histogram();
    Map<StepStatus, Integer> statuses = new EnumMap<>(StepStatus.class);
    long late = 0;
    long bytes = 0;
    final long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      long allocated = Heap.allocatedBytes();
      long start = clock.getAsLong();
      StepOutcome outcome = steps.step(budget);
      long took = clock.getAsLong() - start;
      bytes += Heap.allocatedBytes() - allocated;
      start = clock.getAsLong();
      control.run();
      plain.recordValue(clock.getAsLong() - start);
      measured.recordValue(took);
      products.recordValue(outcome.products());
      statuses.merge(outcome.status(), 1, Integer::sum);
      late += took - nanos > productNanos ? 1 : 0;
    }
    double overshoot = Math.max(0, measured.getMaxValue() - nanos) / productNanos;
    double host = (plain.getMaxValue() - plain.getValueAtPercentile(50)) / productNanos;
    return new Row(
            "deadline "
                + (long) (nanos / NANOS_PER_MICRO)
                + " us, batch "
                + deadline.batch
                + ", "
                + clockName)
        .latencies(measured, plain, bytes, measured.getTotalCount())
        .with("overshoot_products", overshoot)
        .with("later_than_one_product", late)
        .with("control_overshoot_products", host)
        .with("product_us", productNanos / NANOS_PER_MICRO)
        .with("products_p50", products.getValueAtPercentile(50))
        .with("statuses", statuses)
        .bar("overshoot <= 1 product", overshoot <= 1);
  }
}
