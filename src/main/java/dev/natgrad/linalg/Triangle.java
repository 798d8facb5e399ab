package dev.natgrad.linalg;

/**
 * The triangle of a square matrix that is read or written, diagonal included. Immutable; usable
 * from any thread.
 */
public enum Triangle {
  /** Elements (i, j) with i ≥ j. */
  LOWER,
  /** Elements (i, j) with i ≤ j. */
  UPPER
}
