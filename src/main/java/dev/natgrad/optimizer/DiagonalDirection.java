package dev.natgrad.optimizer;

import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Vec;

/** The gradient scaled by the inverse of the damped diagonal. */
final class DiagonalDirection implements Direction {
  private final CurvatureScale scale;

  DiagonalDirection(CurvatureScale scale) {
    this.scale = scale;
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    Maps.hadamard(1, scale.inverse(), g, 0, d);
    return true;
  }

  @Override
  public boolean solveAfresh(Vec g, Vec d, StepOutcome outcome) {
    return solve(g, d, outcome);
  }

  @Override
  public DirectionSource source() {
    return DirectionSource.SCALED_GRADIENT;
  }
}
