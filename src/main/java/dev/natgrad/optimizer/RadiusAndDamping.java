package dev.natgrad.optimizer;

import dev.natgrad.memory.Precision;
import dev.natgrad.state.State;

/**
 * What the reduction ratio ρ teaches: λ by the rule of Levenberg and Marquardt in the form of
 * Martens (Deep learning via Hessian-free optimization, 2010), and in automatic mode the radius ε;
 * else both follow their schedules.
 */
final class RadiusAndDamping {
  private static final double GOOD = 0.75;
  private static final double POOR = 0.25;
  private static final double GROW = 1.5;

  /** Twice the length, as is usual where the model errs by its third order only. */
  private static final double GROW_WHOLE = 4;

  private static final double SHRINK = 0.6;

  /** By how much a refused step raises λ, whatever the pace. */
  private static final double REFUSED = 4;

  /** By how much a direction that goes too far is damped before it is solved for again. */
  private static final double OVERSHOT = 100;

  /**
   * Where h is small the bound of a softmax is 2nh² at KL = 0 and about 2h√(2nε) at KL = ε
   * (KlErrors), so at a hundred times the first the second takes about a fifth of ε.
   */
  private static final double LEAST_RESOLUTIONS = 100;

  /** Of a sum over the samples, in units of u. */
  private static final double ENTRY_ROUNDINGS = 16;

  /** Where λ ends up when a rejected direction must be bent towards the scaled gradient. */
  private static final double LAMBDA_LIMIT = 1e6;

  private final Radius radius;
  private final Damping damping;
  private final double grow;
  private final double leastFelt;
  private final double nullFloor;
  private final double lambdaFloor;
  private double epsilon;
  private double lambda;
  private double cap = Double.POSITIVE_INFINITY;
  private long steps;

  RadiusAndDamping(NaturalGradientOptions options, Precision precision) {
    this.radius = options.radius();
    this.damping = options.damping();
    this.epsilon = Math.min(radius.epsilon().at(0), radius.cap());
    this.lambda = damping.lambda().at(0);
    this.grow = options.wholeMatrix() ? GROW_WHOLE : GROW;
    this.leastFelt = leastFelt(options.wholeMatrix(), precision);
    this.nullFloor = leastFelt(false, precision);
    this.lambdaFloor = Math.min(lambda, Math.max(leastFelt, damping.floor()));
  }

  /**
   * The least λ with an effect: below √u it no longer changes the products that it is added to; a
   * factorisation in double feels it down to the rounding of the matrix's own entries.
   */
  static double leastFelt(boolean wholeMatrix, Precision precision) {
    double u = precision.unitRoundoff();
    return wholeMatrix ? ENTRY_ROUNDINGS * u : Math.sqrt(u);
  }

  double epsilon() {
    return Math.min(epsilon, cap);
  }

  /** Holds the radius below a bound from outside, without forgetting what ρ has taught. */
  void cap(double cap) {
    this.cap = cap;
  }

  /**
   * Keeps a radius of our own choosing where the rounding bound leaves most of it usable; a bound
   * that is no number leaves it alone.
   */
  void resolve(double resolution) {
    if (radius.adapt()) {
      double least = LEAST_RESOLUTIONS * resolution;
      if (least < Double.POSITIVE_INFINITY) {
        epsilon = Math.min(Math.max(epsilon, least), radius.cap());
      }
    }
  }

  double lambda() {
    return lambda;
  }

  /** The number of steps that ended, which is the number of the one under way. */
  long steps() {
    return steps;
  }

  /** Whether λ is moved at all. */
  boolean adaptsLambda() {
    return damping.adapt();
  }

  /**
   * Raises an adapted λ to √u within a step, for a matrix that is singular to the rounding of its
   * entries: along its null directions g is rounding too, and divided by less it would move the
   * parameters by as much as they are; by √u it moves them by √u.
   *
   * @return whether it was below
   */
  boolean keepFromNull() {
    if (!damping.adapt() || lambda >= nullFloor) {
      return false;
    }
    lambda = nullFloor;
    return true;
  }

  /** Raises λ within a step, for a direction that the objective refused. */
  void overshot() {
    raiseLambda(OVERSHOT);
  }

  /** Ends a step that found no direction to try. */
  void failed() {
    raiseLambda(REFUSED);
    nextStep();
  }

  /** Ends a step that says nothing about the models. */
  void skipped() {
    nextStep();
  }

  /** Ends a step that was tried; {@code boundary}: whether the radius limited its length. */
  void learn(StepStatus status, StepOutcome outcome, boolean boundary) {
    double rho = outcome.reductionRatio;
    if (!status.accepted()) {
      raiseLambda(REFUSED);
      if (radius.adapt()) {
        epsilon *= SHRINK * SHRINK;
      }
    } else {
      if ((steps + 1) % damping.every() == 0) {
        moveLambda(rho);
      }
      if (radius.adapt() && (steps + 1) % radius.every() == 0) {
        moveEpsilon(rho, boundary);
      }
    }
    nextStep();
  }

  private void moveLambda(double rho) {
    if (rho > GOOD) {
      lambda = damping.adapt() ? Math.max(lambda * damping.factor(), lambdaFloor) : lambda;
    } else if (!(rho >= POOR)) {
      raiseLambda(1 / damping.factor());
    }
  }

  private void moveEpsilon(double rho, boolean boundary) {
    if (rho > GOOD && boundary && epsilon <= cap) {
      epsilon = Math.min(epsilon * grow, radius.cap());
    } else if (!(rho >= POOR)) {
      epsilon *= SHRINK;
    }
  }

  private void nextStep() {
    steps++;
    if (!radius.adapt()) {
      epsilon = Math.min(radius.epsilon().at(steps), radius.cap());
    }
    if (!damping.adapt()) {
      lambda = damping.lambda().at(steps);
    }
  }

  private void raiseLambda(double factor) {
    if (damping.adapt()) {
      lambda = Math.min(Math.max(lambda, leastFelt) * factor, Math.max(lambda, LAMBDA_LIMIT));
    }
  }

  void exchange(State state) {
    epsilon = state.number("epsilon", epsilon);
    lambda = state.number("lambda", lambda);
    cap = state.number("cap", cap);
    steps = state.whole("steps", steps);
  }
}
