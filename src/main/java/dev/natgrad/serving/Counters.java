package dev.natgrad.serving;

import dev.natgrad.optimizer.StepStatus;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What an {@link Updater} has done, counted. One thread counts; any thread reads, without a lock
 * and without slowing it: each number is right by itself, but two may belong to different moments.
 *
 * <p>Reading allocates nothing, but for {@link #toString()}.
 */
public final class Counters {
  /** What is counted, from the updater's construction on. */
  public enum Counter {
    /** Steps tried, each repetition with a smaller ε counted. */
    STEPS,
    /** Steps that changed the parameters. */
    ACCEPTED,
    /** Steps that did not: refused by the optimiser, or undone because of the drift. */
    REJECTED,
    /** Steps undone because they did not fit into the drift budget. */
    UNDONE_BY_DRIFT,
    /** Updates left out or given up because the drift budget was spent. */
    BUDGET_SPENT,
    /** Samples that went into a window. */
    SAMPLES,
    /** Samples left out because their targets are not legal for the distribution. */
    ILLEGAL_SAMPLES,
    /** Versions published. */
    PUBLISHED,
    /** Publishes that found no free buffer. */
    NO_FREE_BUFFER,
    /** Publishes refused because a parameter is not finite. */
    NON_FINITE_PARAMETERS,
    /** Rollbacks to an earlier version. */
    ROLLBACKS,
    /** Audits made. */
    AUDITS,
    /** Audits in which a check failed. */
    FAILED_AUDITS,
    /** Not a count: the version that readers get. */
    VERSION,
    /** Not a count: bytes off heap of the updater's workspace and its queue. */
    BYTES_OFF_HEAP
  }

  private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);
  private static final Counter[] COUNTERS = Counter.values();
  private static final StepStatus[] STATUSES = StepStatus.values();

  private final long[] values = new long[COUNTERS.length + STATUSES.length];

  Counters() {}

  /**
   * Returns a count.
   *
   * @param counter which
   * @return its value, at least 0
   */
  public long get(Counter counter) {
    return (long) VALUE.getAcquire(values, counter.ordinal());
  }

  /**
   * Returns how many steps ended in a way.
   *
   * @param status how the optimiser ended the step
   * @return a count ≥ 0
   */
  public long steps(StepStatus status) {
    return (long) VALUE.getAcquire(values, COUNTERS.length + status.ordinal());
  }

  void add(Counter counter, long n) {
    set(counter, (long) VALUE.get(values, counter.ordinal()) + n);
  }

  void set(Counter counter, long value) {
    VALUE.setRelease(values, counter.ordinal(), value);
  }

  void count(StepStatus status) {
    int at = COUNTERS.length + status.ordinal();
    VALUE.setRelease(values, at, (long) VALUE.get(values, at) + 1);
  }

  /**
   * Returns all counts.
   *
   * @return a line for each, name and value
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Counter counter : COUNTERS) {
      text.append(counter).append(' ').append(get(counter)).append('\n');
    }
    for (StepStatus status : STATUSES) {
      text.append("STEPS_").append(status).append(' ').append(steps(status)).append('\n');
    }
    return text.toString();
  }
}
