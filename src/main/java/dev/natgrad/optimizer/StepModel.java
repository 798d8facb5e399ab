package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;

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
  private final Vec previous;
  private boolean hasPrevious;

  private double slope;
  private double curvature;
  private double penalty;
  private double alpha;
  private double mu;

  StepModel(Workspace workspace, Problem problem, CurvatureBatch batch, boolean momentum) {
    this.batch = batch;
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
   */
  boolean take(Vec g, Vec d, Vec damping, double l2, Vec work) {
    if (previous == null) {
      slope = Blas.dsdot(g, d);
      curvature = batch.curvature(d);
      penalty = l2 == 0 ? 0 : l2 * Blas.dsdot(d, d);
      alpha = 1;
      mu = Double.NaN;
    } else {
      combine(g, d, damping, work);
    }
    return slope > 0
        && curvature > 0
        && Double.isFinite(slope)
        && Double.isFinite(curvature)
        && Double.isFinite(penalty);
  }

  private void combine(Vec g, Vec d, Vec damping, Vec work) {
    double gd = Blas.dsdot(g, d);
    double gs = hasPrevious ? Blas.dsdot(g, previous) : 0;
    batch.plane(d, hasPrevious ? previous : null);
    double dd = batch.first();
    double ds = batch.mixed();
    double ss = batch.second();
    Maps.hadamard(1, damping, d, 0, work);
    double wdd = Blas.dsdot(work, d);
    double wds = hasPrevious ? Blas.dsdot(work, previous) : 0;
    double wss = 0;
    if (hasPrevious) {
      Maps.hadamard(1, damping, previous, 0, work);
      wss = Blas.dsdot(work, previous);
    }
    weigh(gd, gs, dd + wdd, ds + wds, ss + wss);
    slope = alpha * gd - mu * gs;
    curvature = alpha * alpha * dd - 2 * alpha * mu * ds + mu * mu * ss;
    penalty = alpha * alpha * wdd - 2 * alpha * mu * wds + mu * mu * wss;
    if (mu == 0) {
      Blas.scal(alpha, d);
    } else {
      Blas.axpby(-mu, previous, alpha, d);
    }
  }

  /** Sets α and μ; μ = 0 where the two directions are as good as parallel. */
  private void weigh(double gd, double gs, double dd, double ds, double ss) {
    double det = dd * ss - ds * ds;
    if (det > PARALLEL * dd * ss) {
      alpha = (ss * gd - ds * gs) / det;
      mu = (ds * gd - dd * gs) / det;
      if (Double.isFinite(alpha) && Double.isFinite(mu)) {
        return;
      }
    }
    alpha = gd / dd;
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
}
