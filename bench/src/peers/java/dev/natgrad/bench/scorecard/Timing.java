package dev.natgrad.bench.scorecard;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Seconds a call of several calls, sampled in alternation: noise then hits all of them alike. The
 * clock is the thread's processor time, which other work on the machine cannot lengthen, or the
 * wall's where several threads work.
 */
final class Timing {
  private static final double SAMPLE_SECONDS = 1e-3;

  /**
   * Of calls on several threads: a worker that has waited through the others' samples parks, and
   * the kernel may wake it on the caller's processor and move it some milliseconds later.
   */
  private static final double SHARED_SECONDS = 50e-3;

  /**
   * Shorter samples follow a call that is not timed: it brings the operands back into the caches.
   * The native libraries read the same ones in turn, the Java libraries copies of their own, so who
   * comes after those would else pay for them.
   */
  private static final double SLOW_SECONDS = 10e-3;

  private static final int WARM_UP_PASSES = 6;
  private static final int MIN_ROUNDS = 5;
  private static final int MAX_ROUNDS = 501;

  static final LongSupplier PROCESSOR =
      ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
  static final LongSupplier WALL = System::nanoTime;

  private final LongSupplier clock;
  private final List<Runnable> calls;
  private final int[] repetitions;
  private final boolean[] slow;

  Timing(List<Runnable> calls) {
    this(calls, PROCESSOR);
  }

  Timing(List<Runnable> calls, LongSupplier clock) {
    this.clock = clock;
    this.calls = calls;
    this.repetitions = new int[calls.size()];
    this.slow = new boolean[calls.size()];
    Arrays.fill(repetitions, 1);
  }

  /**
   * Warms all of them up before the first measurement, in passes: what is compiled late, or again
   * because another case came by, is compiled by then. Ends when the time is up and the last pass
   * compiled nothing, or after half as much again.
   */
  static void warmUp(List<Timing> timings, double seconds) {
    int calls = timings.stream().mapToInt(t -> t.calls.size()).sum();
    long start = System.nanoTime();
    double elapsed;
    boolean compiled;
    do {
      long before = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
      timings.forEach(t -> t.warmUpPass(seconds / WARM_UP_PASSES / calls));
      compiled = ManagementFactory.getCompilationMXBean().getTotalCompilationTime() > before;
      elapsed = 1e-9 * (System.nanoTime() - start);
    } while (elapsed < seconds || (compiled && elapsed < 1.5 * seconds));
  }

  /** Runs every call until its time is spent, and sizes the samples. */
  private void warmUpPass(double secondsEach) {
    for (int i = 0; i < calls.size(); i++) {
      long end = System.nanoTime() + (long) (1e9 * secondsEach);
      do {
        double each = clock == WALL ? SHARED_SECONDS : SAMPLE_SECONDS;
        double wanted = each / Math.max(sample(i), 1e-9);
        repetitions[i] = (int) Math.clamp(Math.ceil(wanted), 1, 1e7);
      } while (System.nanoTime() < end);
    }
  }

  /**
   * The medians, in seconds a call; stops after the budget but never before {@value #MIN_ROUNDS}.
   */
  double[] medians(double budgetSeconds) {
    int n = calls.size();
    List<double[]> rounds = new ArrayList<>();
    long end = System.nanoTime() + (long) (1e9 * budgetSeconds);
    while (rounds.size() < MIN_ROUNDS || (rounds.size() < MAX_ROUNDS && System.nanoTime() < end)) {
      double[] round = new double[n];
      for (int i = 0; i < n; i++) {
        // Another first one every round: the round's start may be special.
        int next = (rounds.size() + i) % n;
        round[next] = sample(next);
      }
      rounds.add(round);
    }
    double[] medians = new double[n];
    for (int i = 0; i < n; i++) {
      int column = i;
      medians[i] = median(rounds.stream().mapToDouble(r -> r[column]).toArray());
    }
    return medians;
  }

  /** One sample of one call, in seconds a call. */
  double sample(int i) {
    Runnable call = calls.get(i);
    int count = repetitions[i];
    if (!slow[i]) {
      call.run();
    }
    long start = clock.getAsLong();
    for (int r = 0; r < count; r++) {
      call.run();
    }
    double seconds = 1e-9 * (clock.getAsLong() - start);
    slow[i] = seconds > SLOW_SECONDS;
    return seconds / count;
  }

  static double median(double[] values) {
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}
