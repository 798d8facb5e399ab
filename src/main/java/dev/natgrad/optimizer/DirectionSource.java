package dev.natgrad.optimizer;

/** By what the direction of a step was found. Immutable; usable from any thread. */
public enum DirectionSource {
  /** Conjugate gradients on products with F. */
  CONJUGATE_GRADIENTS,
  /** MINRES on products with F. */
  MINRES,
  /** The inverse of Kronecker factors. */
  KRONECKER,
  /** The eigenvectors of Kronecker factors. */
  EIGEN_KRONECKER,
  /** The factorised blocks of the dense layers. */
  BLOCKS,
  /** The factorised matrix of the parameters. */
  DENSE,
  /** The factorised matrix of samples times outputs. */
  DUAL,
  /**
   * The gradient scaled by the inverse of the estimated diag(F) + W + l2: asked for, or what was
   * left when the budget allowed no product or the way asked for failed.
   */
  SCALED_GRADIENT
}
