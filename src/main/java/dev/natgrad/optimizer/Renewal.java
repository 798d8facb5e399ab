package dev.natgrad.optimizer;

/** At which steps what a direction keeps is made anew: early ones, then every so many. */
final class Renewal {
  private static final long[] EARLY = {1, 2, 4, 8, 14};

  private Renewal() {}

  /** Whether step number {@code step}, counted from 1, is one of them. */
  static boolean due(long step, int every) {
    for (long early : EARLY) {
      if (step == early) {
        return true;
      }
    }
    return settled(step) && step % every == 0;
  }

  /** Whether the early ones are over. */
  static boolean settled(long step) {
    return step >= EARLY[EARLY.length - 1];
  }
}
