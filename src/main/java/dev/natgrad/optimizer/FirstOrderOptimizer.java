package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * What the controls share: one gradient a step, and an update by it. Thread rule and allocation are
 * {@link Optimizer}'s.
 */
public abstract class FirstOrderOptimizer implements Optimizer {
  final Vec theta;
  final Vec g;
  double learningRate;
  private final Objective objective;
  private final StepOutcome outcome = new StepOutcome();

  FirstOrderOptimizer(Workspace workspace, Problem problem, double learningRate) {
    setLearningRate(learningRate);
    this.objective = new Objective(workspace, problem);
    this.theta = Vec.allocate(workspace, problem.model().parameters(), problem.precision());
    this.g = Vec.allocate(workspace, problem.model().parameters(), problem.precision());
  }

  /** The objective and two vectors of P. */
  static long bytes(Problem problem) {
    return Objective.bytes(problem)
        + 2 * Vec.bytes(problem.model().parameters(), problem.precision());
  }

  /**
   * Changes the learning rate from the next step on, for a schedule.
   *
   * @param learningRate η, finite and &gt; 0
   * @throws IllegalArgumentException if it is out of range; the old one then stays
   */
  public final void setLearningRate(double learningRate) {
    if (!(learningRate > 0) || learningRate > Double.MAX_VALUE) {
      throw new IllegalArgumentException(
          "learningRate is " + learningRate + "; it must be finite and > 0");
    }
    this.learningRate = learningRate;
  }

  /** Changes θ by the gradient in g. */
  abstract void update();

  /** What an update depends on beside θ, g and the learning rate. */
  abstract void exchangeMoments(State state);

  @Override
  public final void exchange(State state) {
    state.vector("theta", theta);
    learningRate = state.number("learning_rate", learningRate);
    exchangeMoments(state);
  }

  @Override
  public final Vec parameters() {
    return theta;
  }

  @Override
  public final StepOutcome step(Mat x, Mat y) {
    final long start = System.nanoTime();
    outcome.clear();
    objective.check(x, y);
    outcome.lossBefore = objective.value(theta, x, y);
    outcome.status = StepStatus.NON_FINITE;
    if (Double.isFinite(outcome.lossBefore)) {
      objective.gradient(theta, y, g);
      outcome.gradientNorm = Blas.nrm2(g);
      if (outcome.gradientNorm == 0) {
        outcome.status = StepStatus.ZERO_GRADIENT;
      } else if (Double.isFinite(outcome.gradientNorm)) {
        outcome.beta = learningRate;
        update();
        outcome.status = StepStatus.ACCEPTED;
      }
    }
    outcome.nanos = System.nanoTime() - start;
    return outcome;
  }
}
