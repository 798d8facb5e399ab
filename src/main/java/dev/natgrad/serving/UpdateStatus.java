package dev.natgrad.serving;

/**
 * What one run of an {@link Updater} did. Parameters change only if {@link #UPDATED}. Immutable;
 * usable from any thread.
 */
public enum UpdateStatus {
  /** Too few new samples for a step: nothing was done. */
  IDLE,
  /** A step was accepted. */
  UPDATED,
  /** The optimiser refused the step; its outcome says why. */
  REJECTED,
  /** The drift budget of the window is spent: no step, until the window ends. */
  BUDGET_SPENT
}
