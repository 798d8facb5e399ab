package dev.natgrad.linalg;

import dev.natgrad.kernel.wide.LogGamma;

/** Functions of single numbers; the same bits on every machine. Usable from any thread. */
public final class SpecialFunctions {
  private SpecialFunctions() {}

  /**
   * Returns ln Γ(x), with an absolute error ≤ 2⁻⁴⁶·max(1, |ln Γ(x)|).
   *
   * @param x above 0
   * @return ln Γ(x)
   */
  public static double logGamma(double x) {
    return LogGamma.of(x);
  }

  /**
   * Returns the logarithm of a Poisson distribution's probability, ln(λⁿe^−λ/n!), in Loader's
   * saddle-point form (Fast and accurate computation of binomial probabilities, 2000), in which
   * large means do not cancel.
   *
   * @param n the count, an integer ≥ 0
   * @param mean λ, above 0
   * @return the logarithm, in nats
   */
  public static double logPoisson(double n, double mean) {
    return LogGamma.poisson(n, mean);
  }
}
