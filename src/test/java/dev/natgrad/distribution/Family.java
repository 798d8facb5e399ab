package dev.natgrad.distribution;

import dev.natgrad.oracle.BigOutputs;
import java.math.BigDecimal;
import java.util.Random;

/** The distributions under test, each with the definitions it is held to. */
enum Family {
  CATEGORICAL,
  BERNOULLI,
  GAUSSIAN;

  static final double VARIANCE = 0.25;

  OutputDistribution of(int outputs) {
    return switch (this) {
      case CATEGORICAL -> new Categorical(outputs);
      case BERNOULLI -> new Bernoulli(outputs);
      case GAUSSIAN -> new Gaussian(outputs, VARIANCE);
    };
  }

  int outputs(Random random) {
    return this == CATEGORICAL ? 2 + random.nextInt(5) : 1 + random.nextInt(5);
  }

  BigDecimal kl(double[] from, double[] to) {
    return switch (this) {
      case CATEGORICAL -> BigOutputs.softmaxKl(from, to);
      case BERNOULLI -> BigOutputs.bernoulliKl(from, to);
      case GAUSSIAN -> BigOutputs.gaussianKl(from, to, VARIANCE);
    };
  }

  BigDecimal loss(double[] z, double[] y) {
    return switch (this) {
      case CATEGORICAL -> BigOutputs.softmaxLoss(z, y);
      case BERNOULLI -> BigOutputs.bernoulliLoss(z, y);
      case GAUSSIAN -> BigOutputs.gaussianLoss(z, y, VARIANCE);
    };
  }

  /** F_z from the mean parameters. */
  double[][] fisher(double[] m) {
    int n = m.length;
    double[][] f = new double[n][n];
    for (int i = 0; i < n; i++) {
      switch (this) {
        case CATEGORICAL -> {
          for (int j = 0; j < n; j++) {
            f[i][j] = (i == j ? m[i] : 0) - m[i] * m[j];
          }
        }
        case BERNOULLI -> f[i][i] = m[i] * (1 - m[i]);
        case GAUSSIAN -> f[i][i] = 1 / VARIANCE;
      }
    }
    return f;
  }

  /** What rounding in products with F_z and B is relative to, where F_z cancels. */
  double[][] magnitude(double[] m) {
    int n = m.length;
    double[][] f = new double[n][n];
    for (int i = 0; i < n; i++) {
      switch (this) {
        case CATEGORICAL -> {
          for (int j = 0; j < n; j++) {
            f[i][j] = (i == j ? m[i] : 0) + 3 * m[i] * m[j];
          }
        }
        case BERNOULLI -> f[i][i] = m[i];
        case GAUSSIAN -> f[i][i] = 1 / VARIANCE;
      }
    }
    return f;
  }

  /** A legal target row. */
  double[] target(Random random, int outputs) {
    double[] y = new double[outputs];
    if (this == CATEGORICAL) {
      y[random.nextInt(outputs)] = 1;
      return y;
    }
    for (int j = 0; j < outputs; j++) {
      y[j] = this == GAUSSIAN ? (float) random.nextGaussian() : random.nextInt(5) / 4.0;
    }
    return y;
  }
}
