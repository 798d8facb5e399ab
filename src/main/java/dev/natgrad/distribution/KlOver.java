package dev.natgrad.distribution;

/**
 * How the KL divergences of the samples of a batch become one number. Immutable; usable from any
 * thread.
 */
public enum KlOver {
  /** The mean over the samples. */
  MEAN,
  /** The maximum over the samples. */
  MAXIMUM
}
