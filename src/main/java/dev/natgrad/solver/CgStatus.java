package dev.natgrad.solver;

/** Why a conjugate gradient solve stopped. Immutable; usable from any thread. */
public enum CgStatus {
  /** ‖b − Ax‖ ≤ relative tolerance · ‖b‖, in the norm of the preconditioner if there is one. */
  CONVERGED,
  /** The last iterations lowered φ too little, by Martens' rule ({@link RelativeProgress}). */
  RELATIVE_PROGRESS,
  /** The limit of iterations was reached. */
  ITERATION_LIMIT,
  /** The {@link ProductBudget} allowed no further product. */
  BUDGET_SPENT,
  /**
   * A direction p has pᵀAp ≤ u‖p‖‖Ap‖, u the unit roundoff: A is not positive definite, or its
   * condition number is beyond 4/u² and it cannot be told from a singular one. With a
   * preconditioner: pᵀAp ≤ 0.
   */
  NON_POSITIVE_CURVATURE,
  /** rᵀM⁻¹r ≤ 0 for a residual r ≠ 0: the preconditioner is not positive definite. */
  NON_POSITIVE_PRECONDITIONER,
  /** NaN or infinity in A's or M⁻¹'s products, in b or in the start, or an overflow. */
  NON_FINITE
}
