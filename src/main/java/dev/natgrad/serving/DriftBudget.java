package dev.natgrad.serving;

import dev.natgrad.distribution.KlOver;
import java.util.Objects;

/**
 * How far the model may move within a window, beside ε for each step: KL(reference‖now) ≤ budget,
 * where the reference is the model at the window's start. Steps of KL ε can drift by n²·ε in n
 * steps of one direction, or by nothing at all, so the drift is measured, not added up.
 *
 * <p>A window ends after a time, after a number of accepted steps, or only when the caller sets a
 * new reference; then the model of that moment becomes the reference and the budget is whole again.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param nats the budget, finite and &gt; 0
 * @param over whether it holds for the mean or the maximum over the reference batch
 * @param windowNanos the length of a window in nanoseconds, or 0 for no end by time
 * @param windowSteps the accepted steps of a window, or 0 for no end by steps
 * @param whenSpent what becomes of steps that no longer fit
 */
public record DriftBudget(
    double nats, KlOver over, long windowNanos, long windowSteps, WhenSpent whenSpent) {
  /** What becomes of steps that no longer fit into the budget. */
  public enum WhenSpent {
    /** ε is reduced so that they fit, until it can no longer be resolved. */
    SHRINK,
    /** No further step is made until the window ends. */
    STOP
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the component, its value and its range
   */
  public DriftBudget {
    Objects.requireNonNull(over, "over");
    Objects.requireNonNull(whenSpent, "whenSpent");
    Arguments.above("nats", nats, 0);
    Arguments.atLeast("windowNanos", windowNanos, 0);
    Arguments.atLeast("windowSteps", windowSteps, 0);
  }
}
