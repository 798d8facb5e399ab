package dev.natgrad.serving;

import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * The events of the flight recorder. Each is one object, used again and again, so that nothing is
 * allocated; while an event is off, telling it costs one test of a field.
 */
final class FlightEvents implements Events {
  private final StepEvent step = new StepEvent();
  private final RejectedEvent rejected = new RejectedEvent();
  private final FallbackEvent fallback = new FallbackEvent();
  private final PublishEvent publish = new PublishEvent();
  private final BudgetEvent budget = new BudgetEvent();
  private final AuditEvent audit = new AuditEvent();

  /** One step of the optimiser. */
  @Name("dev.natgrad.Step")
  @Label("Step")
  @Category("natgrad")
  @StackTrace(false)
  private static final class StepEvent extends Event {
    @Label("Status")
    String status;

    @Label("Samples")
    int samples;

    @Label("Loss Before")
    @Description("nats per sample")
    double lossBefore;

    @Label("Loss After")
    @Description("nats per sample")
    double lossAfter;

    @Label("KL")
    @Description("nats")
    double kl;

    @Label("Epsilon")
    @Description("nats")
    double epsilon;

    @Label("Damping")
    double lambda;

    @Label("Reduction Ratio")
    double reductionRatio;

    @Label("CG Iterations")
    int cgIterations;

    @Label("Time In Step")
    @Timespan(Timespan.NANOSECONDS)
    long nanos;
  }

  /** A step that left the parameters as they were. */
  @Name("dev.natgrad.Rejected")
  @Label("Rejected Step")
  @Category("natgrad")
  @StackTrace(false)
  private static final class RejectedEvent extends Event {
    @Label("Status")
    String status;

    @Label("KL")
    @Description("nats")
    double kl;

    @Label("Epsilon")
    @Description("nats")
    double epsilon;
  }

  /** A lesser way was taken than the one asked for. */
  @Name("dev.natgrad.Fallback")
  @Label("Fallback")
  @Category("natgrad")
  @StackTrace(false)
  private static final class FallbackEvent extends Event {
    @Label("What")
    String what;

    @Label("Epsilon")
    @Description("nats")
    double epsilon;
  }

  /** A publish or a rollback. */
  @Name("dev.natgrad.Publish")
  @Label("Publish")
  @Category("natgrad")
  @StackTrace(false)
  private static final class PublishEvent extends Event {
    @Label("Status")
    String status;

    @Label("Version")
    long version;
  }

  /** The drift budget changed what is done. */
  @Name("dev.natgrad.Budget")
  @Label("Drift Budget")
  @Category("natgrad")
  @StackTrace(false)
  private static final class BudgetEvent extends Event {
    @Label("What")
    String what;

    @Label("Spent")
    @Description("nats")
    double spent;

    @Label("Budget")
    @Description("nats")
    double nats;
  }

  /** A check of an audit failed. */
  @Name("dev.natgrad.AuditFailed")
  @Label("Failed Audit")
  @Category("natgrad")
  @StackTrace(false)
  private static final class AuditEvent extends Event {
    @Label("Check")
    String check;

    @Label("Value")
    double value;

    @Label("Bound")
    double bound;
  }

  @Override
  public void stepBegins() {
    if (step.isEnabled()) {
      step.begin();
    }
  }

  @Override
  public void stepEnds(StepOutcome outcome, int samples) {
    if (step.isEnabled()) {
      step.end();
      if (step.shouldCommit()) {
        step.status = outcome.status().name();
        step.samples = samples;
        step.lossBefore = outcome.lossBefore();
        step.lossAfter = outcome.lossAfter();
        step.kl = outcome.kl();
        step.epsilon = outcome.epsilon();
        step.lambda = outcome.lambda();
        step.reductionRatio = outcome.reductionRatio();
        step.cgIterations = outcome.cgIterations();
        step.nanos = outcome.nanos();
        step.commit();
      }
    }
    StepStatus status = outcome.status();
    if (!status.accepted() && rejected.isEnabled()) {
      rejected.begin();
      rejected.status = status.name();
      rejected.kl = outcome.kl();
      rejected.epsilon = outcome.epsilon();
      rejected.commit();
    }
  }

  @Override
  public void fallback(String what, double epsilon) {
    if (fallback.isEnabled()) {
      fallback.begin();
      fallback.what = what;
      fallback.epsilon = epsilon;
      fallback.commit();
    }
  }

  @Override
  public void published(String status, long version) {
    if (publish.isEnabled()) {
      publish.begin();
      publish.status = status;
      publish.version = version;
      publish.commit();
    }
  }

  @Override
  public void budget(String what, double spent, double nats) {
    if (budget.isEnabled()) {
      budget.begin();
      budget.what = what;
      budget.spent = spent;
      budget.nats = nats;
      budget.commit();
    }
  }

  @Override
  public void auditFailed(String check, double value, double bound) {
    if (audit.isEnabled()) {
      audit.begin();
      audit.check = check;
      audit.value = value;
      audit.bound = bound;
      audit.commit();
    }
  }
}
