package dev.natgrad.training;

import dev.natgrad.optimizer.Schedule;

/**
 * How many samples the steps use: {@code first}·{@code growth}ᵏ at step k, and all of them once
 * that is {@link #WHOLE} of them. Far from the optimum few samples show the way; near it the noise
 * of a batch is larger than what a step gains, and on the whole set a step can begin with what the
 * one before it measured. So it can on a batch that is held for several steps: {@code first}·{@code
 * growth}ᵏ is then the size of all steps from k, a multiple of {@code held}.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param first the samples of step 0, at least 1
 * @param growth the factor from step to step, finite and at least 1
 * @param held the steps on the same batch, at least 1
 */
public record BatchSchedule(int first, double growth, int held) {
  /** The part of the samples from which on all are used, where batches grow. */
  public static final double WHOLE = 0.6;

  /** Samples times parameters up to which every step uses all. */
  private static final long CHEAP = 100_000_000;

  private static final int FEW = 400;
  private static final int FEWEST = 300;
  private static final int HELD = 5;
  private static final double SLOW = 1.04;
  private static final double FAST = 1.4;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public BatchSchedule {
    if (first < 1) {
      throw new IllegalArgumentException("batch is " + first + "; it must be ≥ 1");
    }
    if (!(growth >= 1 && growth <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "growth is " + growth + "; it must be finite and at least 1");
    }
    if (held < 1) {
      throw new IllegalArgumentException("held is " + held + "; it must be ≥ 1");
    }
  }

  /**
   * Makes a schedule with a new batch at every step.
   *
   * @param first the samples of step 0, at least 1
   * @param growth the factor from step to step, finite and at least 1
   */
  public BatchSchedule(int first, double growth) {
    this(first, growth, 1);
  }

  /**
   * Returns batches of one size.
   *
   * @param batch the samples of a step, at least 1
   * @return the schedule
   */
  public static BatchSchedule constant(int batch) {
    return new BatchSchedule(batch, 1);
  }

  /**
   * Returns the schedule for the natural gradient: all samples where a step on them is cheap; else
   * growing batches, slowly and each held for {@value #HELD} steps where the samples have more
   * targets than the model has parameters, and fast where they have fewer and a small batch would
   * soon be fitted exactly.
   *
   * @param samples how many there are, at least 1
   * @param outputs of a sample, at least 1
   * @param parameters P
   * @return the schedule
   */
  public static BatchSchedule standard(int samples, int outputs, int parameters) {
    if ((long) samples * parameters <= CHEAP) {
      return constant(samples);
    }
    boolean fitted = (long) samples * outputs < parameters;
    return fitted
        ? new BatchSchedule(Math.min(samples, Math.max(FEWEST, samples / 8)), FAST)
        : new BatchSchedule(Math.min(samples, FEW), SLOW, HELD);
  }

  /**
   * Returns the samples of a step.
   *
   * @param step k ≥ 0
   * @param samples how many there are
   * @return between 1 and {@code samples}
   */
  public int rows(long step, int samples) {
    double rows = first * Schedule.power(growth, step - step % held);
    boolean all = rows >= samples || growth > 1 && rows >= WHOLE * samples;
    return all ? samples : (int) rows;
  }

  /**
   * Returns the largest batch that is not all samples: what a buffer of a batch must hold.
   *
   * @param samples how many there are
   * @return 0 if every step uses all
   */
  public int mostRows(int samples) {
    if (rows(0, samples) == samples) {
      return 0;
    }
    return growth == 1 ? first : (int) Math.ceil(WHOLE * samples);
  }
}
