package dev.natgrad.distribution;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;

/**
 * A distribution of a user's own, written against the interface alone: Laplace with location z and
 * scale b, P = exp(−|y − z|/b)/(2b), F_z = 1/b², KL = |δ|/b + e^(−|δ|/b) − 1.
 */
public record Laplace(int outputs, double scale) implements OutputDistribution {
  @Override
  public String name() {
    return "laplace";
  }

  @Override
  public boolean classifies() {
    return false;
  }

  @Override
  public void checkTarget(Mat y, int row) {
    for (int j = 0; j < outputs; j++) {
      if (!Double.isFinite(y.get(row, j))) {
        throw new IllegalArgumentException("y[" + row + ", " + j + "] is " + y.get(row, j));
      }
    }
  }

  @Override
  public void mean(Mat z, Mat m) {
    for (int i = 0; i < z.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        m.set(i, j, z.get(i, j));
      }
    }
  }

  @Override
  public double negativeLogLikelihood(Mat z, Mat y) {
    double sum = 0;
    for (int i = 0; i < z.rows(); i++) {
      sum -= logProbability(z, y, i);
    }
    return sum / z.rows();
  }

  @Override
  public void logProbabilities(Mat z, Mat y, Vec out) {
    for (int i = 0; i < z.rows(); i++) {
      out.set(i, logProbability(z, y, i));
    }
  }

  private double logProbability(Mat z, Mat y, int i) {
    double log = -outputs * Math.log(2 * scale);
    for (int j = 0; j < outputs; j++) {
      log -= Math.abs(y.get(i, j) - z.get(i, j)) / scale;
    }
    return log;
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        u.set(i, j, alpha * Math.signum(m.get(i, j) - y.get(i, j)) / scale);
      }
    }
  }

  private void scaled(double factor, Mat t, Mat u) {
    for (int i = 0; i < t.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        u.set(i, j, factor * t.get(i, j));
      }
    }
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    scaled(alpha / (scale * scale), t, u);
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    scaled(alpha / scale, t, u);
  }

  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    scaled(alpha / scale, t, u);
  }

  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        double u = 2 * Philox.uniform(seed, draw, (long) i * outputs + j) - 1;
        double log = StrictMath.log1p(-Math.abs(u));
        y.set(i, j, m.get(i, j) - scale * Math.signum(u) * log);
      }
    }
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    double sum = 0;
    double max = 0;
    for (int i = 0; i < from.rows(); i++) {
      double kl = divergence(from, to, i);
      sum += kl;
      max = Math.max(max, kl);
    }
    return over == KlOver.MEAN ? sum / from.rows() : max;
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    for (int i = 0; i < from.rows(); i++) {
      out.set(i, divergence(from, to, i));
    }
  }

  private double divergence(Mat from, Mat to, int i) {
    double kl = 0;
    for (int j = 0; j < outputs; j++) {
      double d = Math.abs(to.get(i, j) - from.get(i, j)) / scale;
      // d − 1 + e^−d loses half its digits where d is √u; this is a test's distribution.
      kl += d < 1e-4 ? d * d / 2 * (1 - d / 3) : d + Math.expm1(-d);
    }
    return kl;
  }

  /** |∂KL/∂δ| ≤ 1/b, and second derivatives ≤ 1/b². */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    double e = 2 * outputError / scale;
    return e * Math.sqrt(2 * outputs * kl) + e * kl + outputs * e * e / 2 + 1e-7 * kl;
  }
}
