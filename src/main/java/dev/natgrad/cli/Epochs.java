package dev.natgrad.cli;

import dev.natgrad.training.BatchSchedule;

/** Passes over the training rows, counted in steps. */
final class Epochs {
  private Epochs() {}

  /**
   * Of batches of one size the steps whose batches fill, since the rest of an epoch is left out; of
   * growing ones those in which every row has had its turn so many times.
   */
  static long steps(BatchSchedule batches, long epochs, int count) {
    if (epochs == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    if (batches.growth() == 1) {
      return epochs * (count / batches.rows(0, count));
    }
    long step = 0;
    long left = epochs * count;
    while (left > 0 && batches.rows(step, count) < count) {
      left -= batches.rows(step++, count);
    }
    return step + Math.max(0, Math.ceilDiv(left, batches.rows(step, count)));
  }
}
