package dev.natgrad.bench.latency;

import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.StepBudget;
import dev.natgrad.serving.UpdaterOptions;
import dev.natgrad.serving.WarmUp;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/** Whole natural-gradient steps of 17-64-64-6 on 256 samples with 10 CG iterations. */
final class StepLatency {
  private static final int BATCH = 256;
  private static final int STEPS = 20_000;
  private static final int CONTROL_EVERY = 8;
  private static final int SETTLING = 300;
  private static final long WARM_UP_NANOS = 10_000_000_000L;
  private static final double BAR = 2;
  private static final double HOST = 1.2;

  private StepLatency() {}

  static Row measure() {
    // A tolerance that is never reached: every step makes its ten iterations.
    NaturalGradientOptions options =
        NaturalGradientOptions.within(1e-3).withDamping(1, false).withConjugateGradient(10, 0);
    UpdaterOptions stream = UpdaterOptions.everySampleOnce(BATCH);
    System.out.println(
        WarmUp.run(
            PolicySteps.problem(BATCH),
            (w, p) -> new NaturalGradient(w, p, options),
            stream,
            WARM_UP_NANOS));
    try (PolicySteps steps = new PolicySteps(BATCH, options, System::nanoTime)) {
      long[] first = new long[SETTLING];
      long[] none = new long[SETTLING];
      run(steps, Control.of(1000), first, none);
      Arrays.sort(first);
      Control control = Control.of(first[SETTLING / 2]);
      run(steps, control, new long[SETTLING], none);
      return row(steps, control);
    }
  }

  private static Row row(PolicySteps steps, Control control) {
    long[] nanos = new long[STEPS];
    long[] plain = new long[STEPS / CONTROL_EVERY];
    final long collections = Heap.collections();
    final long bytes = Heap.allocatedBytes();
    final int accepted = run(steps, control, nanos, plain);
    final long allocated = Heap.allocatedBytes() - bytes;
    final long collected = Heap.collections() - collections;
    Row row =
        new Row("natural-gradient step 17-64-64-6 batch 256, 10 CG iterations")
            .latencies(corrected(nanos), corrected(plain), allocated, STEPS)
            .with("accepted", accepted)
            .with("collections", collected);
    double ratio = row.number("p999_us") / row.number("p50_us");
    double host = row.number("control_p999_us") / row.number("control_p50_us");
    row.with("p999_over_p50", ratio).with("control_p999_over_p50", host);
    return row.bar(
        "p99.9 <= max(2, 1.2 x the control's ratio) x p50, 0 bytes, no collection",
        ratio <= Math.max(BAR, HOST * host) && allocated == 0 && collected == 0);
  }

  private static int run(PolicySteps steps, Control control, long[] nanos, long[] plain) {
    int accepted = 0;
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      boolean taken = steps.step(StepBudget.UNLIMITED).status().accepted();
      nanos[i] = System.nanoTime() - start;
      accepted += taken ? 1 : 0;
      if (i % CONTROL_EVERY == 0) {
        start = System.nanoTime();
        control.run();
        plain[i / CONTROL_EVERY] = System.nanoTime() - start;
      }
    }
    return accepted;
  }

  /** As if the next had been due whenever the median time had passed. */
  private static Histogram corrected(long[] nanos) {
    Histogram raw = Row.histogram();
    for (long n : nanos) {
      raw.recordValue(n);
    }
    return raw.copyCorrectedForCoordinatedOmission(raw.getValueAtPercentile(50));
  }
}
