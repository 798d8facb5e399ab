package dev.natgrad.training;

import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;

/** How many steps in a row were refused or gained nothing. Thread rule: the trainer's. */
final class Stalling implements Stateful {
  private final double unitRoundoff;
  private int refused;

  /** The lowest objective of a step on all samples; infinite while batches are smaller. */
  private double lowest;

  /** The objective at the end of the last step. */
  private double last;

  Stalling(double unitRoundoff) {
    this.unitRoundoff = unitRoundoff;
    begin();
  }

  void begin() {
    refused = 0;
    lowest = Double.POSITIVE_INFINITY;
    last = Double.NaN;
  }

  /** Takes a step's outcome; all says whether it was on all samples. */
  void add(StepOutcome outcome, boolean all) {
    if (!stalled(outcome, all)) {
      refused = 0;
    } else if (all || outcome.status() != StepStatus.ZERO_GRADIENT) {
      // Of a part of the samples without a gradient, as where all its weights are 0, nothing is
      // learnt: others may have one.
      refused++;
    }
  }

  /**
   * Refused, or so short that the objective fell by no more than its rounding, below all that it
   * was on the same samples: where steps may raise it by a rounding, some only take that back.
   */
  private boolean stalled(StepOutcome outcome, boolean all) {
    if (outcome.lossBefore() != last) {
      // The same function has the same bits, measured again or not. This one is another, as after
      // weights were told, and what was the lowest was not of it.
      lowest = Double.POSITIVE_INFINITY;
    }
    last = outcome.lossAfter();
    double before = Math.min(outcome.lossBefore(), lowest);
    double fall = before - last;
    double rounding = 4 * unitRoundoff * Math.abs(before);
    lowest = all ? Math.min(before, last) : Double.POSITIVE_INFINITY;
    return !outcome.status().accepted() || fall <= rounding;
  }

  /** The steps without a gain since the last one with one. */
  int steps() {
    return refused;
  }

  @Override
  public void exchange(State state) {
    refused = (int) state.whole("refused", refused);
    lowest = state.number("lowest", lowest);
    last = state.number("last", last);
  }
}
