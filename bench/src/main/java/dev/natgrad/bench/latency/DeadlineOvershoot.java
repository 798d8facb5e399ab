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
import org.HdrHistogram.Histogram;

/**
 * Steps of 17-64-64-6 that conjugate gradients would not finish in time, under a deadline: how far
 * beyond it they end, in times of one product with F.
 *
 * <p>The host stalls too. So beside every step plain arithmetic runs under the same deadline, in
 * pieces of one product's length each begun only where it fits: what it overshoots by is the
 * host's. And the thread's processor time tells how much of an overshoot was work at all.
 */
final class DeadlineOvershoot {
  private static final int FEW_PRODUCTS = 3;
  private static final int MORE_PRODUCTS = 8;
  private static final int SETTLING = 200;
  private static final int REPETITIONS = 9;
  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double HOST = 1.2;

  private final NaturalGradientOptions options =
      NaturalGradientOptions.within(1e-3).withDamping(1e-3, false).withConjugateGradient(1000, 0);

  /** A deadline, and a batch. */
  record Deadline(long nanos, int batch) {}

  void measure(List<Deadline> deadlines, double seconds, List<Row> rows) {
    for (Deadline deadline : deadlines) {
      WarmUp.run(
          PolicySteps.problem(deadline.batch),
          (w, p) -> new NaturalGradient(w, p, options.withConjugateGradient(MORE_PRODUCTS, 0)),
          UpdaterOptions.everySampleOnce(deadline.batch),
          WARM_UP_NANOS);
      try (PolicySteps steps = new PolicySteps(deadline.batch, options, System::nanoTime)) {
        rows.add(new Run(steps, deadline, productNanos(steps)).measure(seconds));
      }
    }
  }

  /** The difference of medians, so that everything else of a step cancels; the middle of some. */
  private static double productNanos(PolicySteps steps) {
    double[] each = new double[REPETITIONS];
    for (int i = 0; i < REPETITIONS; i++) {
      long few = median(steps, FEW_PRODUCTS);
      long more = median(steps, MORE_PRODUCTS);
      each[i] = (more - few) / (double) (MORE_PRODUCTS - FEW_PRODUCTS);
    }
    Arrays.sort(each);
    return each[REPETITIONS / 2];
  }

  private static long median(PolicySteps steps, int products) {
    StepBudget budget = StepBudget.ofProducts(products);
    long[] nanos = new long[SETTLING];
    for (int i = 0; i < SETTLING; i++) {
      long start = System.nanoTime();
      StepOutcome outcome = steps.step(budget);
      nanos[i] = System.nanoTime() - start;
      if (outcome.products() != products) {
        throw new AssertionError(products + " products were asked for: " + outcome);
      }
    }
    Arrays.sort(nanos);
    return nanos[SETTLING / 2];
  }

  /** One deadline's steps and controls. */
  private static final class Run {
    private final PolicySteps steps;
    private final Deadline deadline;
    private final double product;
    private final Control piece;
    private final Histogram measured = Row.histogram();
    private final Histogram plain = Row.histogram();
    private final Histogram products = Row.histogram();
    private final Histogram over = Row.histogram();
    private final Histogram plainOver = Row.histogram();
    private final Map<StepStatus, Integer> statuses = new EnumMap<>(StepStatus.class);
    private final Histogram workOver = Row.histogram();
    private long bytes;

    Run(PolicySteps steps, Deadline deadline, double product) {
      this.steps = steps;
      this.deadline = deadline;
      this.product = product;
      this.piece = Control.of(product);
    }

    Row measure(double seconds) {
      StepBudget budget = StepBudget.ofNanos(deadline.nanos);
      for (int i = 0; i < SETTLING; i++) {
        steps.step(budget);
      }
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (System.nanoTime() < end) {
        step(budget);
        long took = control();
        plain.recordValue(took);
        plainOver.recordValue(Math.max(0, took - deadline.nanos));
      }
      return row();
    }

    private void step(StepBudget budget) {
      long allocated = Heap.allocatedBytes();
      long processor = Heap.threadNanos();
      long start = System.nanoTime();
      StepOutcome outcome = steps.step(budget);
      long took = System.nanoTime() - start;
      workOver.recordValue(Math.max(0, Heap.threadNanos() - processor - deadline.nanos));
      bytes += Heap.allocatedBytes() - allocated;
      measured.recordValue(took);
      over.recordValue(Math.max(0, took - deadline.nanos));
      products.recordValue(outcome.products());
      statuses.merge(outcome.status(), 1, Integer::sum);
    }

    private long control() {
      long start = System.nanoTime();
      while (System.nanoTime() - start + product <= deadline.nanos) {
        piece.run();
      }
      return System.nanoTime() - start;
    }

    private long late(Histogram overshoots) {
      return overshoots.getTotalCount()
          - overshoots.getCountBetweenValues(0, (long) Math.ceil(product));
    }

    private double inProducts(long nanos) {
      return Math.max(0, nanos) / product;
    }

    private Row row() {
      long late = late(over);
      long host = late(plainOver);
      return new Row(
              "deadline "
                  + (long) (deadline.nanos / NANOS_PER_MICRO)
                  + " us, batch "
                  + deadline.batch)
          .latencies(measured, plain, bytes, measured.getTotalCount())
          .with("overshoot_products", inProducts(over.getMaxValue()))
          .with("overshoot_products_p999", inProducts(over.getValueAtPercentile(99.9)))
          .with("overshoot_products_p99", inProducts(over.getValueAtPercentile(99)))
          .with("overshoot_products_of_processor_time", inProducts(workOver.getMaxValue()))
          .with("later_by_processor_time", late(workOver))
          .with("later_than_one_product", late)
          .with("control_overshoot_products", inProducts(plainOver.getMaxValue()))
          .with("control_later_than_one_product", host)
          .with("product_us", product / NANOS_PER_MICRO)
          .with("products_p50", products.getValueAtPercentile(50))
          .with("statuses", statuses)
          .bar(
              "later than one product never, or no more than 1.2 x as often as the control",
              late <= HOST * host);
    }
  }
}
