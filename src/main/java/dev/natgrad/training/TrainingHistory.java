package dev.natgrad.training;

import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a training run did, step by step and evaluation by evaluation.
 *
 * <p>Thread rule: written by the training loop, then read by anyone.
 */
public final class TrainingHistory {
  /**
   * One step.
   *
   * @param step its number, from 1
   * @param seconds the time since the start of the run
   * @param status how it ended
   * @param kl the measured KL(old‖new) in nats, or NaN
   * @param epsilon the ε in force in nats, or NaN
   * @param lambda the relative damping in force, or NaN
   * @param cgIterations the solver's iterations
   */
  public record Step(
      long step,
      double seconds,
      StepStatus status,
      double kl,
      double epsilon,
      double lambda,
      int cgIterations) {}

  /**
   * One evaluation.
   *
   * @param step the steps made before it
   * @param seconds the time since the start of the run
   * @param training on the training samples
   * @param validation on the validation samples; null without them
   */
  public record Point(long step, double seconds, Evaluation training, Evaluation validation) {}

  private final List<Step> steps = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();
  private final Map<StepStatus, Long> counts = new EnumMap<>(StepStatus.class);
  private double largestKl = Double.NaN;
  private double largestEpsilon = Double.NaN;
  private long violations;

  TrainingHistory() {}

  void add(StepOutcome outcome, double seconds) {
    StepStatus status = outcome.status();
    counts.merge(status, 1L, Long::sum);
    largestEpsilon = larger(largestEpsilon, outcome.epsilon());
    if (status.accepted()) {
      largestKl = larger(largestKl, outcome.kl());
      violations += outcome.kl() > outcome.epsilon() ? 1 : 0;
    }
    steps.add(
        new Step(
            steps.size() + 1L,
            seconds,
            status,
            outcome.kl(),
            outcome.epsilon(),
            outcome.lambda(),
            outcome.cgIterations()));
  }

  void add(Point point) {
    points.add(point);
  }

  private static double larger(double a, double b) {
    return Double.isNaN(a) || b > a ? b : a;
  }

  /**
   * Returns the steps in order.
   *
   * @return a read-only view
   */
  public List<Step> steps() {
    return Collections.unmodifiableList(steps);
  }

  /**
   * Returns the evaluations in order; the first is at the start.
   *
   * @return a read-only view
   */
  public List<Point> points() {
    return Collections.unmodifiableList(points);
  }

  /**
   * Returns how many steps ended in a way.
   *
   * @param status the way
   * @return a count
   */
  public long count(StepStatus status) {
    return counts.getOrDefault(status, 0L);
  }

  /**
   * Returns how many steps changed the parameters.
   *
   * @return a count
   */
  public long accepted() {
    return count(StepStatus.ACCEPTED) + count(StepStatus.SHORTENED);
  }

  /**
   * Returns how many steps left the parameters as they were.
   *
   * @return a count
   */
  public long rejected() {
    return steps.size() - accepted();
  }

  /**
   * Returns the largest measured KL(old‖new) of the accepted steps.
   *
   * @return nats; NaN if none was measured
   */
  public double largestKl() {
    return largestKl;
  }

  /**
   * Returns the largest ε in force at any step.
   *
   * @return nats; NaN for an optimiser without a bound
   */
  public double largestEpsilon() {
    return largestEpsilon;
  }

  /**
   * Returns the accepted steps whose KL exceeded the ε in force at them.
   *
   * @return a count, 0 for the natural gradient
   */
  public long klViolations() {
    return violations;
  }
}
