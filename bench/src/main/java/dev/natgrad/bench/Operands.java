package dev.natgrad.bench;

import dev.natgrad.memory.Precision;
import java.util.Random;

/** Data for the operands, and the check that a benchmark measures a right result. */
public final class Operands {

  private Operands() {}

  /**
   * Numbers in (−1, 1), the same for the same seed, exact in both precisions.
   *
   * @param length how many
   * @param seed seed of the generator
   * @return a new array
   */
  public static double[] uniform(int length, long seed) {
    Random random = new Random(seed);
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2f * random.nextFloat() - 1f;
    }
    return values;
  }

  /**
   * Refuses a sum of products that lies outside its rounding bound.
   *
   * <p>The bound is γ_n(u) Σ|xᵢyᵢ| for the result plus γ_n(2⁻⁵³) Σ|xᵢyᵢ| for the reference, which
   * is itself a plain loop in double; the factor n + 2 instead of n covers the rounding of Σ|xᵢyᵢ|
   * and of the bound.
   *
   * @param what names the entry in the message
   * @param computed the result to check
   * @param reference Σxᵢyᵢ in double
   * @param magnitude Σ|xᵢyᵢ| in double
   * @param n number of products
   * @param precision precision of the result
   */
  public static void requireWithinBound(
      String what,
      double computed,
      double reference,
      double magnitude,
      int n,
      Precision precision) {
    double bound =
        (gamma(n + 2, precision.unitRoundoff()) + gamma(n + 2, Precision.F64.unitRoundoff()))
            * magnitude;
    if (!(Math.abs(computed - reference) <= bound)) {
      throw new AssertionError(
          what + " is " + computed + ", expected " + reference + " within " + bound);
    }
  }

  private static double gamma(int n, double unitRoundoff) {
    return n * unitRoundoff / (1 - n * unitRoundoff);
  }
}
