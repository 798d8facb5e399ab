package dev.natgrad.optimizer;

import dev.natgrad.state.State;

/**
 * Steps to beyond the minimum of the objective's model, where the last step says that it ends too
 * early.
 *
 * <p>Once a model fits its targets, a likelihood of discrete ones ends as f(t) ≈ f(0)·e⁻ᵗ along a
 * direction: the quadratic model −f(0)t + ½f(0)t² has its minimum at t = 1 and foresees ½f(0),
 * while f falls by (1 − 1/e)f(0), so ρ = 1.26 at every step, and every step but divides f by e. At
 * twice the length it is divided by e² for the same evaluation.
 */
final class Relaxation {
  /** The length of a relaxed step in units of that at the model's minimum. */
  private static final double FACTOR = 2;

  /** ρ above which the model's minimum is too near. */
  private static final double QUICK = 1.2;

  /**
   * The part of the objective that such a step leaves at most; it tells a fall towards zero from
   * one whose ρ is large by chance.
   */
  private static final double LEFT = 0.6;

  /** ρ that a relaxed step has at least if it was worth it; 1.73 for e⁻ᵗ. */
  private static final double WORTH = 1.3;

  private boolean on;

  /** The first length of the next step in units of that at the model's minimum. */
  double factor() {
    return on ? FACTOR : 1;
  }

  /** After a step that was not relaxed. */
  void learn(StepOutcome outcome, boolean toTheMinimum) {
    on =
        toTheMinimum
            && outcome.reductionRatio > QUICK
            && outcome.lossBefore > 0
            && outcome.lossAfter < LEFT * outcome.lossBefore;
  }

  /** Whether a relaxed step fell far enough; else the next is not relaxed. */
  boolean paid(StepOutcome outcome) {
    on = outcome.reductionRatio >= WORTH;
    return on;
  }

  /** After a length that was refused. */
  void stop() {
    on = false;
  }

  void exchange(State state) {
    on = state.flag("on", on);
  }
}
