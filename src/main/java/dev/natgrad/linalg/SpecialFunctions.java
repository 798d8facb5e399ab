package dev.natgrad.linalg;

import dev.natgrad.kernel.wide.LogGamma;

/** Functions of single numbers; the same bits on every machine. Usable from any thread. */
public final class SpecialFunctions {
  private SpecialFunctions() {}

  /**
   * Returns ln Γ(x), with an absolute error ≤ 2⁻⁴⁶·max(1, |ln Γ(x)|).
   *
   * @param x above 0, or NaN
   * @return ln Γ(x); infinite for infinity, NaN for NaN
   * @throws IllegalArgumentException if x ≤ 0
   */
  public static double logGamma(double x) {
    if (x <= 0) {
      throw new IllegalArgumentException("x is " + x + "; ln Γ is defined here for x > 0");
    }
    return LogGamma.of(x);
  }

  /**
   * Returns the logarithm of a Poisson distribution's probability, ln(λⁿe^−λ/n!), in Loader's
   * saddle-point form (Fast and accurate computation of binomial probabilities, 2000), in which
   * large means do not cancel; absolute error ≤ 2⁻⁴³·max(1, |it|).
   *
   * @param n the count, an integer ≥ 0
   * @param mean λ ≥ 0
   * @return the logarithm, in nats; −∞ for a probability of 0, as for λ = 0 &lt; n and infinite λ
   * @throws IllegalArgumentException if n is no such integer or λ is negative or NaN
   */
  public static double logPoisson(double n, double mean) {
    if (!(n >= 0 && Math.rint(n) == n && n <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("n is " + n + "; a count is an integer ≥ 0");
    }
    if (!(mean >= 0)) {
      throw new IllegalArgumentException("mean is " + mean + "; it must be ≥ 0");
    }
    return LogGamma.poisson(n, mean);
  }
}
