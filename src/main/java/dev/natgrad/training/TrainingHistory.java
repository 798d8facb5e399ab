package dev.natgrad.training;

import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.solver.CgStatus;
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
   * @param beta the step size, or NaN
   * @param reductionRatio ρ, or NaN
   * @param gradientNorm ‖g‖₂
   * @param cgIterations the solver's iterations
   * @param products the products with F that it made
   * @param cgStatus why it stopped; null where none ran
   * @param trials the lengths measured
   */
  public record Step(
      long step,
      double seconds,
      StepStatus status,
      double kl,
      double epsilon,
      double lambda,
      double beta,
      double reductionRatio,
      double gradientNorm,
      int cgIterations,
      int products,
      CgStatus cgStatus,
      int trials) {
    /** How many numbers {@link #numbers} gives. */
    private static final int SIZE = 12;

    private static Step of(long step, double seconds, StepOutcome outcome) {
      return new Step(
          step,
          seconds,
          outcome.status(),
          outcome.kl(),
          outcome.epsilon(),
          outcome.lambda(),
          outcome.beta(),
          outcome.reductionRatio(),
          outcome.gradientNorm(),
          outcome.cgIterations(),
          outcome.products(),
          outcome.cgStatus(),
          outcome.trials());
    }

    private DoubleStream numbers() {
      return DoubleStream.of(
          seconds,
          status.ordinal(),
          kl,
          epsilon,
          lambda,
          beta,
          reductionRatio,
          gradientNorm,
          cgIterations,
          products,
          cgStatus == null ? NONE : cgStatus.ordinal(),
          trials);
    }

    private static Step read(double[] numbers, int at) {
      double cg = numbers[at + 10];
      return new Step(
          at / SIZE + 1L,
          numbers[at],
          StepStatus.values()[(int) numbers[at + 1]],
          numbers[at + 2],
          numbers[at + 3],
          numbers[at + 4],
          numbers[at + 5],
          numbers[at + 6],
          numbers[at + 7],
          (int) numbers[at + 8],
          (int) numbers[at + 9],
          cg == NONE ? null : CgStatus.values()[(int) cg],
          (int) numbers[at + 11]);
    }
  }

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

  /** No place in an enumeration: stands for null. */
  private static final double NONE = -1;

  private final List<Step> steps = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();
  private final Map<StepStatus, Long> counts = new EnumMap<>(StepStatus.class);
  private double largestKl = Double.NaN;
  private double largestEpsilon = Double.NaN;
  private long violations;

  TrainingHistory() {}

  void add(StepOutcome outcome, double seconds) {
    add(Step.of(steps.size() + 1L, seconds, outcome));
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

  /** {@link Step#SIZE} numbers a step, eight an evaluation. */
  void exchange(State state) {
    double[] savedSteps = steps.stream().flatMapToDouble(Step::numbers).toArray();
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
    for (int i = 0; i < newSteps.length; i += Step.SIZE) {
      add(Step.read(newSteps, i));
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

  /** Why steps without a gain end a run: at a minimum no step is refused for its KL divergence. */
  Trainer.StopReason stalled() {
    int first = Math.max(0, steps.size() - Trainer.STALLED_STEPS);
    boolean unresolved =
        steps.subList(first, steps.size()).stream()
            .map(Step::status)
            .anyMatch(s -> s == StepStatus.BELOW_RESOLUTION || s == StepStatus.REJECTED_KL);
    return unresolved ? Trainer.StopReason.BELOW_RESOLUTION : Trainer.StopReason.CONVERGED;
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
    return counts.keySet().stream().filter(StepStatus::accepted).mapToLong(this::count).sum();
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
