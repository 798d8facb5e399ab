package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * The quadratic model along a step −βd: f − β·slope + ½β²(curvature + penalty), its curvature dᵀFd
 * that of the exact Fisher matrix.
 *
 * <p>With momentum, d is first replaced by αd − μs, s the previous step, with
 *
 * <pre>(α, μ) = argmin gᵀs′ + ½s′ᵀ(F + W + l2·I)s′ over s′ = −αd + μs,</pre>
 *
 * by two tangent products and a 2×2 solve; the damping counts as penalty then, so β = 1 is the
 * minimum.
 */
final class StepModel {
  /**
   * det/(product of the diagonal) below which d and s count as parallel: (1 − cos²) of two vectors
   * in the metric of F + W + l2, where the sums that make it up are accurate to 10⁻⁴ or better.
   */
  private static final double PARALLEL = 1e-4;

  private final CurvatureBatch batch;
  private final CurvatureScale scale;
  private final Vec previous;

  /** The curvature, as a share of that of its entries each by itself, that F does not resolve. */
  private final double unresolved;

  private boolean hasPrevious;

  /** The last plane: products with g, with F and with the damping. */
  private double gd;

  private double gs;
  private double dd;
  private double ds;
  private double ss;
  private double wdd;
  private double wds;
  private double wss;

  private double slope;
  private double curvature;
  private double penalty;
  private double alpha;
  private double mu;

  StepModel(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      boolean momentum) {
    this.batch = batch;
    this.scale = scale;
    this.unresolved = RadiusAndDamping.leastFelt(true, problem.precision());
    this.previous =
        momentum
            ? Vec.allocate(workspace, problem.model().parameters(), problem.precision())
            : null;
  }

  /** A vector of P with momentum. */
  static long bytes(Problem problem, boolean momentum) {
    return momentum ? Vec.bytes(problem.model().parameters(), problem.precision()) : 0;
  }

  /**
   * Takes the model along −d, with momentum after combining d with the previous step; false if
   * there is no descent or no curvature.
   *
   * @param exact whether (F + W + l2)d = g
   */
  boolean take(Vec g, Vec d, double l2, boolean exact, Vec work) {
    if (previous == null) {
      slope = Blas.dsdot(g, d);
      curvature = exact ? difference(d, work) : batch.curvature(d);
      penalty = l2 == 0 ? 0 : l2 * Blas.dsdot(d, d);
      alpha = 1;
      mu = Double.NaN;
    } else {
      combine(g, d, work);
    }
    return slope > 0
        && curvature > 0
        && Double.isFinite(slope)
        && Double.isFinite(curvature)
        && Double.isFinite(penalty);
  }

  /** The decrease of the damped model at its best over d and, with momentum, the previous step. */
  double foreseen(Vec g, Vec d, Vec work) {
    if (previous != null) {
      measure(g, d, work);
      return 0.5 * (alpha * gd - mu * gs);
    }
    scale.dampingTimes(d, work);
    double down = Blas.dsdot(g, d);
    return 0.5 * down * down / (batch.curvature(d) + Blas.dsdot(work, d));
  }

  /**
   * dᵀFd = gᵀd − dᵀ(W + l2)d, by a tangent product where more than half of it would cancel. What is
   * below the rounding of F's entries counts with the damping, so that β = 1 is the minimum: such a
   * d is what the roundings of g have where F is singular, as with a bias beside all the classes of
   * a column, and by its own curvature alone it would be made as long as it can be.
   */
  private double difference(Vec d, Vec work) {
    scale.dampingTimes(d, work);
    double damped = Blas.dsdot(work, d);
    if (damped <= 0.5 * slope) {
      return slope - damped;
    }
    double found = batch.curvature(d);
    scale.diagonalTimes(d, work);
    double resolved = unresolved * Blas.dsdot(work, d);
    return found < resolved ? found + damped : found;
  }

  private void combine(Vec g, Vec d, Vec work) {
    measure(g, d, work);
    slope = alpha * gd - mu * gs;
    curvature = alpha * alpha * dd - 2 * alpha * mu * ds + mu * mu * ss;
    penalty = alpha * alpha * wdd - 2 * alpha * mu * wds + mu * mu * wss;
    if (mu == 0) {
      Blas.scal(alpha, d);
    } else {
      Blas.axpby(-mu, previous, alpha, d);
    }
  }

  /** Takes the products of d, s and g with each other in the model, and the best weights. */
  private void measure(Vec g, Vec d, Vec work) {
    gd = Blas.dsdot(g, d);
    batch.plane(d, hasPrevious ? previous : null);
    dd = batch.first();
    ds = batch.mixed();
    ss = batch.second();
    scale.dampingTimes(d, work);
    wdd = Blas.dsdot(work, d);
    gs = 0;
    wds = 0;
    wss = 0;
    if (hasPrevious) {
      gs = Blas.dsdot(g, previous);
      wds = Blas.dsdot(work, previous);
      scale.dampingTimes(previous, work);
      wss = Blas.dsdot(work, previous);
    }
    weigh(dd + wdd, ds + wds, ss + wss);
  }

  /** Sets α and μ from dᵀBd, dᵀBs, sᵀBs; μ = 0 where the two are as good as parallel. */
  private void weigh(double a, double b, double c) {
    double det = a * c - b * b;
    if (det > PARALLEL * a * c) {
      alpha = (c * gd - b * gs) / det;
      mu = (b * gd - a * gs) / det;
      if (Double.isFinite(alpha) && Double.isFinite(mu)) {
        return;
      }
    }
    alpha = gd / a;
    mu = 0;
  }

  /** Keeps the step −βd that was made. */
  void accepted(double beta, Vec d) {
    if (previous != null) {
      Blas.copy(d, previous);
      Blas.scal(-beta, previous);
      hasPrevious = true;
    }
  }

  /** Forgets the previous step: its continuation was no good. */
  void rejected() {
    hasPrevious = false;
  }

  double slope() {
    return slope;
  }

  double curvature() {
    return curvature;
  }

  double penalty() {
    return penalty;
  }

  /** The weight of d; 1 without momentum. */
  double alpha() {
    return alpha;
  }

  /** The weight of the previous step; NaN without momentum. */
  double mu() {
    return mu;
  }

  void exchange(State state) {
    if (previous != null) {
      state.vector("previous", previous);
      hasPrevious = state.flag("has_previous", hasPrevious);
    }
  }
}
