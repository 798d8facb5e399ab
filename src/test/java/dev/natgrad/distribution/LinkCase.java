package dev.natgrad.distribution;

import dev.natgrad.oracle.BigFamilies;
import dev.natgrad.oracle.BigOutputs;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;

/** The distributions whose Fisher matrix depends on the outputs, with naive definitions. */
enum LinkCase {
  POISSON,
  NEGATIVE_BINOMIAL,
  NEARLY_POISSON,
  GAMMA,
  EXPONENTIAL,
  GAUSSIAN,
  CATEGORICALS;

  private static final int[] WIDTHS = {3, 2, 4};

  OutputDistribution of(int targets) {
    return switch (this) {
      case POISSON -> new Poisson(targets);
      case NEGATIVE_BINOMIAL, NEARLY_POISSON -> new NegativeBinomial(targets, 1 / parameter());
      case GAMMA -> new Gamma(targets, parameter());
      case EXPONENTIAL -> new Gamma(targets);
      case GAUSSIAN -> new DiagonalGaussian(targets);
      case CATEGORICALS -> new Categoricals(WIDTHS);
    };
  }

  /** The size or shape. */
  double parameter() {
    return switch (this) {
      case NEGATIVE_BINOMIAL -> 0.5;
      case NEARLY_POISSON -> 0x1p20;
      case GAMMA -> 2.5;
      default -> 1;
    };
  }

  boolean isBinomial() {
    return this == NEGATIVE_BINOMIAL || this == NEARLY_POISSON;
  }

  double kl(double[] a, double[] b) {
    BigDecimal sum = BigDecimal.ZERO;
    int half = a.length / 2;
    for (int j = 0; j < (this == GAUSSIAN ? half : a.length); j++) {
      BigDecimal term =
          switch (this) {
            case POISSON -> BigFamilies.poissonKl(a[j], b[j]);
            case NEGATIVE_BINOMIAL, NEARLY_POISSON ->
                BigFamilies.negativeBinomialKl(parameter(), a[j], b[j]);
            case GAMMA, EXPONENTIAL -> BigFamilies.gammaKl(parameter(), a[j], b[j]);
            case GAUSSIAN -> BigFamilies.gaussianKl(a[j], a[half + j], b[j], b[half + j]);
            case CATEGORICALS -> BigDecimal.ZERO;
          };
      sum = sum.add(term);
    }
    int from = 0;
    for (int width : this == CATEGORICALS ? WIDTHS : new int[0]) {
      double[] p = Arrays.copyOfRange(a, from, from + width);
      sum = sum.add(BigOutputs.softmaxKl(p, Arrays.copyOfRange(b, from, from + width)));
      from += width;
    }
    return sum.doubleValue();
  }

  double loss(double[] z, double[] y) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int j = 0; j < (this == CATEGORICALS ? 0 : y.length); j++) {
      BigDecimal term =
          switch (this) {
            case POISSON -> BigFamilies.poissonLoss(z[j], y[j]);
            case NEGATIVE_BINOMIAL, NEARLY_POISSON ->
                BigFamilies.negativeBinomialLoss(parameter(), z[j], y[j]);
            case GAMMA, EXPONENTIAL -> BigFamilies.gammaLoss(parameter(), z[j], y[j]);
            default -> BigFamilies.gaussianLoss(z[j], z[y.length + j], y[j]);
          };
      sum = sum.add(term);
    }
    int from = 0;
    for (int width : this == CATEGORICALS ? WIDTHS : new int[0]) {
      double[] p = Arrays.copyOfRange(z, from, from + width);
      sum = sum.add(BigOutputs.softmaxLoss(p, Arrays.copyOfRange(y, from, from + width)));
      from += width;
    }
    return sum.doubleValue();
  }

  /** The sum of the magnitudes of the terms that a likelihood adds, or more. */
  double lossSize(double[] z, double[] y) {
    double size = 0;
    for (int j = 0; j < y.length; j++) {
      double s = this == GAUSSIAN ? z[y.length + j] : z[j];
      double d = y[j] - z[j];
      double k = parameter();
      size +=
          switch (this) {
            case POISSON -> Math.exp(s) + y[j] * (Math.abs(s) + Math.log(y[j] + 2)) + 1;
            case NEGATIVE_BINOMIAL, NEARLY_POISSON ->
                Math.exp(s) + (y[j] + 1) * (Math.abs(s) + Math.log(y[j] + k) + Math.log(k) + 9);
            case GAMMA, EXPONENTIAL ->
                k * (y[j] * Math.exp(-s) + Math.abs(s)) + (k + 1) * (Math.abs(Math.log(y[j])) + 3);
            case GAUSSIAN -> 2 + Math.abs(s) + (d * d + Math.abs(d * z[j])) * Math.exp(-s);
            case CATEGORICALS -> 2 * Math.abs(z[j]) + 4;
          };
    }
    return size;
  }

  /** F_z from outputs. */
  double[][] fisher(double[] z) {
    int n = z.length;
    double[][] f = new double[n][n];
    for (int i = 0; i < n && this != CATEGORICALS; i++) {
      double mu = Math.exp(z[i]);
      double r = parameter();
      f[i][i] =
          switch (this) {
            case POISSON -> mu;
            case NEGATIVE_BINOMIAL, NEARLY_POISSON -> mu / (1 + mu / r);
            case GAMMA, EXPONENTIAL -> r;
            default -> i < n / 2 ? Math.exp(-z[n / 2 + i]) : 0.5;
          };
    }
    int from = 0;
    for (int width : this == CATEGORICALS ? WIDTHS : new int[0]) {
      double[] p = softmax(z, from, width);
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          f[from + i][from + j] = (i == j ? p[i] : 0) - p[i] * p[j];
        }
      }
      from += width;
    }
    return f;
  }

  private static double[] softmax(double[] z, int from, int width) {
    double[] p = new double[width];
    double total = 0;
    for (int j = 0; j < width; j++) {
      p[j] = Math.exp(z[from + j]);
      total += p[j];
    }
    for (int j = 0; j < width; j++) {
      p[j] /= total;
    }
    return p;
  }

  /** A legal target row near outputs z. */
  double[] target(Random random, double[] z) {
    int targets = this == GAUSSIAN ? z.length / 2 : z.length;
    double[] y = new double[targets];
    for (int j = 0; j < targets; j++) {
      y[j] =
          switch (this) {
            case POISSON, NEGATIVE_BINOMIAL, NEARLY_POISSON -> random.nextInt(30);
            case GAMMA, EXPONENTIAL -> (float) (Math.exp(z[j]) * (0.1 + random.nextDouble()));
            case GAUSSIAN -> (float) (z[j] + random.nextGaussian());
            case CATEGORICALS -> 0;
          };
    }
    int from = 0;
    for (int width : this == CATEGORICALS ? WIDTHS : new int[0]) {
      y[from + random.nextInt(width)] = 1;
      from += width;
    }
    return y;
  }
}
