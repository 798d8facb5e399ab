package dev.natgrad.optimizer;

/**
 * How a step ended. Parameters change only if {@link #accepted()}; else they are as before, bit for
 * bit.
 *
 * <p>Immutable; usable from any thread.
 */
public enum StepStatus {
  /** The step was taken at the length its models gave, or at a longer one. */
  ACCEPTED,
  /** The step was taken after it had been shortened. */
  SHORTENED,
  /**
   * The budget left no product for the direction: a step along the scaled gradient was taken,
   * measured as any other.
   */
  DEGRADED,
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
  /** The budget was spent before a step could be measured: no step. */
  BUDGET_SPENT,
  /** Objective or gradient is infinite or NaN at the current parameters: no step. */
  NON_FINITE;

  /**
   * Tells whether the parameters were changed.
   *
   * @return true for {@link #ACCEPTED}, {@link #SHORTENED} and {@link #DEGRADED}
   */
  public boolean accepted() {
    return this == ACCEPTED || this == SHORTENED || this == DEGRADED;
  }
}
