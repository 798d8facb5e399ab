package dev.natgrad.linalg;

/** Whether a product takes a matrix as it is or transposed. Immutable; usable from any thread. */
public enum Transpose {
  /** op(A) = A. */
  NO,
  /** op(A) = Aᵀ. */
  YES
}
