package dev.natgrad.oracle;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Elementary functions of a finite double to 40 digits, by the plainest series that converge: slow,
 * and independent of every polynomial and table used elsewhere.
 */
public final class ExactFunctions {
  private static final MathContext DIGITS = new MathContext(60);
  private static final BigDecimal ONE = BigDecimal.ONE;
  private static final BigDecimal TWO = BigDecimal.valueOf(2);
  private static final BigDecimal ROOT_2PI =
      new BigDecimal("6.283185307179586476925286766559005768394338798750211641949889").sqrt(DIGITS);
  private static final BigDecimal LN2 = twiceAtanh(ONE.divide(BigDecimal.valueOf(3), DIGITS));

  private ExactFunctions() {}

  /**
   * Returns eˣ: the Taylor series of x/2⁸ less a multiple of ln 2, squared eight times.
   *
   * @param x a number
   * @return eˣ
   */
  public static BigDecimal exp(BigDecimal x) {
    int k = x.divide(LN2, DIGITS).setScale(0, java.math.RoundingMode.HALF_EVEN).intValueExact();
    BigDecimal r =
        x.subtract(LN2.multiply(BigDecimal.valueOf(k)), DIGITS)
            .divide(BigDecimal.valueOf(256), DIGITS);
    BigDecimal sum = ONE;
    BigDecimal term = ONE;
    for (int i = 1; i <= 20; i++) {
      term = term.multiply(r, DIGITS).divide(BigDecimal.valueOf(i), DIGITS);
      sum = sum.add(term, DIGITS);
    }
    for (int i = 0; i < 8; i++) {
      sum = sum.multiply(sum, DIGITS);
    }
    return k >= 0 ? sum.multiply(TWO.pow(k), DIGITS) : sum.divide(TWO.pow(-k), DIGITS);
  }

  /**
   * Returns eˣ − 1, by its series where |x| is small.
   *
   * @param x a number
   * @return eˣ − 1
   */
  public static BigDecimal expm1(BigDecimal x) {
    if (x.abs().compareTo(new BigDecimal("0.01")) > 0) {
      return exp(x).subtract(ONE, DIGITS);
    }
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal term = ONE;
    for (int i = 1; i <= 25; i++) {
      term = term.multiply(x, DIGITS).divide(BigDecimal.valueOf(i), DIGITS);
      sum = sum.add(term, DIGITS);
    }
    return sum;
  }

  /**
   * Returns ln x.
   *
   * @param x a positive number
   * @return ln x
   */
  public static BigDecimal log(BigDecimal x) {
    int k = Math.getExponent(x.doubleValue());
    if (k < Double.MIN_EXPONENT) {
      k = -1074;
    }
    BigDecimal m = k >= 0 ? x.divide(TWO.pow(k), DIGITS) : x.multiply(TWO.pow(-k), DIGITS);
    while (m.compareTo(new BigDecimal("1.41")) > 0) {
      m = m.divide(TWO, DIGITS);
      k++;
    }
    return LN2.multiply(BigDecimal.valueOf(k), DIGITS).add(log1p(m.subtract(ONE)), DIGITS);
  }

  /**
   * Returns ln(1 + x).
   *
   * @param x a number above −1
   * @return ln(1 + x)
   */
  public static BigDecimal log1p(BigDecimal x) {
    boolean near = x.compareTo(new BigDecimal("-0.5")) > 0 && x.compareTo(ONE) <= 0;
    return near ? twiceAtanh(x.divide(x.add(TWO), DIGITS)) : log(x.add(ONE));
  }

  /**
   * Returns tanh x.
   *
   * @param x a number
   * @return tanh x
   */
  public static BigDecimal tanh(BigDecimal x) {
    BigDecimal t =
        expm1(x.multiply(TWO).min(BigDecimal.valueOf(200)).max(BigDecimal.valueOf(-200)));
    return t.divide(t.add(TWO), DIGITS);
  }

  /**
   * Returns 1/(1 + e⁻ˣ).
   *
   * @param x a number
   * @return the logistic function at x
   */
  public static BigDecimal logistic(BigDecimal x) {
    return ONE.divide(exp(x.negate()).add(ONE, DIGITS), DIGITS);
  }

  /**
   * Returns ln(1 + eˣ).
   *
   * @param x a number
   * @return the softplus function at x
   */
  public static BigDecimal softplus(BigDecimal x) {
    return x.max(BigDecimal.ZERO).add(log1p(exp(x.abs().negate())), DIGITS);
  }

  /**
   * Returns 1 − e⁻ʸ, the derivative of softplus at the x whose softplus is y.
   *
   * @param y a number
   * @return 1 − e⁻ʸ
   */
  public static BigDecimal softplusDerivative(BigDecimal y) {
    return expm1(y.negate()).negate();
  }

  /**
   * Returns x/(1 + e⁻ˣ).
   *
   * @param x a number
   * @return the sigmoid linear unit at x
   */
  public static BigDecimal silu(BigDecimal x) {
    return x.multiply(logistic(x), DIGITS);
  }

  /**
   * Returns the two terms of silu's derivative, σ and xσ(1 − σ).
   *
   * @param x a number
   * @return both
   */
  public static BigDecimal[] siluDerivativeTerms(BigDecimal x) {
    BigDecimal p = logistic(x);
    return new BigDecimal[] {p, x.multiply(p, DIGITS).multiply(logistic(x.negate()), DIGITS)};
  }

  /**
   * Returns Φ(x), the normal distribution function: by the series of Φ − ½ = φ·Σ x²ⁿ⁺¹/(2n + 1)!!
   * for |x| &lt; 6, beyond by the continued fraction of Mills' ratio.
   *
   * @param x a number
   * @return Φ(x)
   */
  public static BigDecimal normal(BigDecimal x) {
    BigDecimal a = x.abs();
    BigDecimal tail;
    if (a.compareTo(BigDecimal.valueOf(6)) < 0) {
      BigDecimal sum = BigDecimal.ZERO;
      BigDecimal term = a;
      BigDecimal square = a.multiply(a, DIGITS);
      for (int n = 1; term.movePointRight(55).compareTo(sum) > 0; n++) {
        sum = sum.add(term, DIGITS);
        term = term.multiply(square, DIGITS).divide(BigDecimal.valueOf(2 * n + 1), DIGITS);
      }
      tail = new BigDecimal("0.5").subtract(density(a).multiply(sum, DIGITS), DIGITS);
    } else {
      BigDecimal f = a;
      for (int n = 60; n > 0; n--) {
        f = a.add(BigDecimal.valueOf(n).divide(f, DIGITS), DIGITS);
      }
      tail = density(a).divide(f, DIGITS);
    }
    return x.signum() < 0 ? tail : ONE.subtract(tail, DIGITS);
  }

  private static BigDecimal density(BigDecimal x) {
    return exp(x.multiply(x).divide(TWO).negate()).divide(ROOT_2PI, DIGITS);
  }

  /**
   * Returns xΦ(x).
   *
   * @param x a number
   * @return the Gaussian error linear unit at x
   */
  public static BigDecimal gelu(BigDecimal x) {
    return x.multiply(normal(x), DIGITS);
  }

  /**
   * Returns the two terms of gelu's derivative, Φ(x) and xφ(x).
   *
   * @param x a number
   * @return both
   */
  public static BigDecimal[] geluDerivativeTerms(BigDecimal x) {
    return new BigDecimal[] {normal(x), x.multiply(density(x), DIGITS)};
  }

  private static BigDecimal twiceAtanh(BigDecimal s) {
    BigDecimal square = s.multiply(s, DIGITS);
    BigDecimal sum = s;
    BigDecimal power = s;
    for (int i = 3; power.signum() != 0 && i < 200; i += 2) {
      power = power.multiply(square, DIGITS);
      BigDecimal term = power.divide(BigDecimal.valueOf(i), DIGITS);
      sum = sum.add(term, DIGITS);
      if (term.abs().movePointRight(50).compareTo(sum.abs()) < 0) {
        break;
      }
    }
    return sum.multiply(TWO, DIGITS);
  }
}
