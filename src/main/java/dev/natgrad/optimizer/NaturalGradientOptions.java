package dev.natgrad.optimizer;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.fisher.FisherForm;
import dev.natgrad.fisher.FormCost;
import dev.natgrad.fisher.KroneckerInverse;
import dev.natgrad.model.Chunked;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.model.LayeredModel;
import java.util.List;
import java.util.Objects;

/**
 * How the natural gradient steps. Immutable; usable from any thread. Start from {@link
 * #within(double)} or {@link #automatic()} and change what you must with the {@code with…} methods.
 *
 * <p>All quantities but ε are relative to the curvature's own scale, so they mean the same for
 * every loss scale, batch size and unit of the features.
 *
 * @param radius how far a step may move the distribution
 * @param damping how the curvature is damped
 * @param curvature which curvature the direction is solved with
 * @param solve by what it is solved
 * @param momentum whether the step is the best combination of the direction and the previous step,
 *     by the quadratic model of both (Martens and Grosse, Optimizing neural networks with
 *     Kronecker-factored approximate curvature, 2015, section 7)
 * @param seed the seed of the probes of F's diagonal and of the sampled Fisher matrix
 */
public record NaturalGradientOptions(
    Radius radius, Damping damping, Curvature curvature, Solve solve, boolean momentum, long seed) {

  /** Relative damping at the first step. */
  private static final double FIRST_DAMPING = 10;

  /** Radius at the first step in automatic mode, in nats. */
  private static final double FIRST_RADIUS = 0.03;

  /** The largest P, or samples times outputs, that a factorisation is recommended for. */
  static final int FEW_PARAMETERS = 500;

  /** The fewest rows that Kronecker factors should learn from, where the batch has them. */
  static final int LEAST_ROWS = 256;

  private static final double PART = 0.125;

  private static final double WIDE_RADIUS = 0.5;

  private static final double RADIUS_PER_OUTPUT = 1.0 / 64;

  /** What Schulman et al. (2015) allow a step of a policy, in nats. */
  private static final double POLICY_RADIUS = 0.01;

  private static final int PACE = 5;
  private static final int DAMPING_PACE = 2;
  private static final double PACE_FACTOR = 0.85;
  private static final double NETWORK_DAMPING = 0.02;
  private static final double NETWORK_GAMMA = 0.03;
  private static final double LEAST_DAMPING = 1e-4;
  private static final double DENSE_FACTOR = 0.1;

  /** Operations of gradients for one of inverting the Kronecker factors. */
  private static final double GRADIENTS_PER_INVERSE = 10;

  private static final int OFTEN = 4;
  private static final int SELDOM = 20;

  /** Checks that nothing is missing. */
  public NaturalGradientOptions {
    Objects.requireNonNull(radius, "radius");
    Objects.requireNonNull(damping, "damping");
    Objects.requireNonNull(curvature, "curvature");
    Objects.requireNonNull(solve, "solve");
  }

  /**
   * Returns the defaults under a hard bound.
   *
   * @param epsilon ε: no accepted step has a KL(old‖new) above it, in nats
   * @return the options
   * @throws IllegalArgumentException if ε is not finite and &gt; 0
   */
  public static NaturalGradientOptions within(double epsilon) {
    return with(Radius.within(epsilon));
  }

  /**
   * Returns the defaults for training: the radius starts at 0.03 nats and follows ρ. Not for an
   * objective whose curvature F is not, such as a policy's: its ρ stays near 1 and the radius grows
   * without end; {@link #within} is.
   *
   * @return the options
   */
  public static NaturalGradientOptions automatic() {
    return automatic(FIRST_RADIUS);
  }

  /**
   * Returns the defaults for training from another first radius.
   *
   * @param epsilon ε at the first step, in nats; ρ moves it from there
   * @return the options
   * @throws IllegalArgumentException if ε is not finite and &gt; 0
   */
  public static NaturalGradientOptions automatic(double epsilon) {
    return with(Radius.adaptive(epsilon, Double.POSITIVE_INFINITY));
  }

  /**
   * Returns options chosen by the shape of a problem, with a radius that ρ moves from {@value
   * #RADIUS_PER_OUTPUT} nats an output, but at least {@value #WIDE_RADIUS}; of {@value
   * #POLICY_RADIUS} nats in every step where F is not the objective's curvature, of whose ends ρ
   * then says nothing.
   *
   * @param problem what is to be minimised
   * @return the options
   */
  public static NaturalGradientOptions recommended(Problem problem) {
    if (!problem.objective().fisherIsCurvature()) {
      return recommended(problem, Radius.within(POLICY_RADIUS));
    }
    double first = Math.max(WIDE_RADIUS, RADIUS_PER_OUTPUT * problem.model().outputs());
    return recommended(problem, Radius.adaptive(first, Double.POSITIVE_INFINITY));
  }

  /**
   * Returns options chosen by the shape of a problem: for a network of several dense layers
   * Kronecker factors with momentum, on an eighth of the batch but at least {@value #LEAST_ROWS}
   * rows (with weights on all of it), inverted so often that it costs about a tenth of the
   * gradients, with damping moved every {@value #DAMPING_PACE} steps; for up to {@value
   * #FEW_PARAMETERS} parameters the explicit matrix, damped by its own diagonal; where samples
   * times outputs are few and {@link FormCost} finds it cheapest, the dual form; else conjugate
   * gradients.
   *
   * @param problem what is to be minimised
   * @param radius how far a step may move the distribution
   * @return the options
   */
  public static NaturalGradientOptions recommended(Problem problem, Radius radius) {
    int parameters = problem.model().parameters();
    int batch = problem.maxBatch();
    if (Chunked.unwrap(problem.model()) instanceof LayeredModel layered
        && layered.denseLayers().size() > 1) {
      double fraction = problem.distribution() instanceof Weighted ? 1 : PART;
      if (problem.model() instanceof Chunked chunked) {
        fraction = Math.min(fraction, (double) chunked.chunk() / batch);
      }
      return with(radius.withEvery(PACE))
          .withDamping(
              Damping.adaptive(NETWORK_DAMPING).withPace(DAMPING_PACE, PACE_FACTOR, LEAST_DAMPING))
          .withCurvature(Curvature.exact().withFraction(fraction).withLeast(LEAST_ROWS))
          .withSolve(
              new Solve.Kronecker(
                  NETWORK_GAMMA,
                  false,
                  Solve.Kronecker.standard().floor(),
                  renewal(layered.denseLayers(), batch)))
          .withMomentum(true);
    }
    if (parameters <= FEW_PARAMETERS) {
      return with(radius)
          .withDamping(
              Damping.adaptive(RadiusAndDamping.leastFelt(true, problem.precision()))
                  .withScale(Damping.Scale.DIAGONAL)
                  .withPace(1, DENSE_FACTOR, 0))
          .withSolve(new Solve.Dense());
    }
    int outputs = problem.model().outputs();
    FormCost cost = new FormCost(parameters, batch, outputs, outputs, 30, problem.precision());
    boolean few = (long) batch * outputs <= FEW_PARAMETERS;
    if (few && cost.choose(Long.MAX_VALUE - 1) == FisherForm.DUAL) {
      return with(radius).withSolve(new Solve.Dual());
    }
    return with(radius);
  }

  /**
   * Every how many steps the Kronecker factors are inverted: so that it costs about a tenth of the
   * gradients of batches of a sixteenth of the largest.
   */
  private static int renewal(List<DenseLayer> layers, int batch) {
    double inverse = 0;
    double gradient = 0;
    for (DenseLayer layer : layers) {
      inverse += KroneckerInverse.flops(layer);
      gradient += 6.0 * layer.parameters();
    }
    double rows = Math.max(LEAST_ROWS, batch / 16.0);
    double steps = GRADIENTS_PER_INVERSE * inverse / (gradient * rows);
    return (int) Math.max(OFTEN, Math.min(steps, SELDOM));
  }

  /** Whether steps are solved with all of F at once, which leaves only the models' own errors. */
  boolean wholeMatrix() {
    return solve instanceof Solve.Dense;
  }

  private static NaturalGradientOptions with(Radius radius) {
    return new NaturalGradientOptions(
        radius,
        Damping.adaptive(FIRST_DAMPING),
        Curvature.exact(),
        Solve.conjugateGradients(),
        false,
        1);
  }

  /**
   * Returns these options with another radius.
   *
   * @param newRadius how far a step may move the distribution
   * @return the options
   */
  public NaturalGradientOptions withRadius(Radius newRadius) {
    return new NaturalGradientOptions(newRadius, damping, curvature, solve, momentum, seed);
  }

  /**
   * Returns these options with another norm of the bound.
   *
   * @param over mean or maximum over the batch
   * @return the options
   */
  public NaturalGradientOptions withKlOver(KlOver over) {
    return withRadius(radius.withOver(over));
  }

  /**
   * Returns these options with another damping.
   *
   * @param newDamping how the curvature is damped
   * @return the options
   */
  public NaturalGradientOptions withDamping(Damping newDamping) {
    return new NaturalGradientOptions(radius, newDamping, curvature, solve, momentum, seed);
  }

  /**
   * Returns these options with another λ in the same units.
   *
   * @param lambda λ at the first step
   * @param adapt whether λ follows ρ
   * @return the options
   */
  public NaturalGradientOptions withDamping(double lambda, boolean adapt) {
    return withDamping(
        new Damping(
            damping.scale(),
            Damping.constant(lambda),
            adapt,
            damping.every(),
            damping.factor(),
            damping.floor()));
  }

  /**
   * Returns these options with λ in other units.
   *
   * @param scale the units
   * @return the options
   */
  public NaturalGradientOptions withDampingScale(Damping.Scale scale) {
    return withDamping(damping.withScale(scale));
  }

  /**
   * Returns these options with another curvature.
   *
   * @param newCurvature what the direction is solved with
   * @return the options
   */
  public NaturalGradientOptions withCurvature(Curvature newCurvature) {
    return new NaturalGradientOptions(radius, damping, newCurvature, solve, momentum, seed);
  }

  /**
   * Returns these options with the sampled Fisher matrix.
   *
   * @param draws the draws per sample, at least 1
   * @return the options
   */
  public NaturalGradientOptions withSampledFisher(int draws) {
    return withCurvature(
        Curvature.sampled(draws).withFraction(curvature.fraction()).withLeast(curvature.least()));
  }

  /**
   * Returns these options with another way to the direction.
   *
   * @param newSolve by what it is solved
   * @return the options
   */
  public NaturalGradientOptions withSolve(Solve newSolve) {
    return new NaturalGradientOptions(radius, damping, curvature, newSolve, momentum, seed);
  }

  /**
   * Returns these options with conjugate gradients under other limits, preconditioned by the
   * diagonal.
   *
   * @param iterations the most iterations of a step, at least 1
   * @param tolerance the relative residual at which they stop, in [0, 1)
   * @return the options
   */
  public NaturalGradientOptions withConjugateGradient(int iterations, double tolerance) {
    return withSolve(
        new Solve.ConjugateGradients(iterations, tolerance, Solve.Preconditioner.DIAGONAL));
  }

  /**
   * Returns these options with or without momentum.
   *
   * @param newMomentum whether to combine the direction with the previous step
   * @return the options
   */
  public NaturalGradientOptions withMomentum(boolean newMomentum) {
    return new NaturalGradientOptions(radius, damping, curvature, solve, newMomentum, seed);
  }

  /**
   * Returns these options with another seed.
   *
   * @param newSeed of the probes and draws
   * @return the options
   */
  public NaturalGradientOptions withSeed(long newSeed) {
    return new NaturalGradientOptions(radius, damping, curvature, solve, momentum, newSeed);
  }
}
