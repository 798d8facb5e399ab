package dev.natgrad.solver;

/** Why a MINRES solve stopped. Immutable; usable from any thread. */
public enum MinresStatus {
  /** ‖b − Ax‖ ≤ relative tolerance · ‖b‖. */
  CONVERGED,
  /**
   * ‖Ar‖ is at most 2·√u times the size of A seen times ‖r‖, r the residual, where rounding begins
   * to pass for directions of A: x is a least-squares solution but for what lies along eigenvalues
   * that small, be they 0, and b not in A's range, or not. Which of the two {@link
   * Minres#residualNorm} cannot say; a {@link ConjugateGradient} or a factorisation can go on where
   * A is definite.
   */
  LEAST_SQUARES,
  /** The limit of iterations was reached. */
  ITERATION_LIMIT,
  /** The {@link ProductBudget} allowed no further product. */
  BUDGET_SPENT,
  /** NaN or infinity in A's products or b, or an overflow. */
  NON_FINITE
}
