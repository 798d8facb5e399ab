package dev.natgrad.training;

import java.util.Objects;

/**
 * How long and in which batches to train.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param batches the samples of each step; at least the number of samples means all of them, in
 *     their order
 * @param maxSteps the most steps, at least 0
 * @param maxSeconds the longest time in seconds, ≥ 0, infinite for no limit; checked between steps
 * @param evaluateEvery steps between evaluations, at least 1
 * @param patience evaluations without a better validation loss after which to stop, at least 1; not
 *     used without validation samples
 * @param seed the seed of the shuffling
 */
public record TrainingOptions(
    BatchSchedule batches,
    long maxSteps,
    double maxSeconds,
    int evaluateEvery,
    int patience,
    long seed) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public TrainingOptions {
    Objects.requireNonNull(batches, "batches");
    require(maxSteps >= 0, "maxSteps", maxSteps, "≥ 0");
    require(maxSeconds >= 0, "maxSeconds", maxSeconds, "≥ 0");
    require(evaluateEvery >= 1, "evaluateEvery", evaluateEvery, "≥ 1");
    require(patience >= 1, "patience", patience, "≥ 1");
  }

  /**
   * Options with batches of one size.
   *
   * @param batch the samples of a step, at least 1
   * @param maxSteps as above
   * @param maxSeconds as above
   * @param evaluateEvery as above
   * @param patience as above
   * @param seed as above
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public TrainingOptions(
      int batch, long maxSteps, double maxSeconds, int evaluateEvery, int patience, long seed) {
    this(BatchSchedule.constant(batch), maxSteps, maxSeconds, evaluateEvery, patience, seed);
  }

  /**
   * Returns the samples of the first step, and of all where batches do not grow.
   *
   * @return at least 1
   */
  public int batch() {
    return batches.first();
  }

  private static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
    }
  }
}
