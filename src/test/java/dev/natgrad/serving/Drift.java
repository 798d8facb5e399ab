package dev.natgrad.serving;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.serving.DriftBudget.WhenSpent;

/** Drift controls for the tests. */
final class Drift {
  private Drift() {}

  /** A budget whose window never ends by itself. */
  static DriftControl control(Stream s, Mat reference, double nats, WhenSpent whenSpent) {
    DriftBudget budget = new DriftBudget(nats, KlOver.MEAN, 0, 0, whenSpent);
    return new DriftControl(s.workspace, s.problem, reference, budget, () -> 0);
  }
}
