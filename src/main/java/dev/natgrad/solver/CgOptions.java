package dev.natgrad.solver;

/**
 * When a conjugate gradient solve stops.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param relativeTolerance stop as converged when ‖r‖ ≤ relativeTolerance·‖b‖, both in the norm
 *     √(vᵀM⁻¹v) where there is a preconditioner M; in [0, 1)
 * @param relativeProgress whether to stop by {@link RelativeProgress} too
 * @param iterationLimit the largest number of iterations, at least 1
 */
public record CgOptions(double relativeTolerance, boolean relativeProgress, int iterationLimit) {
  /**
   * The default relative tolerance. The error of φ relative to its minimum is at most κ·tolerance²,
   * so 10⁻⁴ leaves it below 1 % for condition numbers κ up to 10⁶, and in F32 a residual of the
   * recurrence is not to be trusted much below that.
   */
  public static final double DEFAULT_RELATIVE_TOLERANCE = 1e-4;

  /** The default limit of iterations: that of Martens' Hessian-free method (2010). */
  public static final int DEFAULT_ITERATION_LIMIT = 250;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of range
   */
  public CgOptions {
    if (!(relativeTolerance >= 0 && relativeTolerance < 1)) {
      throw new IllegalArgumentException(
          "relativeTolerance is " + relativeTolerance + "; it must be in [0, 1)");
    }
    if (iterationLimit < 1) {
      throw new IllegalArgumentException(
          "iterationLimit is " + iterationLimit + "; it must be at least 1");
    }
  }

  /**
   * Returns the defaults: tolerance {@link #DEFAULT_RELATIVE_TOLERANCE}, relative progress on,
   * limit {@link #DEFAULT_ITERATION_LIMIT}.
   *
   * @return the options
   */
  public static CgOptions defaults() {
    return new CgOptions(DEFAULT_RELATIVE_TOLERANCE, true, DEFAULT_ITERATION_LIMIT);
  }

  /**
   * Returns these options with another relative tolerance.
   *
   * @param tolerance in [0, 1)
   * @return the options
   * @throws IllegalArgumentException if it is out of range
   */
  public CgOptions withRelativeTolerance(double tolerance) {
    return new CgOptions(tolerance, relativeProgress, iterationLimit);
  }

  /**
   * Returns these options with another limit of iterations.
   *
   * @param limit at least 1
   * @return the options
   * @throws IllegalArgumentException if it is below 1
   */
  public CgOptions withIterationLimit(int limit) {
    return new CgOptions(relativeTolerance, relativeProgress, limit);
  }
}
