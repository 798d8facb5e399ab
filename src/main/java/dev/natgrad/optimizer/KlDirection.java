package dev.natgrad.optimizer;

/**
 * Which of the two KL divergences a step is bounded by. They agree to second order in the step, so
 * the direction and its first length are the same; the accepted length is not.
 *
 * <p>Immutable; usable from any thread.
 */
public enum KlDirection {
  /** KL(old‖new), as in the definition of the natural gradient's trust region. */
  OLD_NEW,
  /** KL(new‖old), as some codes for policies measure it. */
  NEW_OLD
}
