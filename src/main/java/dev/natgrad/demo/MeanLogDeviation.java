package dev.natgrad.demo;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;

/**
 * N(μ, σ²) with both parameters free, z = (μ, ln σ), and an example of a distribution of one's own.
 *
 * <p>A target row is the pair of sufficient statistics (x, x²), so the mean parameters are M = (μ,
 * μ² + σ²). With these
 *
 * <pre>  −log P     = ln σ + (x − μ)²/(2σ²) + ½ ln 2π
 *   F_z        = diag(1/σ², 2)
 *   KL(z‖z′)   = ½(eᵗ − 1 − t) + ½((μ − μ′)/σ′)²,   t = 2(ln σ − ln σ′)</pre>
 *
 * <p>The domain is σ ≥ σ_min: below it the likelihood is 0 and the KL infinite, which is what makes
 * a rounding bound possible. M gives σ² as a difference, which loses log₂(1 + μ²/σ²) bits.
 *
 * <p>Stateless; the matrices' owner. Allocates nothing.
 *
 * @param smallestDeviation σ_min &gt; 0, in the units of x
 */
public record MeanLogDeviation(double smallestDeviation) implements OutputDistribution {
  private static final double HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
  private static final double UNIT_ROUNDOFF = 0x1p-53;

  /** Checks σ_min. */
  public MeanLogDeviation {
    if (!(smallestDeviation > 0) || smallestDeviation > Double.MAX_VALUE) {
      throw new IllegalArgumentException(
          "smallestDeviation is " + smallestDeviation + "; it must be finite and > 0");
    }
  }

  @Override
  public String name() {
    return "gaussian with free deviation";
  }

  @Override
  public int outputs() {
    return 2;
  }

  @Override
  public boolean classifies() {
    return false;
  }

  @Override
  public void checkTarget(Mat y, int row) {
    double x = y.get(row, 0);
    double square = y.get(row, 1);
    double slack = 2 * y.precision().unitRoundoff() * x * x;
    if (!Double.isFinite(x) || !(Math.abs(square - x * x) <= slack)) {
      throw new IllegalArgumentException(
          "row " + row + " of y is (" + x + ", " + square + "); it must be (x, x²), both finite");
    }
  }

  @Override
  public void mean(Mat z, Mat m) {
    for (int i = 0; i < z.rows(); i++) {
      double mu = z.get(i, 0);
      double sigma = Math.exp(z.get(i, 1));
      m.set(i, 0, mu);
      m.set(i, 1, mu * mu + sigma * sigma);
    }
  }

  private static double variance(Mat m, int row) {
    return m.get(row, 1) - m.get(row, 0) * m.get(row, 0);
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

  private double logProbability(Mat z, Mat y, int row) {
    double s = z.get(row, 1);
    if (s < Math.log(smallestDeviation)) {
      return Double.NEGATIVE_INFINITY;
    }
    double r = (y.get(row, 0) - z.get(row, 0)) * Math.exp(-s);
    return -s - 0.5 * r * r - HALF_LOG_2PI;
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    for (int i = 0; i < m.rows(); i++) {
      double variance = variance(m, i);
      double off = m.get(i, 0) - y.get(i, 0);
      u.set(i, 0, alpha * off / variance);
      u.set(i, 1, alpha * (1 - off * off / variance));
    }
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    for (int i = 0; i < m.rows(); i++) {
      u.set(i, 0, alpha * t.get(i, 0) / variance(m, i));
      u.set(i, 1, alpha * 2 * t.get(i, 1));
    }
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    for (int i = 0; i < m.rows(); i++) {
      u.set(i, 0, alpha * t.get(i, 0) / Math.sqrt(variance(m, i)));
      u.set(i, 1, alpha * Math.sqrt(2) * t.get(i, 1));
    }
  }

  /** {@inheritDoc} B is diagonal, so it is its own transpose. */
  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    fisherFactor(alpha, m, t, u);
  }

  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    for (int i = 0; i < m.rows(); i++) {
      double x = m.get(i, 0) + Math.sqrt(variance(m, i)) * Philox.normal(seed, draw, i);
      y.set(i, 0, x);
      y.set(i, 1, y.get(i, 0) * y.get(i, 0));
    }
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    double result = 0;
    for (int i = 0; i < from.rows(); i++) {
      double kl = divergence(from, to, i);
      result = over == KlOver.MEAN ? result + kl / from.rows() : Math.max(result, kl);
    }
    return result;
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    for (int i = 0; i < from.rows(); i++) {
      out.set(i, divergence(from, to, i));
    }
  }

  private double divergence(Mat from, Mat to, int row) {
    double s = to.get(row, 1);
    if (s < Math.log(smallestDeviation)) {
      return Double.POSITIVE_INFINITY;
    }
    double r = (from.get(row, 0) - to.get(row, 0)) * Math.exp(-s);
    return 0.5 * expMinusLinear(2 * (from.get(row, 1) - s)) + 0.5 * r * r;
  }

  /** eᵗ − 1 − t without cancellation. */
  private static double expMinusLinear(double t) {
    if (Math.abs(t) > 0.5) {
      return Math.expm1(t) - t;
    }
    double tail = 1;
    // t²/2·(1 + t/3·(1 + t/4·(…))): the term after t/16 is below 2⁻⁵³ of the sum.
    for (int k = 16; k >= 3; k--) {
      tail = 1 + t / k * tail;
    }
    return 0.5 * t * t * tail;
  }

  /**
   * {@inheritDoc}
   *
   * <p>With k the KL and δ the error of an output: t is off by a ≤ 4δ; |eᵗ − 1| ≤ D = 2k + 2√k,
   * because (eᵗ − 1 − t) ≤ 2k is at least t²/2 for t ≥ 0 and at least (1 − eᵗ)²/2 for t &lt; 0; so
   * eᵗ − 1 − t is off by at most aD + ½a²eᵃ(1 + D). The residual r = (μ − μ′)/σ′ ≤ √(2k) is off by
   * e ≤ √(2k)(e^δ − 1) + 2δe^δ/σ_min and ½r² by √(2k)e + ½e². Twenty roundings are added for the
   * formula itself.
   */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    double a = 4 * outputError;
    double slope = 2 * kl + 2 * Math.sqrt(kl);
    double root = Math.sqrt(2 * kl);
    double e =
        root * Math.expm1(outputError)
            + 2 * outputError * Math.exp(outputError) / smallestDeviation;
    return 0.5 * (a * slope + 0.5 * a * a * Math.exp(a) * (1 + slope))
        + root * e
        + 0.5 * e * e
        + 20 * UNIT_ROUNDOFF * kl;
  }
}
