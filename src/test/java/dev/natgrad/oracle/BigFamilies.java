package dev.natgrad.oracle;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** Textbook divergences and likelihoods of one target, to 80 digits. */
public final class BigFamilies {
  private static final MathContext DIGITS = new MathContext(80);
  private static final BigDecimal PI =
      new BigDecimal(
          "3.14159265358979323846264338327950288419716939937510"
              + "58209749445923078164062862089986280348253421170679");

  private BigFamilies() {}

  private static BigDecimal big(double x) {
    return new BigDecimal(x);
  }

  private static BigDecimal exp(double x) {
    return BigOutputs.exp(big(x));
  }

  private static BigDecimal minus(double a, double b) {
    return big(a).subtract(big(b));
  }

  /** λ(z − z′) − λ + λ′. */
  public static BigDecimal poissonKl(double from, double to) {
    return exp(from).multiply(minus(from, to)).subtract(exp(from)).add(exp(to));
  }

  /** k(z′ − z) + k(e^(z − z′) − 1). */
  public static BigDecimal gammaKl(double shape, double from, double to) {
    BigDecimal ratio = BigOutputs.exp(minus(from, to));
    return big(shape).multiply(minus(to, from).add(ratio).subtract(BigDecimal.ONE));
  }

  /** r·ln((r + μ′)/(r + μ)) + μ(z − z′ + ln((r + μ′)/(r + μ))). */
  public static BigDecimal negativeBinomialKl(double size, double from, double to) {
    BigDecimal mu = exp(from);
    BigDecimal log = BigOutputs.log(big(size).add(exp(to)).divide(big(size).add(mu), DIGITS));
    return big(size).multiply(log).add(mu.multiply(minus(from, to).add(log)));
  }

  /** (s′ − s)/2 + (e^s + (μ − μ′)²)/(2e^s′) − ½. */
  public static BigDecimal gaussianKl(double mean, double s, double toMean, double toS) {
    BigDecimal d = minus(mean, toMean);
    BigDecimal ratio = exp(s).add(d.multiply(d)).divide(exp(toS), DIGITS);
    return minus(toS, s).add(ratio).subtract(BigDecimal.ONE).divide(big(2), DIGITS);
  }

  private static BigDecimal logFactorial(long n) {
    BigInteger product = BigInteger.ONE;
    for (long i = 2; i <= n; i++) {
      product = product.multiply(BigInteger.valueOf(i));
    }
    return BigOutputs.log(new BigDecimal(product, new MathContext(100)));
  }

  /** ln Γ(x) for x a multiple of ½, x ≤ 150. */
  public static BigDecimal logGamma(double x) {
    BigDecimal product = BigDecimal.ONE;
    double at = x;
    while (at > 1) {
      at--;
      product = product.multiply(big(at));
    }
    BigDecimal log = BigOutputs.log(product.round(new MathContext(100)));
    return at == 1 ? log : log.add(BigOutputs.log(PI).divide(big(2), DIGITS));
  }

  /** ln(λⁿe^−λ/n!) for an integer n ≤ 150, or by Stirling's series. */
  public static BigDecimal logPoisson(double n, double mean) {
    BigDecimal factorial = n <= 150 ? logFactorial((long) n) : stirling(big(n));
    return big(n).multiply(BigOutputs.log(big(mean))).subtract(big(mean)).subtract(factorial);
  }

  private static BigDecimal stirling(BigDecimal n) {
    BigDecimal square = n.multiply(n);
    BigDecimal power = n;
    BigDecimal sum = n.multiply(BigOutputs.log(n)).subtract(n);
    sum = sum.add(BigOutputs.log(PI.multiply(n).multiply(big(2))).divide(big(2), DIGITS));
    for (int term : new int[] {12, -360, 1260, -1680, 1188}) {
      sum = sum.add(BigDecimal.ONE.divide(power.multiply(big(term)), DIGITS));
      power = power.multiply(square);
    }
    return sum;
  }

  public static BigDecimal poissonLoss(double z, double y) {
    return exp(z).subtract(big(y).multiply(big(z))).add(logFactorial((long) y));
  }

  /** −ln of Γ(y + r)/(Γ(r)·y!)·(r/(r + μ))ʳ(μ/(r + μ))ʸ. */
  public static BigDecimal negativeBinomialLoss(double size, double z, double y) {
    BigDecimal rising = BigDecimal.ONE;
    for (int i = 0; i < y; i++) {
      rising = rising.multiply(big(size).add(big(i))).round(new MathContext(100));
    }
    BigDecimal total = BigOutputs.log(big(size).add(exp(z)));
    BigDecimal logSize = BigOutputs.log(big(size));
    return logFactorial((long) y)
        .subtract(BigOutputs.log(rising))
        .subtract(big(size).multiply(logSize.subtract(total)))
        .subtract(big(y).multiply(big(z).subtract(total)));
  }

  /** −ln of (k/μ)ᵏyᵏ⁻¹e^(−ky/μ)/Γ(k), k a multiple of ½. */
  public static BigDecimal gammaLoss(double shape, double z, double y) {
    BigDecimal k = big(shape);
    BigDecimal rate = BigOutputs.log(k).subtract(big(z));
    return logGamma(shape)
        .subtract(k.multiply(rate))
        .subtract(k.subtract(BigDecimal.ONE).multiply(BigOutputs.log(big(y))))
        .add(k.multiply(big(y)).divide(exp(z), new MathContext(100)));
  }

  public static BigDecimal gaussianLoss(double mean, double s, double y) {
    BigDecimal d = minus(y, mean);
    BigDecimal logTwoPi = BigOutputs.log(PI.multiply(big(2)));
    return logTwoPi
        .add(big(s))
        .add(d.multiply(d).divide(exp(s), new MathContext(100)))
        .divide(big(2), DIGITS);
  }
}
