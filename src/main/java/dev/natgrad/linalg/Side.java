package dev.natgrad.linalg;

/**
 * The side on which a triangular matrix stands in {@link Blas#trsm}. Immutable; usable from any
 * thread.
 */
public enum Side {
  /** op(T)·X = αB. */
  LEFT,
  /** X·op(T) = αB. */
  RIGHT
}
