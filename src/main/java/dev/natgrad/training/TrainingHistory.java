package dev.natgrad.training;

import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.state.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

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

  /** No accuracy: stands for an evaluation that was not made. */
  private static final double ABSENT = -1;

  private final List<Step> steps = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();
  private final Map<StepStatus, Long> counts = new EnumMap<>(StepStatus.class);
  private double largestKl = Double.NaN;
  private double largestEpsilon = Double.NaN;
  private long violations;

  TrainingHistory() {}

  void add(StepOutcome outcome, double seconds) {
    add(
        new Step(
            steps.size() + 1L,
            seconds,
            outcome.status(),
            outcome.kl(),
            outcome.epsilon(),
            outcome.lambda(),
            outcome.cgIterations()));
  }

  private void add(Step step) {
    StepStatus status = step.status();
    counts.merge(status, 1L, Long::sum);
    largestEpsilon = larger(largestEpsilon, step.epsilon());
    if (status.accepted()) {
      largestKl = larger(largestKl, step.kl());
      violations += step.kl() > step.epsilon() ? 1 : 0;
    }
    steps.add(step);
  }

  private void clear() {
    steps.clear();
    points.clear();
    counts.clear();
    largestKl = Double.NaN;
    largestEpsilon = Double.NaN;
    violations = 0;
  }

  /** Six numbers a step, eight an evaluation. */
  void exchange(State state) {
    double[] savedSteps =
        steps.stream()
            .flatMapToDouble(
                s ->
                    DoubleStream.of(
                        s.seconds, s.status.ordinal(), s.kl, s.epsilon, s.lambda, s.cgIterations))
            .toArray();
    double[] savedPoints =
        points.stream()
            .flatMapToDouble(
                p ->
                    DoubleStream.concat(
                        DoubleStream.of(p.step, p.seconds),
                        DoubleStream.concat(numbers(p.training), numbers(p.validation))))
            .toArray();
    double[] newSteps = state.numbers("steps", savedSteps);
    double[] newPoints = state.numbers("points", savedPoints);
    if (newSteps != savedSteps || newPoints != savedPoints) {
      replace(newSteps, newPoints);
    }
  }

  private void replace(double[] newSteps, double[] newPoints) {
    clear();
    StepStatus[] statuses = StepStatus.values();
    for (int i = 0; i < newSteps.length; i += 6) {
      add(
          new Step(
              i / 6 + 1L,
              newSteps[i],
              statuses[(int) newSteps[i + 1]],
              newSteps[i + 2],
              newSteps[i + 3],
              newSteps[i + 4],
              (int) newSteps[i + 5]));
    }
    for (int i = 0; i < newPoints.length; i += 8) {
      add(
          new Point(
              (long) newPoints[i],
              newPoints[i + 1],
              evaluation(newPoints, i + 2),
              evaluation(newPoints, i + 5)));
    }
  }

  private static DoubleStream numbers(Evaluation e) {
    return e == null
        ? DoubleStream.of(ABSENT, ABSENT, ABSENT)
        : DoubleStream.of(e.loss(), e.accuracy(), e.rmse());
  }

  private static Evaluation evaluation(double[] numbers, int at) {
    return numbers[at + 1] == ABSENT
        ? null
        : new Evaluation(numbers[at], numbers[at + 1], numbers[at + 2]);
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
