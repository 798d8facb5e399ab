package dev.natgrad.kernel.wide;

/**
 * ln Γ by Stirling's series, after as many steps of Γ(x + 1) = xΓ(x) as bring x to {@value #FAR},
 * where the first term left out is below 2⁻⁵⁸.
 */
public final class LogGamma {
  private static final double FAR = 16;
  private static final double HALF_LOG_2PI = 0.9189385332046727;
  private static final int TABLE = 256;

  /** Below this λ/n, λ/n − 1 has lost digits of λ that ln(λ/n) needs. */
  private static final double SMALL_RATIO = 0.125;

  private static final double[] FACTORIALS = factorials();

  private LogGamma() {}

  private static double[] factorials() {
    double[] logs = new double[TABLE];
    for (int n = 2; n < TABLE; n++) {
      logs[n] = of(n + 1.0);
    }
    return logs;
  }

  /** ln Γ(x) for x &gt; 0, else NaN; absolute error ≤ 2⁻⁴⁶·max(1, |ln Γ(x)|). */
  public static double of(double x) {
    if (!(x > 0)) {
      // Far below 0 the steps up would never arrive.
      return Double.NaN;
    }
    if (x == Double.POSITIVE_INFINITY) {
      return x;
    }
    if (x >= FAR) {
      return x * (StrictMath.log(x) - 1) + remainder(x);
    }
    double product = 1;
    double far = x;
    while (far < FAR) {
      product *= far;
      far++;
    }
    return far * (StrictMath.log(far) - 1) + remainder(far) - StrictMath.log(product);
  }

  /** ln n! for integers n ≥ 0. */
  public static double factorial(double n) {
    return n >= 0 && n < TABLE ? FACTORIALS[(int) n] : of(n + 1);
  }

  /** ln Γ(x) − x·ln x + x, which large x do not cancel in. */
  public static double remainder(double x) {
    if (x < FAR) {
      return of(x) - x * (StrictMath.log(x) - 1);
    }
    return HALF_LOG_2PI - StrictMath.log(x) / 2 + correction(x);
  }

  /** ln Γ(x + n) − ln Γ(x) for n ≥ 0, to a few ulp of n·|ln(x + n)| + |ln x| however large x is. */
  public static double rising(double n, double x) {
    if (x < FAR) {
      return of(x + n) - of(x);
    }
    return (x - 0.5) * StrictMath.log1p(n / x)
        + n * (StrictMath.log(x + n) - 1)
        + (correction(x + n) - correction(x));
  }

  /**
   * The logarithm of a Poisson probability, λⁿe^−λ/n!, λ ≥ 0; absolute error ≤ 2⁻⁴³·max(1, |it|),
   * since large λ and n do not cancel.
   */
  public static double poisson(double n, double mean) {
    if (n == 0 || mean == Double.POSITIVE_INFINITY) {
      return 0 - mean;
    }
    if (n < FAR) {
      return n * StrictMath.log(mean) - mean - factorial(n);
    }
    double ratio = mean / n;
    double deviance =
        ratio < SMALL_RATIO
            ? n * (ratio - 1 - logRatio(mean, n))
            : n * Exponential.excess(StrictMath.log1p((mean - n) / n));
    return -deviance - HALF_LOG_2PI - StrictMath.log(n) / 2 - correction(n);
  }

  /** ln(a/b), also where a/b is too small for a normal number. */
  private static double logRatio(double a, double b) {
    double ratio = a / b;
    return ratio >= Double.MIN_NORMAL
        ? StrictMath.log(ratio)
        : StrictMath.log(a) - StrictMath.log(b);
  }

  /** Σ B₂ᵢ/(2i(2i − 1)x²ⁱ⁻¹), x ≥ {@value #FAR}. */
  private static double correction(double x) {
    double s = 1 / (x * x);
    double c = -691.0 / 360360;
    c = Math.fma(c, s, 1.0 / 1188);
    c = Math.fma(c, s, -1.0 / 1680);
    c = Math.fma(c, s, 1.0 / 1260);
    c = Math.fma(c, s, -1.0 / 360);
    c = Math.fma(c, s, 1.0 / 12);
    return c / x;
  }
}
