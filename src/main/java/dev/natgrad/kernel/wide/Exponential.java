package dev.natgrad.kernel.wide;

/**
 * The exponential of one double and what is left of it, ψ(x) = eˣ − 1 − x, without a call.
 *
 * <p>x = k·ln 2 + r, |r| ≤ ½·ln 2, and eʳ = 1 + r + r²·Q(r), Q Taylor's polynomial. Then ψ(x) = (2ᵏ
 * − 1) + (2ᵏr − x) + 2ᵏr²Q(r), where for k = 0 the first two terms are exactly 0, so that a small x
 * loses nothing, and elsewhere ψ ≥ 0.05, so that little cancels.
 */
final class Exponential {
  private static final double LOG2E = 1.4426950408889634;

  /** The first 32 bits of ln 2, so that a product with k is exact, and the rest. */
  private static final double LN2_HI = 0x1.62e42feep-1;

  private static final double LN2_LO = 0x1.a39ef35793c76p-33;
  private static final double ROUND = 0x1.8p52;
  private static final double OVERFLOW = 709.782712893384;
  private static final double UNDERFLOW = -745.1332191019412;

  /** Beyond it 2ᵏ, or a product with it, is no normal number any more. */
  private static final double NORMAL = 700;

  private Exponential() {}

  /** exp x to 1.25 ulp where the result is normal. */
  static double exp(double x) {
    if (!(x >= UNDERFLOW && x <= OVERFLOW)) {
      return x > 0 ? Double.POSITIVE_INFINITY : x < 0 ? 0 : x;
    }
    double k = Math.fma(x, LOG2E, ROUND) - ROUND;
    double r = Math.fma(k, -LN2_LO, Math.fma(k, -LN2_HI, x));
    double e = 1 + Math.fma(r * r, rest(r), r);
    int half = (int) k >> 1;
    return e * power(half) * power((int) k - half);
  }

  /** ψ(x), relative error ≤ 2⁻⁴⁶. */
  static double excess(double x) {
    if (!(Math.abs(x) <= NORMAL)) {
      return exp(x) - 1 - x;
    }
    double k = Math.fma(x, LOG2E, ROUND) - ROUND;
    double r = Math.fma(k, -LN2_LO, Math.fma(k, -LN2_HI, x));
    double power = power((int) k);
    return power - 1 + (power * r - x) + power * (r * r * rest(r));
  }

  /** exp x − 1, relative error ≤ 2⁻⁴⁶. */
  static double expm1(double x) {
    return x > -1 ? excess(x) + x : exp(x) - 1;
  }

  /** (eʳ − 1 − r)/r² for |r| ≤ 0.3466: the first term left out is below 2⁻⁵⁷. */
  private static double rest(double r) {
    double q = Math.fma(r, 1.0 / 1307674368000.0, 1.0 / 87178291200.0);
    q = Math.fma(q, r, 1.0 / 6227020800.0);
    q = Math.fma(q, r, 1.0 / 479001600.0);
    q = Math.fma(q, r, 1.0 / 39916800.0);
    q = Math.fma(q, r, 1.0 / 3628800.0);
    q = Math.fma(q, r, 1.0 / 362880.0);
    q = Math.fma(q, r, 1.0 / 40320.0);
    q = Math.fma(q, r, 1.0 / 5040.0);
    q = Math.fma(q, r, 1.0 / 720.0);
    q = Math.fma(q, r, 1.0 / 120.0);
    q = Math.fma(q, r, 1.0 / 24.0);
    q = Math.fma(q, r, 1.0 / 6.0);
    return Math.fma(q, r, 0.5);
  }

  private static double power(int k) {
    return Double.longBitsToDouble((k + 1023L) << 52);
  }
}
