package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * Finds the length of a step along −d: from the quadratic models, then by measuring ({@link
 * StepMeasure}). A step that cannot be made short enough is undone exactly.
 *
 * <p>Where the radius binds, the length at which KL = ε is looked for ({@link KlBracket}); where it
 * is our own choice and the objective falls faster than foreseen, steps go on beyond the minimum of
 * its model.
 */
final class StepSearch {
  /**
   * Lengths tried before a step is given up; each is at most 0.9 of the one before, and on a
   * plateau of the KL divergence far less.
   */
  private static final int MOST_TRIALS = 12;

  /** Lengths tried to use more of the radius once one is within it. */
  private static final int MOST_GROWTHS = 4;

  /** The part of ε aimed at when a measured KL was too large, to hit below it at once. */
  private static final double AIM = 0.9;

  /** The part of ε aimed at when a measured KL is below {@link #AIM} of it. */
  private static final double GROW_AIM = 0.96;

  /** The smallest part of the first length that a step begins with. */
  private static final double LEAST_START = 0x1p-20;

  /** ρ above which a longer step is tried where the radius is our own choice. */
  private static final double FAST = 1.4;

  /** The same where the step already goes twice as far; 1.73 is a tail of e⁻ᵗ. */
  private static final double FASTER = 2;

  /** By what. */
  private static final double MORE = 2;

  /** The least further fall, in units of the fall so far, for which to go on. */
  private static final double WORTH = 0.3;

  /**
   * The smallest part of the first length that is worth while where another direction can be had.
   */
  private static final double LEAST_PART = 0.01;

  /** The parts by which lengths fall on a plateau of the KL divergence, the last from there on. */
  private static final double[] PLATEAU = {0.5, 0.1, 0.01};

  /**
   * The part of the first slope that the slope at the end may point upward by, where the objective
   * cannot judge. At a minimum along −d it is 0 but for third derivatives and rounding; where it is
   * more, half the length is the better step.
   */
  private static final double UPWARD = 0.1;

  private final StepMeasure measure;

  /** Whether a step better than foreseen is lengthened, rather than the radius filled. */
  private final boolean extending;

  private final Relaxation relaxation = new Relaxation();
  private final KlBracket bracket = new KlBracket();
  private final BudgetMeter meter;
  private double slope;
  private double bend;
  private double epsilon;
  private double first;
  private double atMinimum;
  private boolean boundary;

  /** Whether the last search was left to a more damped direction. */
  private boolean overshot;

  /**
   * The part of the first length that steps under a deadline begin with: less after one whose time
   * allowed only lengths that were refused, so that the next do not spend theirs the same way.
   */
  private double start = 1;

  /** How many lengths in a row were refused on a plateau. */
  private int flat;

  /** The shortest length refused in this step. */
  private double refused;

  StepSearch(
      Workspace workspace,
      Problem problem,
      Objective objective,
      NaturalGradientOptions options,
      BudgetMeter meter) {
    this.measure = new StepMeasure(workspace, problem, objective, options.radius(), meter);
    boolean ownChoice = options.radius().adapt();
    this.extending = (options.momentum() || options.wholeMatrix()) && ownChoice;
    this.meter = meter;
  }

  /** That of what is measured. */
  static long bytes(Problem problem) {
    return StepMeasure.bytes(problem);
  }

  /** What lengths are measured by. */
  StepMeasure measure() {
    return measure;
  }

  /** Takes the models f − β·slope + ½β²·bend and KL = ½β²·curvature. */
  void model(double slope, double curvature, double bend, double epsilon) {
    this.slope = slope;
    this.bend = bend;
    this.epsilon = epsilon;
    this.atMinimum = slope / bend;
    this.first = atMinimum;
    // aim() ≥ AIM·ε, and costs a pass over the outputs.
    this.boundary = Math.sqrt(2 * AIM * epsilon / curvature) <= atMinimum;
    if (boundary) {
      double atRadius = Math.sqrt(2 * aim() / curvature);
      this.boundary = atRadius <= atMinimum;
      this.first = Math.min(atRadius, atMinimum);
    } else if (extending && relaxation.factor() > 1 && !(meter.timed() && start < 1)) {
      double relaxed = relaxation.factor() * atMinimum;
      this.first = relaxed <= Math.sqrt(2 * aim() / curvature) ? relaxed : atMinimum;
    }
  }

  private double aim() {
    return measure.aim(AIM, epsilon);
  }

  /** Whether the radius, not the objective's model, limited the first length. */
  boolean boundary() {
    return boundary;
  }

  /** Whether the objective refused lengths within the radius that were far too long. */
  boolean overshot() {
    return overshot;
  }

  /**
   * Also where the model throws, θ is as before unless the step was accepted.
   *
   * @param redirects whether a more damped direction can be had instead of a very short step
   */
  StepStatus run(Vec theta, Vec d, Mat x, Mat y, boolean redirects, StepOutcome outcome) {
    measure.keep(theta);
    boolean accepted = false;
    try {
      StepStatus status = tryLengths(theta, d, x, y, redirects, outcome);
      accepted = status.accepted();
      return status;
    } finally {
      if (!accepted) {
        measure.undo(theta);
      }
    }
  }

  private StepStatus tryLengths(
      Vec theta, Vec d, Mat x, Mat y, boolean redirects, StepOutcome outcome) {
    bracket.clear();
    overshot = false;
    flat = 0;
    refused = Double.POSITIVE_INFINITY;
    boolean radiusBinds = boundary;
    double beta = meter.timed() ? start * first : first;
    for (int trial = 1; trial <= MOST_TRIALS; trial++) {
      if (!meter.fits(BudgetMeter.Part.TRIAL)) {
        meter.tried(trial);
        start = Math.max(beta / first, LEAST_START);
        return StepStatus.BUDGET_SPENT;
      }
      measure.take(beta, theta, d, x, y);
      outcome.trials = trial;
      report(beta, outcome);
      boolean within = measure.bounded() <= epsilon;
      if (within && notWorse(beta, theta, d, y, outcome.lossBefore)) {
        meter.tried(trial);
        start = Math.min(1, start / AIM);
        if (beta > atMinimum) {
          settle(beta, theta, d, x, y, outcome);
        } else if (extending) {
          relaxation.learn(outcome, trial == 1 && beta == atMinimum);
          extend(beta, FAST, theta, d, x, y, outcome);
        } else if (radiusBinds) {
          grow(beta, theta, d, x, y, outcome);
        }
        return outcome.beta >= first ? StepStatus.ACCEPTED : StepStatus.SHORTENED;
      }
      outcome.status = within ? StepStatus.REJECTED_OBJECTIVE : StepStatus.REJECTED_KL;
      refused = beta;
      relaxation.stop();
      if (beta > atMinimum) {
        first = atMinimum;
        beta = atMinimum;
        continue;
      }
      if (within) {
        double shorter = shorterForObjective(beta, outcome.lossBefore);
        overshot = redirects && beta * shorter < LEAST_PART * first;
        if (overshot) {
          return outcome.status;
        }
        beta *= shorter;
        radiusBinds = false;
      } else {
        radiusBinds = true;
        flat = bracket.flat(beta, measure.bounded()) ? flat + 1 : 0;
        bracket.beyond(beta, measure.bounded());
        beta *= shorterForKl(beta, outcome.lossBefore);
      }
    }
    meter.tried(MOST_TRIALS);
    return outcome.status;
  }

  /**
   * Whether the objective has not risen, or cannot be seen to. Where both the decrease foreseen and
   * the rise are below the rounding bound of the objective's own value, that value cannot judge the
   * step, and the gradient at its end, which is accurate far nearer to the minimum, does (the
   * approximate Wolfe condition of Hager and Zhang, 2005). The bound alone cannot: it is many times
   * what rounding does. A bound that overflows allows nothing.
   */
  private boolean notWorse(double beta, Vec theta, Vec d, Mat y, double old) {
    if (measure.value() <= old) {
      return true;
    }
    double rounding = measure.rounding(old);
    double most = old + rounding;
    return most < Double.POSITIVE_INFINITY
        && foreseen(Math.min(beta, atMinimum)) <= rounding
        && measure.value() <= most
        && measure.slope(theta, d, y) >= -UPWARD * slope;
  }

  private double foreseen(double beta) {
    return beta * slope - 0.5 * beta * beta * bend;
  }

  /** Uses more of the radius while that lowers the objective; the best length is in θ. */
  private void grow(double accepted, Vec theta, Vec d, Mat x, Mat y, StepOutcome outcome) {
    bracket.within(accepted, measure.bounded());
    double best = measure.value();
    double inTheta = accepted;
    for (int growth = 0; growth < MOST_GROWTHS; growth++) {
      double target = Math.min(GROW_AIM * epsilon, aim());
      double beta = Math.min(bracket.longer(target), atMinimum);
      if (bracket.reaches(AIM * epsilon)
          || !(beta > bracket.longest())
          || !meter.fits(BudgetMeter.Part.TRIAL)) {
        break;
      }
      measure.take(beta, theta, d, x, y);
      inTheta = beta;
      outcome.trials++;
      if (measure.bounded() <= epsilon) {
        if (!(measure.value() <= best)) {
          break;
        }
        best = measure.value();
        bracket.within(beta, measure.bounded());
        report(beta, outcome);
      } else {
        bracket.beyond(beta, measure.bounded());
      }
    }
    if (inTheta != bracket.longest()) {
      measure.back(bracket.longest(), best, theta, d);
    }
  }

  /**
   * Goes on by doubling while the objective falls much faster than foreseen, which each time costs
   * an evaluation and saves a step; the best length is in θ. ρ stays that of the first length.
   */
  private void extend(
      double accepted, double fast, Vec theta, Vec d, Mat x, Mat y, StepOutcome outcome) {
    double best = accepted;
    double ratio = outcome.reductionRatio;
    double before = outcome.lossBefore;
    while (outcome.trials < MOST_TRIALS
        && ratio > fast
        && MORE * best < refused
        && meter.fits(BudgetMeter.Part.TRIAL)) {
      double bestValue = measure.value();
      measure.take(MORE * best, theta, d, x, y);
      outcome.trials++;
      if (!(measure.bounded() <= epsilon && measure.value() < bestValue)) {
        measure.back(best, bestValue, theta, d);
        return;
      }
      double gain = (bestValue - measure.value()) / (before - bestValue);
      best *= MORE;
      outcome.beta = best;
      outcome.kl = measure.kl();
      outcome.lossAfter = measure.value();
      if (gain < WORTH) {
        return;
      }
    }
  }

  /** Goes on from a relaxed length, or back to the model's minimum if it was not worth it. */
  private void settle(double relaxed, Vec theta, Vec d, Mat x, Mat y, StepOutcome outcome) {
    if (relaxation.paid(outcome)) {
      extend(relaxed, FASTER, theta, d, x, y, outcome);
      return;
    }
    if (!meter.fits(BudgetMeter.Part.TRIAL)) {
      return;
    }
    double reached = measure.value();
    measure.take(atMinimum, theta, d, x, y);
    outcome.trials++;
    if (measure.bounded() <= epsilon && measure.value() < reached) {
      first = atMinimum;
      report(atMinimum, outcome);
    } else {
      measure.back(relaxed, reached, theta, d);
    }
  }

  private void report(double beta, StepOutcome outcome) {
    outcome.beta = beta;
    outcome.kl = measure.kl();
    outcome.lossAfter = measure.value();
    double fall = outcome.lossBefore - measure.value();
    outcome.reductionRatio = fall / foreseen(Math.min(beta, atMinimum));
  }

  void exchange(State state) {
    relaxation.exchange(state.part("relaxation"));
  }

  private double shorterForKl(double beta, double old) {
    double shorter = KlBracket.clamp(Math.sqrt(AIM * aim() / measure.kl()), 0.1, 0.9);
    if (flat > 0) {
      shorter = Math.min(shorter, PLATEAU[Math.min(flat, PLATEAU.length) - 1]);
      if (measure.value() > old) {
        shorter = Math.min(shorter, shorterForObjective(beta, old));
      }
    }
    return shorter;
  }

  /** The minimum of the parabola through the old value, the slope there and the new value. */
  private double shorterForObjective(double beta, double old) {
    double rise = measure.value() - old + beta * slope;
    return KlBracket.clamp(0.5 * beta * slope / rise, 0.1, 0.5);
  }
}
