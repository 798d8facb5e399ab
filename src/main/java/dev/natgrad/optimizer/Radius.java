package dev.natgrad.optimizer;

import dev.natgrad.distribution.KlOver;
import java.util.Objects;

/**
 * How far one step may move the model's distribution.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param epsilon ε by step, in nats, &gt; 0 at step 0; where {@code adapt}, only the first counts
 * @param adapt whether the reduction ratio ρ moves ε from step to step
 * @param cap no ε is above it whatever ρ says, in nats, &gt; 0; may be infinite
 * @param every how many steps lie between two moves of ε, at least 1
 * @param over whether the bound holds for the mean or the maximum over the batch
 * @param direction which of the two KL divergences is bounded
 */
public record Radius(
    Schedule epsilon, boolean adapt, double cap, int every, KlOver over, KlDirection direction) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public Radius {
    Objects.requireNonNull(epsilon, "epsilon");
    Objects.requireNonNull(over, "over");
    Objects.requireNonNull(direction, "direction");
    double first = epsilon.at(0);
    OptionCheck.require(first > 0 && first <= Double.MAX_VALUE, "epsilon", first, "finite and > 0");
    OptionCheck.require(cap > 0, "cap", cap, "> 0");
    OptionCheck.require(every >= 1, "every", every, "≥ 1");
  }

  /**
   * Returns a hard bound, the same at every step.
   *
   * @param epsilon ε in nats, finite and &gt; 0
   * @return mean KL(old‖new) ≤ ε
   */
  public static Radius within(double epsilon) {
    return scheduled(constant(epsilon));
  }

  /**
   * Returns a hard bound that follows a schedule.
   *
   * @param epsilon ε by step, in nats
   * @return mean KL(old‖new) ≤ ε
   */
  public static Radius scheduled(Schedule epsilon) {
    return new Radius(
        epsilon, false, Double.POSITIVE_INFINITY, 1, KlOver.MEAN, KlDirection.OLD_NEW);
  }

  /**
   * Returns a bound that follows ρ.
   *
   * @param first ε at the first step, in nats, finite and &gt; 0
   * @param cap what ε never exceeds, in nats, &gt; 0; may be infinite
   * @return mean KL(old‖new) ≤ ε
   */
  public static Radius adaptive(double first, double cap) {
    return new Radius(constant(first), true, cap, 1, KlOver.MEAN, KlDirection.OLD_NEW);
  }

  /**
   * Returns this bound with another norm.
   *
   * @param newOver mean or maximum over the batch
   * @return the radius
   */
  public Radius withOver(KlOver newOver) {
    return new Radius(epsilon, adapt, cap, every, newOver, direction);
  }

  /**
   * Returns this bound on the other KL divergence.
   *
   * @param newDirection which divergence
   * @return the radius
   */
  public Radius withDirection(KlDirection newDirection) {
    return new Radius(epsilon, adapt, cap, every, over, newDirection);
  }

  /**
   * Returns this radius with another pace of adaptation.
   *
   * @param steps how many steps lie between two moves of ε, at least 1
   * @return the radius
   */
  public Radius withEvery(int steps) {
    return new Radius(epsilon, adapt, cap, steps, over, direction);
  }

  private static Schedule constant(double epsilon) {
    OptionCheck.require(
        epsilon > 0 && OptionCheck.finite(epsilon), "epsilon", epsilon, "finite and > 0");
    return Schedule.constant(epsilon);
  }
}
