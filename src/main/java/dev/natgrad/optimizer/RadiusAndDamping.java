package dev.natgrad.optimizer;

import dev.natgrad.memory.Precision;

/**
 * What the reduction ratio ρ teaches: λ by the rule of Levenberg and Marquardt in the form of
 * Martens (Deep learning via Hessian-free optimization, 2010), and in automatic mode the radius ε.
 */
final class RadiusAndDamping {
  private static final double GOOD = 0.75;
  private static final double POOR = 0.25;
  private static final double LAMBDA_FACTOR = 2.0 / 3;
  private static final double GROW = 1.5;
  private static final double SHRINK = 0.6;

  /**
   * Where h is small the bound of a softmax is 2nh² at KL = 0 and about 2h√(2nε) at KL = ε
   * (KlErrors), so at a hundred times the first the second takes about a fifth of ε.
   */
  private static final double LEAST_RESOLUTIONS = 100;

  /** Where λ ends up when a rejected direction must be bent towards the scaled gradient. */
  private static final double LAMBDA_LIMIT = 1e6;

  private final boolean adaptRadius;
  private final boolean adaptDamping;
  private final double leastFelt;
  private final double lambdaFloor;
  private double epsilon;
  private double lambda;
  private double cap = Double.POSITIVE_INFINITY;

  RadiusAndDamping(NaturalGradientOptions options, Precision precision) {
    this.adaptRadius = options.adaptRadius();
    this.adaptDamping = options.adaptDamping();
    this.epsilon = options.epsilon();
    this.lambda = options.damping();
    // Below √u the damping no longer changes the products it is added to.
    this.leastFelt = Math.sqrt(precision.unitRoundoff());
    this.lambdaFloor = Math.min(options.damping(), leastFelt);
  }

  double epsilon() {
    return Math.min(epsilon, cap);
  }

  /** Holds the radius below a bound from outside, without forgetting what ρ has taught. */
  void cap(double cap) {
    this.cap = cap;
  }

  /** Keeps a radius of our own choosing where the rounding bound leaves most of it usable. */
  void resolve(double resolution) {
    if (adaptRadius) {
      epsilon = Math.max(epsilon, LEAST_RESOLUTIONS * resolution);
    }
  }

  double lambda() {
    return lambda;
  }

  void failed() {
    raiseLambda(4);
  }

  void learn(StepStatus status, StepOutcome outcome, boolean boundary) {
    double rho = outcome.reductionRatio;
    if (!status.accepted()) {
      raiseLambda(4);
      if (adaptRadius) {
        epsilon *= SHRINK * SHRINK;
      }
      return;
    }
    if (rho > GOOD) {
      lambda = adaptDamping ? Math.max(lambda * LAMBDA_FACTOR, lambdaFloor) : lambda;
      if (adaptRadius && boundary && epsilon <= cap) {
        epsilon *= GROW;
      }
    } else if (!(rho >= POOR)) {
      raiseLambda(1 / LAMBDA_FACTOR);
      if (adaptRadius) {
        epsilon *= SHRINK;
      }
    }
  }

  private void raiseLambda(double factor) {
    if (adaptDamping) {
      lambda = Math.min(Math.max(lambda, leastFelt) * factor, Math.max(lambda, LAMBDA_LIMIT));
    }
  }
}
