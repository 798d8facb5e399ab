package dev.natgrad.optimizer;

/** Outcomes for tests of what reads them. */
public final class Outcomes {
  private Outcomes() {}

  public static StepOutcome of(StepStatus status, double before, double after, double kl) {
    StepOutcome outcome = new StepOutcome();
    outcome.status = status;
    outcome.lossBefore = before;
    outcome.lossAfter = after;
    outcome.kl = kl;
    outcome.epsilon = 0.5;
    outcome.lambda = 2;
    outcome.cgIterations = 3;
    return outcome;
  }
}
