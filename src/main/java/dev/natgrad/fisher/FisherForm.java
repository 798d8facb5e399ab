package dev.natgrad.fisher;

/** How the damped system (F + W)d = g is solved. Immutable; usable from any thread. */
public enum FisherForm {
  /** Conjugate gradients on products F·v: no memory for F, an error that the tolerance sets. */
  MATRIX_FREE,
  /** {@link DenseFisher}: for few parameters. */
  DENSE,
  /** {@link DualFisher}: for few samples times outputs. */
  DUAL
}
