package dev.natgrad.optimizer;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.solver.CgOptions;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How the natural gradient steps. Immutable; start from {@link #within(double)} or {@link
 * #automatic()} and change what you must with the {@code with…} methods.
 *
 * <p>All quantities but ε are relative to the curvature's own scale, so they mean the same for
 * every loss scale, batch size and unit of the features.
 *
 * @param epsilon ε, the bound on KL(old‖new) of one step in nats, finite and &gt; 0: a hard cap, or
 *     where {@code adaptRadius} the radius of the first step
 * @param adaptRadius whether the reduction ratio ρ moves the radius from step to step
 * @param klOver whether the bound holds for the mean or the maximum over the batch
 * @param fisher which Fisher matrix the direction is solved with
 * @param draws the draws per sample of the sampled Fisher matrix, at least 1; not used by the exact
 * @param dampingScale in which units λ is
 * @param damping λ at the first step, in those units, finite and ≥ 0
 * @param adaptDamping whether λ follows ρ (Levenberg–Marquardt)
 * @param cgIterations the most iterations of conjugate gradients in a step, at least 1
 * @param cgTolerance the relative residual at which they stop, ≥ 0
 * @param seed the seed of the probes of F's diagonal and of the sampled Fisher matrix
 */
public record NaturalGradientOptions(
    double epsilon,
    boolean adaptRadius,
    KlOver klOver,
    FisherKind fisher,
    int draws,
    DampingScale dampingScale,
    double damping,
    boolean adaptDamping,
    int cgIterations,
    double cgTolerance,
    long seed) {

  /** The Fisher matrices a direction can be solved with. */
  public enum FisherKind {
    /** The expectation over the model's own distribution, in closed form. */
    EXACT,
    /** The mean over draws from the model's own distribution: the definition. */
    SAMPLED
  }

  /** In which units λ damps the parameters. */
  public enum DampingScale {
    /**
     * λ·tr(F)/P for every parameter: for features of one scale. It keeps directions that the data
     * hardly determine small, which generalises better than the other.
     */
    IDENTITY,
    /**
     * λ·diag(F), each parameter by its own curvature (Marquardt 1963): for features in units of
     * their own. The step then does not depend on the units.
     */
    DIAGONAL
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public NaturalGradientOptions {
    Objects.requireNonNull(klOver, "klOver");
    Objects.requireNonNull(fisher, "fisher");
    Objects.requireNonNull(dampingScale, "dampingScale");
    require(epsilon > 0 && epsilon <= Double.MAX_VALUE, "epsilon", epsilon, "finite and > 0");
    require(draws >= 1, "draws", draws, "≥ 1");
    require(damping >= 0 && damping <= Double.MAX_VALUE, "damping", damping, "finite and ≥ 0");
    require(cgIterations >= 1, "cgIterations", cgIterations, "≥ 1");
    require(cgTolerance >= 0 && cgTolerance < 1, "cgTolerance", cgTolerance, "in [0, 1)");
  }

  private static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
    }
  }

  /**
   * Returns the defaults under a hard bound.
   *
   * @param epsilon ε: no accepted step has a KL(old‖new) above it, in nats
   * @return the options
   */
  public static NaturalGradientOptions within(double epsilon) {
    return new NaturalGradientOptions(
        epsilon,
        false,
        KlOver.MEAN,
        FisherKind.EXACT,
        1,
        DampingScale.IDENTITY,
        10,
        true,
        30,
        CgOptions.DEFAULT_RELATIVE_TOLERANCE,
        1);
  }

  /**
   * Returns the defaults for training: the radius starts at 0.03 nats and follows ρ.
   *
   * @return the options
   */
  public static NaturalGradientOptions automatic() {
    return automatic(0.03);
  }

  /**
   * Returns the defaults for training from another first radius.
   *
   * @param epsilon ε at the first step, in nats; ρ moves it from there
   * @return the options
   */
  public static NaturalGradientOptions automatic(double epsilon) {
    return within(epsilon).with(copy -> copy.adaptRadius = true);
  }

  /**
   * Returns these options with another norm of the bound.
   *
   * @param klOver mean or maximum over the batch
   * @return the options
   */
  public NaturalGradientOptions withKlOver(KlOver klOver) {
    return with(copy -> copy.klOver = klOver);
  }

  /**
   * Returns these options with the sampled Fisher matrix.
   *
   * @param draws the draws per sample, at least 1
   * @return the options
   */
  public NaturalGradientOptions withSampledFisher(int draws) {
    return with(
        copy -> {
          copy.fisher = FisherKind.SAMPLED;
          copy.draws = draws;
        });
  }

  /**
   * Returns these options with another damping.
   *
   * @param damping λ at the first step
   * @param adapt whether λ follows ρ
   * @return the options
   */
  public NaturalGradientOptions withDamping(double damping, boolean adapt) {
    return with(
        copy -> {
          copy.damping = damping;
          copy.adaptDamping = adapt;
        });
  }

  /**
   * Returns these options with λ in other units.
   *
   * @param dampingScale the units
   * @return the options
   */
  public NaturalGradientOptions withDampingScale(DampingScale dampingScale) {
    return with(copy -> copy.dampingScale = dampingScale);
  }

  /**
   * Returns these options with other limits of the conjugate gradients.
   *
   * @param iterations the most iterations of a step, at least 1
   * @param tolerance the relative residual at which they stop, in [0, 1)
   * @return the options
   */
  public NaturalGradientOptions withConjugateGradient(int iterations, double tolerance) {
    return with(
        copy -> {
          copy.cgIterations = iterations;
          copy.cgTolerance = tolerance;
        });
  }

  /**
   * Returns these options with another seed.
   *
   * @param seed of the probes and draws
   * @return the options
   */
  public NaturalGradientOptions withSeed(long seed) {
    return with(copy -> copy.seed = seed);
  }

  private NaturalGradientOptions with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.options();
  }

  /** The components, so that a change names one of them rather than repeats all. */
  private static final class Copy {
    private double epsilon;
    private boolean adaptRadius;
    private KlOver klOver;
    private FisherKind fisher;
    private int draws;
    private DampingScale dampingScale;
    private double damping;
    private boolean adaptDamping;
    private int cgIterations;
    private double cgTolerance;
    private long seed;

    Copy(NaturalGradientOptions o) {
      epsilon = o.epsilon;
      adaptRadius = o.adaptRadius;
      klOver = o.klOver;
      fisher = o.fisher;
      draws = o.draws;
      dampingScale = o.dampingScale;
      damping = o.damping;
      adaptDamping = o.adaptDamping;
      cgIterations = o.cgIterations;
      cgTolerance = o.cgTolerance;
      seed = o.seed;
    }

    NaturalGradientOptions options() {
      return new NaturalGradientOptions(
          epsilon,
          adaptRadius,
          klOver,
          fisher,
          draws,
          dampingScale,
          damping,
          adaptDamping,
          cgIterations,
          cgTolerance,
          seed);
    }
  }
}
