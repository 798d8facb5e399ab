package dev.natgrad.oracle;

import java.math.BigDecimal;
import java.math.MathContext;

/** Divergences and likelihoods of softmax distributions from their definitions, to 80 digits. */
public final class BigOutputs {
  private static final MathContext DIGITS = new MathContext(80);

  private BigOutputs() {}

  /** eˣ by Taylor's series of x/2ᵏ and k squarings. */
  public static BigDecimal exp(BigDecimal x) {
    int halvings = 8;
    BigDecimal scale = BigDecimal.valueOf(256);
    while (x.abs().compareTo(scale) > 0) {
      scale = scale.add(scale);
      halvings++;
    }
    halvings += 8;
    BigDecimal small = x.divide(BigDecimal.valueOf(2).pow(halvings), new MathContext(100));
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int k = 1; k < 45; k++) {
      term =
          term.multiply(small, new MathContext(100))
              .divide(BigDecimal.valueOf(k), new MathContext(100));
      sum = sum.add(term, new MathContext(100));
    }
    for (int k = 0; k < halvings; k++) {
      sum = sum.multiply(sum, new MathContext(100));
    }
    return sum;
  }

  /** ln x for x within the range of double, by Newton's iteration on exp. */
  public static BigDecimal log(BigDecimal x) {
    BigDecimal y = new BigDecimal(Math.log(x.doubleValue()));
    for (int k = 0; k < 4; k++) {
      BigDecimal e = exp(y);
      BigDecimal step = x.subtract(e).divide(x.add(e), new MathContext(100));
      y = y.add(step.add(step), new MathContext(100));
    }
    return y;
  }

  /** ln of the softmax of z. */
  public static BigDecimal[] logProbabilities(double[] z) {
    double max = z[0];
    for (double value : z) {
      max = Math.max(max, value);
    }
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal[] log = new BigDecimal[z.length];
    for (int j = 0; j < z.length; j++) {
      log[j] = new BigDecimal(z[j]).subtract(new BigDecimal(max));
      total = total.add(exp(log[j]), DIGITS);
    }
    BigDecimal logTotal = log(total);
    for (int j = 0; j < z.length; j++) {
      log[j] = log[j].subtract(logTotal);
    }
    return log;
  }

  public static BigDecimal softmaxKl(double[] from, double[] to) {
    BigDecimal[] p = logProbabilities(from);
    BigDecimal[] q = logProbabilities(to);
    BigDecimal kl = BigDecimal.ZERO;
    for (int j = 0; j < p.length; j++) {
      kl = kl.add(exp(p[j]).multiply(p[j].subtract(q[j]), DIGITS));
    }
    return kl;
  }

  public static BigDecimal softmaxLoss(double[] z, double[] y) {
    BigDecimal[] p = logProbabilities(z);
    BigDecimal loss = BigDecimal.ZERO;
    for (int j = 0; j < p.length; j++) {
      loss = loss.subtract(p[j].multiply(new BigDecimal(y[j])));
    }
    return loss;
  }

  public static BigDecimal bernoulliKl(double[] from, double[] to) {
    BigDecimal kl = BigDecimal.ZERO;
    for (int j = 0; j < from.length; j++) {
      kl = kl.add(softmaxKl(new double[] {0, from[j]}, new double[] {0, to[j]}));
    }
    return kl;
  }

  public static BigDecimal bernoulliLoss(double[] z, double[] y) {
    BigDecimal loss = BigDecimal.ZERO;
    for (int j = 0; j < z.length; j++) {
      BigDecimal[] p = logProbabilities(new double[] {0, z[j]});
      BigDecimal target = new BigDecimal(y[j]);
      loss = loss.subtract(p[1].multiply(target));
      loss = loss.subtract(p[0].multiply(BigDecimal.ONE.subtract(target)));
    }
    return loss;
  }

  public static BigDecimal gaussianKl(double[] from, double[] to, double variance) {
    BigDecimal square = BigDecimal.ZERO;
    for (int j = 0; j < from.length; j++) {
      BigDecimal d = new BigDecimal(from[j]).subtract(new BigDecimal(to[j]));
      square = square.add(d.multiply(d));
    }
    return square.divide(new BigDecimal(2 * variance), DIGITS);
  }

  public static BigDecimal gaussianLoss(double[] z, double[] y, double variance) {
    double constant = 0.5 * z.length * (Math.log(2 * Math.PI) + Math.log(variance));
    return gaussianKl(z, y, variance).add(new BigDecimal(constant));
  }
}
