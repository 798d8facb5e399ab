package dev.natgrad.solver;

/** Why a MINRES solve stopped. Immutable; usable from any thread. */
public enum MinresStatus {
  /** ‖b − Ax‖ ≤ relative tolerance · ‖b‖. */
  CONVERGED,
  /**
   * No further iteration lowers the residual: ‖Ar‖ is at most 2·√u times the size of A seen times
   * ‖r‖. To working precision A is singular, b not in its range, and x a least-squares solution.
   */
  LEAST_SQUARES,
  /** The limit of iterations was reached. */
  ITERATION_LIMIT,
  /** The {@link ProductBudget} allowed no further product. */
  BUDGET_SPENT,
  /** NaN or infinity in A's products or b, or an overflow. */
  NON_FINITE
}
