package dev.natgrad.optimizer;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;

/**
 * Finds the length of a step along −d: from the quadratic models, then by measuring. It keeps the
 * old parameters and outputs, so that a step that cannot be made short enough is undone exactly.
 */
final class StepSearch {
  /** Lengths tried before a step is given up; each is at most 0.9 of the one before. */
  private static final int MOST_TRIALS = 12;

  /** The part of ε aimed at when a measured KL was too large, to hit below it at once. */
  private static final double AIM = 0.9;

  private final Objective objective;
  private final KlOver klOver;
  private final Vec saved;
  private final BatchViews<Mat> oldViews;
  private Mat oldOutputs;
  private double oldError;
  private double slope;
  private double curvature;
  private double penalty;
  private double epsilon;
  private double first;
  private boolean boundary;

  StepSearch(Workspace workspace, Problem problem, Objective objective, KlOver klOver) {
    this.objective = objective;
    this.klOver = klOver;
    this.saved = Vec.allocate(workspace, problem.model().parameters(), problem.precision());
    int maxBatch = problem.maxBatch();
    Mat old = Mat.allocate(workspace, maxBatch, problem.model().outputs(), problem.precision());
    this.oldViews = new BatchViews<>(maxBatch, old::top);
  }

  /** A vector of P and a batch of outputs. */
  static long bytes(Problem problem) {
    return Vec.bytes(problem.model().parameters(), problem.precision())
        + Mat.bytes(problem.maxBatch(), problem.model().outputs(), problem.precision());
  }

  /** Keeps the outputs at the old parameters, just evaluated. */
  void begin() {
    Mat z = objective.z();
    oldOutputs = oldViews.of(z.rows());
    Blas.copy(z, oldOutputs);
    oldError = objective.linearization.outputErrorBound();
  }

  /** The rounding bound of a KL of zero: no smaller ε can be verified. */
  double resolution() {
    return klError(oldOutputs, 0, oldError);
  }

  private double klError(Mat outputs, double kl, double outputError) {
    return objective.distribution.klErrorBound(oldOutputs, outputs, klOver, kl, outputError);
  }

  /** A vector of P that is free until {@link #run}. */
  Vec work() {
    return saved;
  }

  /** Takes the models f − β·slope + ½β²(curvature + penalty) and KL = ½β²·curvature. */
  void model(double slope, double curvature, double penalty, double epsilon) {
    this.slope = slope;
    this.curvature = curvature;
    this.penalty = penalty;
    this.epsilon = epsilon;
    double atRadius = Math.sqrt(2 * aim(epsilon) / curvature);
    double atMinimum = slope / (curvature + penalty);
    this.boundary = atRadius <= atMinimum;
    this.first = Math.min(atRadius, atMinimum);
  }

  /**
   * The KL the first length aims at. At ε itself the rounding bound alone would refuse it, even
   * where the quadratic model is exact; twice the bound leaves room for its growth along the step.
   */
  private double aim(double epsilon) {
    double bound = klError(oldOutputs, epsilon, oldError);
    return Math.max(epsilon - 2 * bound, AIM * epsilon);
  }

  /** Whether the radius, not the objective's model, limited the first length. */
  boolean boundary() {
    return boundary;
  }

  /** Also where the model throws, θ is as before unless the step was accepted. */
  StepStatus run(Vec theta, Vec d, Mat x, Mat y, StepOutcome outcome) {
    Blas.copy(theta, saved);
    boolean accepted = false;
    try {
      StepStatus status = tryLengths(theta, d, x, y, outcome);
      accepted = status.accepted();
      return status;
    } finally {
      if (!accepted) {
        Blas.copy(saved, theta);
      }
    }
  }

  private StepStatus tryLengths(Vec theta, Vec d, Mat x, Mat y, StepOutcome outcome) {
    double beta = first;
    StepStatus rejection = StepStatus.REJECTED_OBJECTIVE;
    for (int trial = 1; trial <= MOST_TRIALS; trial++) {
      outcome.trials = trial;
      outcome.beta = beta;
      Blas.copy(saved, theta);
      Blas.axpy(-beta, d, theta);
      double value = objective.value(theta, x, y);
      double kl = objective.distribution.kl(oldOutputs, objective.z(), klOver);
      double error = Math.max(oldError, objective.linearization.outputErrorBound());
      double bounded = kl + klError(objective.z(), kl, error);
      double foreseen = beta * slope - 0.5 * beta * beta * (curvature + penalty);
      outcome.kl = kl;
      outcome.lossAfter = value;
      outcome.reductionRatio = (outcome.lossBefore - value) / foreseen;
      boolean within = bounded <= epsilon;
      if (within && value <= outcome.lossBefore) {
        return trial == 1 ? StepStatus.ACCEPTED : StepStatus.SHORTENED;
      }
      rejection = within ? StepStatus.REJECTED_OBJECTIVE : StepStatus.REJECTED_KL;
      beta *= within ? shorterForObjective(beta, value, outcome.lossBefore) : shorterForKl(kl);
    }
    return rejection;
  }

  private double shorterForKl(double kl) {
    return clamp(Math.sqrt(AIM * aim(epsilon) / kl), 0.1, 0.9);
  }

  /** The minimum of the parabola through the old value, the slope there and the new value. */
  private double shorterForObjective(double beta, double value, double old) {
    double rise = value - old + beta * slope;
    return clamp(0.5 * beta * slope / rise, 0.1, 0.5);
  }

  /** NaN, from values that are not finite, gives the lower end. */
  private static double clamp(double value, double low, double high) {
    return value >= low ? Math.min(value, high) : low;
  }
}
