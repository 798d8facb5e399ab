package dev.natgrad.optimizer;

/**
 * A positive number that depends on the number k of the step, counted from 0.
 *
 * <p>Immutable; usable from any thread. Allocates nothing.
 */
public sealed interface Schedule {
  /**
   * Returns the value at a step.
   *
   * @param step k ≥ 0
   * @return a finite number ≥ 0
   */
  double at(long step);

  /**
   * Returns the same value at every step.
   *
   * @param value finite and ≥ 0
   * @return the schedule
   */
  static Schedule constant(double value) {
    return new Constant(value);
  }

  /**
   * Returns factorᵏ, by repeated squaring: the same bits on every machine, unlike {@code Math.pow},
   * and nothing allocated, unlike {@code StrictMath.pow}.
   *
   * @param factor any number
   * @param step k ≥ 0
   * @return factorᵏ, off by at most k roundings
   */
  static double power(double factor, long step) {
    double power = 1;
    double square = factor;
    for (long k = step; k > 0; k >>= 1) {
      power = (k & 1) == 1 ? power * square : power;
      square *= square;
    }
    return power;
  }

  /**
   * The same value at every step.
   *
   * @param value finite and ≥ 0
   */
  record Constant(double value) implements Schedule {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Constant {
      OptionCheck.require(OptionCheck.finite(value), "value", value, "finite and ≥ 0");
    }

    @Override
    public double at(long step) {
      return value;
    }
  }

  /**
   * max(start·factorᵏ, floor).
   *
   * @param start the value at step 0, finite and ≥ 0
   * @param factor in (0, 1]
   * @param floor the least value, finite and ≥ 0
   */
  record ExponentialDecay(double start, double factor, double floor) implements Schedule {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    public ExponentialDecay {
      OptionCheck.require(OptionCheck.finite(start), "start", start, "finite and ≥ 0");
      OptionCheck.require(factor > 0 && factor <= 1, "factor", factor, "in (0, 1]");
      OptionCheck.require(OptionCheck.finite(floor), "floor", floor, "finite and ≥ 0");
    }

    @Override
    public double at(long step) {
      return Math.max(start * power(factor, step), floor);
    }
  }

  /**
   * start/(1 + k/horizon): half the start at step {@code horizon}.
   *
   * @param start the value at step 0, finite and ≥ 0
   * @param horizon in steps, finite and &gt; 0
   */
  record InverseTime(double start, double horizon) implements Schedule {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    public InverseTime {
      OptionCheck.require(OptionCheck.finite(start), "start", start, "finite and ≥ 0");
      OptionCheck.require(
          horizon > 0 && horizon <= Double.MAX_VALUE, "horizon", horizon, "finite and > 0");
    }

    @Override
    public double at(long step) {
      return start / (1 + step / horizon);
    }
  }
}
