package dev.natgrad.optimizer;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;

/**
 * The objective f(θ) = the problem's function of z(θ, x) + ½·l2·‖θ‖², its gradient, and the outputs
 * and mean parameters at the point, which the Fisher products need.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen.
 */
final class Objective {
  final Linearization linearization;
  final OutputDistribution distribution;
  final double l2;
  private final dev.natgrad.objective.Objective ofOutputs;
  private final int maxBatch;
  private final BatchViews<Views> views;
  private Views at;

  /** What had been told when the objective was last evaluated by {@link #value}. */
  private long toldOfOutputs;

  private long toldOfDistribution;

  /** One batch size's rows of the buffers: outputs, mean parameters and scores, both as one. */
  private record Views(Mat z, Mat m, Vec allOfM, Mat u, Vec allOfU) {}

  Objective(Workspace workspace, Problem problem) {
    Model model = problem.model();
    Precision precision = problem.precision();
    this.maxBatch = problem.maxBatch();
    this.linearization = model.linearize(workspace, maxBatch, precision);
    this.distribution = problem.distribution();
    this.ofOutputs = problem.objective();
    this.l2 = problem.l2();
    int columns = model.outputs();
    Mat outputs = Mat.allocate(workspace, maxBatch, columns, precision);
    int entries = Math.multiplyExact(maxBatch, columns);
    Vec means = Vec.allocate(workspace, entries, precision);
    Vec scores = Vec.allocate(workspace, entries, precision);
    this.views =
        new BatchViews<>(
            maxBatch,
            rows ->
                new Views(
                    outputs.top(rows),
                    means.asMat(rows, columns),
                    means.slice(0, rows * columns),
                    scores.asMat(rows, columns),
                    scores.slice(0, rows * columns)));
  }

  /** The linearisation and three batches of outputs. */
  static long bytes(Problem problem) {
    return problem.model().linearizationBytes(problem.maxBatch(), problem.precision())
        + 3 * Mat.bytes(problem.maxBatch(), problem.model().outputs(), problem.precision());
  }

  /** Checks a batch before anything is computed from it. */
  void check(Mat x, Mat y) {
    if (x.rows() < 1 || x.rows() > maxBatch) {
      throw new IllegalArgumentException(
          "x has "
              + x.rows()
              + " rows; a batch has between 1 and "
              + maxBatch
              + ", the largest batch this optimiser was built for");
    }
    if (y.rows() != x.rows()) {
      throw new IllegalArgumentException(
          "y has " + y.rows() + " rows and x has " + x.rows() + "; both must have one per sample");
    }
    ofOutputs.check(y);
  }

  /** Evaluates f at θ; the outputs stay in {@link #z()}. */
  double value(Vec theta, Mat x, Mat y) {
    at = views.of(x.rows());
    toldOfOutputs = ofOutputs.told();
    toldOfDistribution = distribution.told();
    linearization.evaluate(theta, x, at.z);
    return ofOutputs.value(at.z, y) + penalty(theta);
  }

  /** Whether what was evaluated since the last {@link #value} is still of the same function. */
  boolean unchanged() {
    return ofOutputs.told() == toldOfOutputs
        && toldOfOutputs >= 0
        && distribution.told() == toldOfDistribution
        && toldOfDistribution >= 0;
  }

  /** The same at another θ, where X has not changed since the last evaluation. */
  double valueAgain(Vec theta, Mat x, Mat y) {
    linearization.evaluateAgain(theta, x, at.z);
    return ofOutputs.value(at.z, y) + penalty(theta);
  }

  /**
   * The second derivative of f along d, as far as it is known.
   *
   * @param model the quadratic model along d
   */
  double curvature(StepModel model, Vec d) {
    if (ofOutputs.fisherIsCurvature()) {
      return model.curvature() + model.penalty();
    }
    return l2 == 0 ? 0 : l2 * Blas.dsdot(d, d);
  }

  private double penalty(Vec theta) {
    return l2 == 0 ? 0 : 0.5 * l2 * Blas.dsdot(theta, theta);
  }

  /** g ← ∇f at the point of the last {@link #value}; the mean parameters stay in {@link #m()}. */
  void gradient(Vec theta, Mat y, Vec g) {
    distribution.mean(at.z, at.m);
    ofOutputs.gradient(1.0 / at.z.rows(), at.z, at.m, y, at.u);
    linearization.vjp(at.u, 0, g);
    if (l2 != 0) {
      Blas.axpy(l2, theta, g);
    }
  }

  /**
   * ∇f·d at the point of the last {@link #valueAgain}, by a tangent product. The scores are those
   * of that point then; the mean parameters, which are its scratch, remain those of the outputs
   * {@code old}, at which the curvature is taken.
   */
  double slope(Vec theta, Mat y, Vec d, Mat old) {
    distribution.mean(at.z, at.m);
    ofOutputs.gradient(1.0 / at.z.rows(), at.z, at.m, y, at.u);
    linearization.jvp(d, at.m);
    double slope = Blas.dsdot(at.allOfU, at.allOfM);
    distribution.mean(old, at.m);
    return l2 == 0 ? slope : slope + l2 * Blas.dsdot(theta, d);
  }

  /**
   * How far independent errors of the outputs, none above 1, may move the objective at the point of
   * the last gradient: λ‖∂f/∂z‖₂ (Hoeffding), and never more than √N‖∂f/∂z‖₂ ≥ ‖∂f/∂z‖₁ with N
   * outputs.
   */
  double sensitivity(double lambda) {
    double most = Math.min(lambda, Math.sqrt(at.allOfU.length()));
    return most * Math.sqrt(Blas.dsdot(at.allOfU, at.allOfU));
  }

  Mat z() {
    return at.z;
  }

  Mat m() {
    return at.m;
  }
}
