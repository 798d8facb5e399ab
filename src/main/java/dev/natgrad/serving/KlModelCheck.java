package dev.natgrad.serving;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;
import dev.natgrad.model.Linearization;

/**
 * {@link SelfAudit.Check#KL_MODEL}. One length says little: of a model that bends, KL/κ is anything
 * at a length of which no more is known than how far outputs move to first order. What tells a
 * wrong F is that KL/κ stays off 1 however short the step. Thread rule: the audit's.
 */
final class KlModelCheck {
  private static final double LARGEST_MOVE = 0.1;

  /** At most so far from 1 at two lengths in a row: an F wrong by 10 % passes one by chance. */
  private static final double NEAR = 0.04;

  private static final double WRONG = 0.05;

  /**
   * A ratio that comes nearer to 1 with t², or, where the KL has levelled out, grows with 1/t,
   * changes by more than this part of its distance from 1 (times itself where it is small).
   */
  private static final double SETTLED = 0.25;

  /** KL at θ ± tFu falls to a quarter each time: from 0.01 below all that F64 resolves. */
  private static final int MOST_LENGTHS = 40;

  private final Linearization linearization;
  private final OutputDistribution distribution;
  private final double eta;
  private double ratio;

  /** Half of the difference between both sides, and their rounding bound, as parts of κ. */
  private double gap;

  private double noise;
  private double klBound;
  private double difference;
  private double bound;

  KlModelCheck(Linearization linearization, OutputDistribution distribution, double eta) {
    this.linearization = linearization;
    this.distribution = distribution;
    this.eta = eta;
  }

  /**
   * Tells whether KL(θ‖θ ± tv) is that of F, as far as can be said.
   *
   * @param theta θ, where the model was evaluated last
   * @param z the outputs there
   * @param moved room for outputs
   * @param v the direction
   * @param halfCurvature ½vᵀFv
   * @param point room for parameters
   */
  boolean holds(Vec theta, Mat x, Mat z, Mat moved, Vec v, double halfCurvature, Vec point) {
    linearization.jvp(v, moved);
    final double error = linearization.outputErrorBound();
    double t = LARGEST_MOVE / Norms.largestAbsolute(moved);
    // θ ± tv is stored rounded: below this t the direction is no longer v.
    double least = 256 * eta * Blas.nrm2(theta) / Blas.nrm2(v);
    double before = Double.NaN;
    ratio = Double.NaN;
    boolean near = false;
    int lengths = 0;
    for (; lengths < MOST_LENGTHS && t >= least; lengths++) {
      double model = t * t * halfCurvature;
      double rounding = distribution.klErrorBound(z, z, KlOver.MEAN, model, error);
      if (!(rounding <= model / 64)) {
        break;
      }
      before = ratio;
      measure(theta, x, z, moved, v, t, model, point, error);
      boolean nearBefore = near;
      near = Math.abs(ratio - 1) + gap <= NEAR + noise;
      if (near && nearBefore) {
        return true;
      }
      t /= 2;
    }
    return lengths < 2 || Math.abs(ratio - 1) <= WRONG + noise || !settled(before);
  }

  private void measure(
      Vec theta, Mat x, Mat z, Mat moved, Vec v, double t, double model, Vec point, double error) {
    double forward = side(theta, x, z, moved, v, t, point, error);
    double forwardBound = klBound;
    double backward = side(theta, x, z, moved, v, -t, point, error);
    double kl = 0.5 * (forward + backward);
    ratio = kl / model;
    gap = 0.5 * Math.abs(forward - backward) / model;
    noise = Math.max(forwardBound, klBound) / model;
    bound = (WRONG + noise) * model;
    difference = Math.abs(kl - model);
  }

  private double side(
      Vec theta, Mat x, Mat z, Mat moved, Vec v, double t, Vec point, double error) {
    Blas.copy(theta, point);
    Blas.axpy(t, v, point);
    linearization.evaluate(point, x, moved);
    double value = distribution.kl(z, moved, KlOver.MEAN);
    double both = Math.max(error, linearization.outputErrorBound());
    klBound = distribution.klErrorBound(z, moved, KlOver.MEAN, value, both);
    return value;
  }

  /** Whether the ratio no longer moves with t, and does not depend on the side. */
  private boolean settled(double before) {
    if (!Double.isFinite(ratio)) {
      return !Double.isFinite(before);
    }
    double least = SETTLED * Math.abs(ratio - 1) * Math.min(1, ratio);
    return Math.abs(ratio - before) + gap <= least;
  }

  /** |KL − κ| at the last length. */
  double difference() {
    return difference;
  }

  /** What that may be. */
  double bound() {
    return bound;
  }
}
