package dev.natgrad.serving;

/**
 * How an {@link Updater} makes steps of a stream. A step's batch holds the newest samples, each
 * once; where the window holds more, the rest of the batch is drawn from the older ones with
 * replacement, all alike or the newer ones more often.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param batch the samples of a step, at least 1; fewer while the window has fewer
 * @param fresh the new samples that a step waits for, 1 to {@code batch}
 * @param window how many of the last samples are kept, at least {@code batch}
 * @param halfLife the age, in samples, at which an older sample is half as likely to be drawn as
 *     the newest, &gt; 0; infinity for a plain sliding window
 * @param publishEvery the accepted steps from one publish to the next, at least 1
 * @param seed the seed of the draws
 */
public record UpdaterOptions(
    int batch, int fresh, int window, double halfLife, int publishEvery, long seed) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the component, its value and its range
   */
  public UpdaterOptions {
    Arguments.atLeast("batch", batch, 1);
    Arguments.atLeast("fresh", fresh, 1);
    Arguments.atLeast("window", window, batch);
    Arguments.atLeast("publishEvery", publishEvery, 1);
    if (fresh > batch) {
      throw new IllegalArgumentException(
          "fresh is " + fresh + "; it must be at most batch = " + batch);
    }
    if (!(halfLife > 0)) {
      throw new IllegalArgumentException(
          "halfLife is " + halfLife + "; it must be > 0 (infinity for no decay)");
    }
  }

  /**
   * Each sample in one step, each step on new samples alone, each accepted step published.
   *
   * @param batch the samples of a step, at least 1
   * @return the options
   */
  public static UpdaterOptions everySampleOnce(int batch) {
    return new UpdaterOptions(batch, batch, batch, Double.POSITIVE_INFINITY, 1, 1);
  }

  /**
   * Steps on the newest samples and draws from a sliding window, each accepted step published.
   *
   * @param batch the samples of a step, at least 1
   * @param fresh the new samples that a step waits for, 1 to {@code batch}
   * @param window how many of the last samples are kept, at least {@code batch}
   * @return the options
   */
  public static UpdaterOptions sliding(int batch, int fresh, int window) {
    return new UpdaterOptions(batch, fresh, window, Double.POSITIVE_INFINITY, 1, 1);
  }

  /**
   * Returns these options with older samples drawn less often.
   *
   * @param halfLife the age, in samples, at which a sample is half as likely as the newest, &gt; 0
   * @return the options
   */
  public UpdaterOptions withHalfLife(double halfLife) {
    return new UpdaterOptions(batch, fresh, window, halfLife, publishEvery, seed);
  }

  /**
   * Returns these options with another rate of publishing.
   *
   * @param publishEvery the accepted steps from one publish to the next, at least 1
   * @return the options
   */
  public UpdaterOptions withPublishEvery(int publishEvery) {
    return new UpdaterOptions(batch, fresh, window, halfLife, publishEvery, seed);
  }

  /**
   * Returns these options with another seed.
   *
   * @param seed of the draws
   * @return the options
   */
  public UpdaterOptions withSeed(long seed) {
    return new UpdaterOptions(batch, fresh, window, halfLife, publishEvery, seed);
  }
}
