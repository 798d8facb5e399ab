package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.state.State;

/**
 * A way to d ≈ (F + W + l2·I)⁻¹g at the point that the curvature batch was told of and with the
 * damping that the curvature's scale was. What it keeps between steps may lag behind the point.
 *
 * <p>Allocates nothing.
 */
sealed interface Direction
    permits ConjugateGradientDirection,
        MinresDirection,
        KroneckerDirection,
        EigenKroneckerDirection,
        DirectDirection,
        DiagonalDirection {
  /**
   * d ← (F + W + l2·I)⁻¹g, or as near to it as this way comes; d is read only by ways that start
   * from the last one.
   *
   * @return false if it found nothing better than the scaled gradient, d being undefined then
   */
  boolean solve(Vec g, Vec d, StepOutcome outcome);

  /**
   * Begins at a new point, before the damping is set; true if it took F there and told the scale
   * diag(F), which then needs no probes.
   */
  default boolean takesDiagonal() {
    return false;
  }

  /** Whether the last {@link #solve} satisfies its equation to the rounding of F's entries. */
  default boolean exact() {
    return false;
  }

  /** Whether solving at the same point with another damping is cheap, and as good. */
  default boolean solvesAgain() {
    return false;
  }

  /**
   * Whether the last {@link #solve} found directions whose curvature is all rounding, so that d has
   * along them the rounding of g divided by the damping alone.
   */
  default boolean singular() {
    return false;
  }

  /** Another attempt, after the first pointed uphill; as {@link #solve}, false if there is none. */
  boolean solveAfresh(Vec g, Vec d, StepOutcome outcome);

  /** Whether the budget leaves enough for it. */
  boolean affordable();

  /** What a step reports to have used. */
  DirectionSource source();

  /** What the way keeps from step to step beside d itself. */
  void exchange(State state);
}
