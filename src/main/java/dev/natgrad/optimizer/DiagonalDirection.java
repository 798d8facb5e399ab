package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.state.State;

/** The gradient scaled by the inverse of the damped diagonal, or as it is while that is unknown. */
final class DiagonalDirection implements Direction {
  private final CurvatureScale scale;

  DiagonalDirection(CurvatureScale scale) {
    this.scale = scale;
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    if (scale.probed()) {
      scale.inverse().apply(1, g, 0, d);
    } else {
      Blas.copy(g, d);
    }
    return true;
  }

  @Override
  public boolean solveAfresh(Vec g, Vec d, StepOutcome outcome) {
    return false;
  }

  @Override
  public boolean affordable() {
    return true;
  }

  @Override
  public DirectionSource source() {
    return DirectionSource.SCALED_GRADIENT;
  }

  @Override
  public void exchange(State state) {
    // The scale keeps what it goes by.
  }
}
