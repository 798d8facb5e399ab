package dev.natgrad.bench.latency;

/**
 * Plain arithmetic of a given length in time: what the host does to it, it does to any code. One
 * chain of dependent multiplications and additions, so nothing but the clock decides how long it
 * takes.
 */
final class Control {
  private static final int CALIBRATIONS = 50;
  private static final int TRIAL = 20_000;

  private final int iterations;
  private double sink;

  private Control(int iterations) {
    this.iterations = iterations;
  }

  /** A control that takes about so many nanoseconds where nothing disturbs it. */
  static Control of(double nanos) {
    Control trial = new Control(TRIAL);
    long best = Long.MAX_VALUE;
    for (int i = 0; i < CALIBRATIONS; i++) {
      long start = System.nanoTime();
      trial.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    Control control = new Control((int) Math.max(1, nanos * TRIAL / best));
    for (int i = 0; i < CALIBRATIONS; i++) {
      control.run();
    }
    return control;
  }

  void run() {
    double x = sink;
    for (int i = 0; i < iterations; i++) {
      x = x * 0.999_999 + 1e-6;
    }
    sink = x;
  }
}
