package dev.natgrad.serving;

import dev.natgrad.linalg.Vec;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import dev.natgrad.state.State;
import java.util.Objects;

/**
 * Decides whether a candidate step fits into the drift budget and how much smaller the next must
 * be.
 *
 * <p>Near the reference the root of a KL divergence is a norm of the difference, so a step of KL κ,
 * measured on the reference batch, takes a drift D at most to (√D + √κ)². The largest ε that must
 * fit is therefore (√budget − √D)²/c, where c relates κ to ε; c is learned from steps that did not
 * fit. What counts is measured afterwards in any case.
 */
final class DriftGuard {
  /** A step that must fit by the estimate aims at this part of what is left. */
  private static final double AIM = 0.8;

  /** Below this part of the budget a step is no longer worth its time. */
  private static final double LEAST = 1e-4;

  private static final int MOST_ATTEMPTS = 4;

  private final DriftControl drift;
  private final double nats;
  private final NaturalGradient natural;
  private final Events events;
  private double growth = 1;
  private int attempts;
  private boolean spent;

  DriftGuard(DriftControl drift, NaturalGradient natural, Events events) {
    this.drift = Objects.requireNonNull(drift, "drift");
    this.nats = drift.budget().nats();
    this.natural = natural;
    this.events = events;
    if (drift.budget().whenSpent() == WhenSpent.SHRINK && natural == null) {
      throw new IllegalArgumentException(
          "the budget asks to shrink steps, but only the natural gradient has an ε to reduce: use"
              + " STOP");
    }
  }

  void anchor(Vec theta) {
    drift.anchor(theta);
    restart();
  }

  private void restart() {
    spent = false;
    growth = 1;
    if (natural != null) {
      natural.capEpsilon(Double.POSITIVE_INFINITY);
    }
  }

  /** Begins an update; false if there is nothing left to spend. */
  boolean begin(Vec theta) {
    if (drift.renew(theta)) {
      restart();
    }
    attempts = 0;
    return !spent && cap();
  }

  /** Lets no step be tried that by the estimate cannot fit; false if none is worth trying. */
  private boolean cap() {
    if (drift.budget().whenSpent() != WhenSpent.SHRINK) {
      return true;
    }
    double left = Math.sqrt(nats) - Math.sqrt(drift.spent());
    double most = left * left * AIM / growth;
    if (!(left > 0) || most < LEAST * nats) {
      stop();
      return false;
    }
    natural.capEpsilon(most);
    return true;
  }

  private void stop() {
    spent = true;
    events.budget("SPENT", drift.spent(), nats);
  }

  double measure(Vec theta) {
    return drift.measure(theta);
  }

  boolean fits(double candidate) {
    return candidate <= nats;
  }

  /** After a candidate that did not fit: makes ε smaller; false if that is the end of it. */
  boolean shrink(double candidate, StepOutcome step) {
    attempts++;
    if (drift.budget().whenSpent() == WhenSpent.STOP || attempts >= MOST_ATTEMPTS) {
      stop();
      return false;
    }
    double moved = Math.sqrt(candidate) - Math.sqrt(drift.spent());
    double observed = moved * moved / step.kl();
    growth = Math.max(observed <= Double.MAX_VALUE ? observed : 0, 4 * growth);
    if (!cap()) {
      return false;
    }
    events.budget("SHRUNK", drift.spent(), nats);
    events.fallback("SMALLER_EPSILON", step.epsilon());
    return true;
  }

  void exchange(State state) {
    drift.exchange(state.part("control"));
    growth = state.number("growth", growth);
    spent = state.flag("spent", spent);
  }

  /** Takes note of a step that fitted. */
  void accept(double candidate) {
    drift.accept(candidate);
  }
}
