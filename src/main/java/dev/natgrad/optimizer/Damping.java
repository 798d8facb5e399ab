package dev.natgrad.optimizer;

import java.util.Objects;

/**
 * How the curvature is damped: W = λ·tr(F)/P·I or λ·diag(F), so that λ has no units.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param scale which of the two
 * @param lambda λ by step, finite and ≥ 0; where {@code adapt}, only the first counts
 * @param adapt whether λ follows the reduction ratio ρ (Levenberg–Marquardt)
 * @param every how many steps lie between two moves of λ, at least 1; a refused step raises it at
 *     once
 * @param factor λ is multiplied by it where ρ &gt; ¾ and divided where ρ &lt; ¼; in (0, 1)
 * @param floor adaptation never takes λ below it, or below the first λ if that is smaller; finite
 *     and ≥ 0, but √u takes the place of anything smaller: below that the damping no longer changes
 *     the products it is added to. Along {@link Solve.Dense} it is 16u, and √u in steps whose
 *     matrix is singular to the rounding of its entries
 */
public record Damping(
    Scale scale, Schedule lambda, boolean adapt, int every, double factor, double floor) {

  /** The factor of Martens' Hessian-free method (2010), every step. */
  static final double MARTENS = 2.0 / 3;

  /** In which units λ damps the parameters. */
  public enum Scale {
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
  public Damping {
    Objects.requireNonNull(scale, "scale");
    Objects.requireNonNull(lambda, "lambda");
    OptionCheck.require(
        OptionCheck.finite(lambda.at(0)), "damping", lambda.at(0), "finite and ≥ 0");
    OptionCheck.require(every >= 1, "every", every, "≥ 1");
    OptionCheck.require(factor > 0 && factor < 1, "factor", factor, "in (0, 1)");
    OptionCheck.require(OptionCheck.finite(floor), "floor", floor, "finite and ≥ 0");
  }

  /**
   * Returns damping that follows ρ at every step, by ⅔ and 3/2.
   *
   * @param first λ at the first step
   * @return the damping, in units of tr(F)/P
   */
  public static Damping adaptive(double first) {
    return new Damping(Scale.IDENTITY, constant(first), true, 1, MARTENS, 0);
  }

  /** λ as a schedule, checked under its own name. */
  static Schedule constant(double lambda) {
    OptionCheck.require(OptionCheck.finite(lambda), "damping", lambda, "finite and ≥ 0");
    return Schedule.constant(lambda);
  }

  /**
   * Returns damping that follows a schedule, whatever ρ is.
   *
   * @param lambda λ by step
   * @return the damping, in units of tr(F)/P
   */
  public static Damping scheduled(Schedule lambda) {
    return new Damping(Scale.IDENTITY, lambda, false, 1, MARTENS, 0);
  }

  /**
   * Returns this damping in other units.
   *
   * @param newScale the units
   * @return the damping
   */
  public Damping withScale(Scale newScale) {
    return new Damping(newScale, lambda, adapt, every, factor, floor);
  }

  /**
   * Returns this damping with another pace of adaptation.
   *
   * @param steps how many steps lie between two moves, at least 1
   * @param newFactor by what λ falls where ρ &gt; ¾, in (0, 1)
   * @param newFloor the least λ
   * @return the damping
   */
  public Damping withPace(int steps, double newFactor, double newFloor) {
    return new Damping(scale, lambda, adapt, steps, newFactor, newFloor);
  }
}
