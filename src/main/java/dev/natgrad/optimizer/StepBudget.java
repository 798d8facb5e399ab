package dev.natgrad.optimizer;

/**
 * What one step may cost. Immutable; usable from any thread: make it once and pass it to every
 * step.
 *
 * <p>The gradient, one tangent product for the length, the measurements of KL and objective, as
 * many as steps have needed of late, and the way back are reserved before products with F are made;
 * what is left goes to the direction. Under a limit in time no part of a step is begun after it has
 * passed, nor if what must follow is not expected to fit, so where estimates are wrong the step
 * ends late by at most the part under way: no more than one product, but for the factorisations of
 * the direct forms and the Kronecker factors.
 *
 * @param products the most products with F, ≥ 0; 0 leaves the scaled gradient as direction
 * @param nanos the time of the whole step, in nanoseconds of the optimiser's clock, ≥ 0
 */
public record StepBudget(int products, long nanos) {
  /** No limit. */
  public static final StepBudget UNLIMITED = new StepBudget(Integer.MAX_VALUE, Long.MAX_VALUE);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public StepBudget {
    OptionCheck.require(products >= 0, "products", products, "≥ 0");
    OptionCheck.require(nanos >= 0, "nanos", nanos, "≥ 0");
  }

  /**
   * Returns a limit in products alone: the same steps on every machine.
   *
   * @param products the most products with F, ≥ 0
   * @return the budget
   */
  public static StepBudget ofProducts(int products) {
    return new StepBudget(products, Long.MAX_VALUE);
  }

  /**
   * Returns a limit in time alone.
   *
   * @param nanos nanoseconds, ≥ 0
   * @return the budget
   */
  public static StepBudget ofNanos(long nanos) {
    return new StepBudget(Integer.MAX_VALUE, nanos);
  }
}
