package dev.natgrad.serving;

/**
 * How a publish ended. Only {@link #PUBLISHED} changes what readers get. Immutable; usable from any
 * thread.
 */
public enum PublishStatus {
  /** Readers now get the new version. */
  PUBLISHED,
  /** Readers hold every buffer that is not retained: the version readers get is as before. */
  NO_FREE_BUFFER,
  /** A parameter is infinite or NaN: the version readers get is as before. */
  NON_FINITE
}
