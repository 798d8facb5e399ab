package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.state.State;

/** The inverse of the Kronecker factors times the gradient. */
final class KroneckerDirection implements Direction {
  private final KroneckerState state;
  private final CurvatureScale scale;
  private final StepModel model;
  private final Vec work;

  KroneckerDirection(KroneckerState state, CurvatureScale scale, StepModel model, Vec work) {
    this.state = state;
    this.scale = scale;
    this.model = model;
    this.work = work;
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    if (!state.update()) {
      return false;
    }
    if (state.triesGamma()) {
      adaptGamma(g, d);
    }
    state.inverse().solve(g, d);
    return true;
  }

  /** Keeps the better of three γ by what the quadratic model foresees. */
  private void adaptGamma(Vec g, Vec d) {
    state.inverse().solve(g, d);
    double best = model.foreseen(g, d, work);
    if (!betterOther(true, best, g, d)) {
      betterOther(false, best, g, d);
    }
  }

  private boolean betterOther(boolean less, double best, Vec g, Vec d) {
    if (!state.prepareOther(less)) {
      return false;
    }
    state.other().solve(g, d);
    boolean better = model.foreseen(g, d, work) > best;
    if (better) {
      state.keepOther(less);
    }
    return better;
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
    return DirectionSource.KRONECKER;
  }

  @Override
  public void exchange(State state) {
    this.state.exchange(state);
  }
}
