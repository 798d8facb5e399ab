package dev.natgrad.optimizer;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;

/**
 * Measures the objective and the KL of the batch at θ − βd, with the rounding bounds of both. It
 * keeps the old parameters and outputs, so that every length begins at the same bits, and none
 * leaves a trace that {@link #undo} does not remove.
 */
final class StepMeasure {
  /** As many standard deviations as a sum of independent roundings stays within (Hoeffding). */
  private static final double LAMBDA = 8;

  private static final double UNIT_ROUNDOFF = 0x1p-53;

  private final Objective objective;
  private final Radius radius;
  private final BudgetMeter meter;
  private final Vec saved;
  private final BatchViews<Mat> oldViews;
  private Mat oldOutputs;
  private double oldError;
  private double newError;

  /** About what the old outputs are off by, where the bound is too large to judge by. */
  private double oldRounding;

  /** Whether the objective was last evaluated at the accepted parameters. */
  private boolean evaluated;

  private double value;
  private double kl;
  private double bounded;

  /** NaN until a step asks for it, before any other use of the scores. */
  private double sensitivity;

  StepMeasure(
      Workspace workspace, Problem problem, Objective objective, Radius radius, BudgetMeter meter) {
    this.objective = objective;
    this.radius = radius;
    this.meter = meter;
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

  /** Whether the last step was accepted and what it measured last are the parameters it left. */
  boolean evaluated() {
    return evaluated;
  }

  /** Forgets what the last step measured. */
  void moved() {
    evaluated = false;
  }

  /** Keeps the outputs at the old parameters, just evaluated. */
  void begin() {
    Mat z = objective.z();
    oldOutputs = oldViews.of(z.rows());
    Blas.copy(z, oldOutputs);
    sensitivity = Double.NaN;
    oldError = evaluated ? newError : objective.linearization.outputErrorBound();
    oldRounding = objective.linearization.outputRounding();
  }

  /** The rounding bound of a KL of zero: no smaller ε can be verified. */
  double resolution() {
    return klError(oldOutputs, oldOutputs, 0, oldError);
  }

  /**
   * The KL the first length aims at, at least {@code least}·ε. At ε itself the rounding bound alone
   * would refuse it, even where the quadratic model is exact; twice the bound leaves room for its
   * growth along the step.
   */
  double aim(double least, double epsilon) {
    double bound = klError(oldOutputs, oldOutputs, epsilon, oldError);
    return Math.max(epsilon - 2 * bound, least * epsilon);
  }

  private double klError(Mat from, Mat to, double kl, double outputError) {
    return objective.distribution.klErrorBound(from, to, radius.over(), kl, outputError);
  }

  /** A vector of P that is free until {@link #keep}. */
  Vec work() {
    return saved;
  }

  /** Keeps the old parameters, from which lengths go. */
  void keep(Vec theta) {
    Blas.copy(theta, saved);
  }

  /** Returns to the old parameters. */
  void undo(Vec theta) {
    evaluated = false;
    Blas.copy(saved, theta);
  }

  /** Returns to a length measured before, where the objective had a value. */
  void back(double beta, double valueThere, Vec theta, Vec d) {
    move(beta, theta, d);
    evaluated = false;
    value = valueThere;
  }

  private void move(double beta, Vec theta, Vec d) {
    Blas.copy(saved, theta);
    Blas.axpy(-beta, d, theta);
  }

  /** Goes to a length, and measures there. */
  void take(double beta, Vec theta, Vec d, Mat x, Mat y) {
    move(beta, theta, d);
    value = objective.valueAgain(theta, x, y);
    if (!Double.isFinite(value)) {
      // Also −∞ is no decrease: there is no way on from there.
      value = Double.POSITIVE_INFINITY;
    }
    boolean forward = radius.direction() == KlDirection.OLD_NEW;
    Mat from = forward ? oldOutputs : objective.z();
    Mat to = forward ? objective.z() : oldOutputs;
    kl = objective.distribution.kl(from, to, radius.over());
    newError = objective.linearization.outputErrorBound();
    evaluated = true;
    double error = Math.max(oldError, newError);
    bounded = kl + klError(from, to, kl, error);
    meter.record(BudgetMeter.Part.TRIAL, 1);
  }

  /** The objective at the last length, +∞ where it is no finite number. */
  double value() {
    return value;
  }

  /** The KL at the last length. */
  double kl() {
    return kl;
  }

  /** The same with its rounding bound. */
  double bounded() {
    return bounded;
  }

  /**
   * About how far the difference of two values of the objective may be off: to first order the
   * errors e of the two batches of outputs, λ‖∂f/∂z‖₂·e as they are independent and √N‖∂f/∂z‖₂·e
   * for N of them, and the two sums over the samples in double, each with its logarithm.
   */
  double rounding(double old) {
    if (Double.isNaN(sensitivity)) {
      sensitivity = objective.sensitivity(LAMBDA);
    }
    double outputs = sensitivity * (oldRounding + objective.linearization.outputRounding());
    double terms = oldOutputs.rows() + oldOutputs.cols();
    return outputs + 2 * LAMBDA * Math.sqrt(terms) * UNIT_ROUNDOFF * Math.abs(old);
  }

  /**
   * ∇f·d at the last length, after {@link #rounding}; NaN where the time does not allow it. Costs a
   * tangent product on all of the batch, as much as a gradient.
   */
  double slope(Vec theta, Vec d, Mat y) {
    if (!meter.fitsPass()) {
      return Double.NaN;
    }
    double slope = objective.slope(theta, y, d, oldOutputs);
    meter.record(BudgetMeter.Part.GRADIENT, 1);
    return slope;
  }
}
