package dev.natgrad.optimizer;

/**
 * How a step ended. Parameters change only if {@link #accepted()}; else they are as before, bit for
 * bit.
 */
public enum StepStatus {
  /** The step was taken at its first length. */
  ACCEPTED,
  /** The step was taken after it had been shortened. */
  SHORTENED,
  /** No length tried kept the KL divergence within ε: no step. */
  REJECTED_KL,
  /** No length tried within ε kept the objective from rising: no step. */
  REJECTED_OBJECTIVE,
  /** The gradient is exactly zero: no step. */
  ZERO_GRADIENT,
  /** ε is below the rounding bound of the KL divergence at this precision: no step. */
  BELOW_RESOLUTION,
  /** The direction found has no positive curvature under F, so no length is defined: no step. */
  NON_POSITIVE_CURVATURE,
  /** Objective or gradient is infinite or NaN at the current parameters: no step. */
  NON_FINITE;

  /**
   * Tells whether the parameters were changed.
   *
   * @return true for {@link #ACCEPTED} and {@link #SHORTENED}
   */
  public boolean accepted() {
    return this == ACCEPTED || this == SHORTENED;
  }
}
