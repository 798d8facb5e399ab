package dev.natgrad.distribution;

import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowDivergences;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;

/**
 * Independent normal outputs with mean z and a fixed variance σ². On targets standardised to
 * deviation 1 the default variance 1 makes a KL divergence mean the same everywhere.
 *
 * <p>−log P(y | z) = ‖z − y‖²/(2σ²) + ½n·ln(2πσ²), score (z − y)/σ², F_z = I/σ², B = I/σ.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param outputs n, the number of outputs, at least 1
 * @param variance σ², finite and above 0
 */
public record Gaussian(int outputs, double variance) implements OutputDistribution {
  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Gaussian {
    if (outputs < 1) {
      throw new IllegalArgumentException("outputs is " + outputs + "; it must be at least 1");
    }
    if (!(variance > 0 && variance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "variance is " + variance + "; it must be finite and above 0");
    }
  }

  /**
   * A Gaussian of variance 1.
   *
   * @param outputs the number of outputs, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public Gaussian(int outputs) {
    this(outputs, 1);
  }

  @Override
  public String name() {
    return "gaussian";
  }

  @Override
  public boolean classifies() {
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be finite.
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.finite(y, row);
  }

  @Override
  public void mean(Mat z, Mat m) {
    Outputs.shape("z", z, this);
    RowProducts.scale(1, z, m);
  }

  @Override
  public double negativeLogLikelihood(Mat z, Mat y) {
    Outputs.shape("z", z, this);
    return Divergences.squaredDistance(z, y, false) / (2 * variance) + constant();
  }

  private double constant() {
    return outputs * StrictMath.log(2 * Math.PI * variance) / 2;
  }

  @Override
  public void logProbabilities(Mat z, Mat y, Vec out) {
    Outputs.shape("z", z, this);
    RowDivergences.squaredDistance(-1 / (2 * variance), z, y, -constant(), out);
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.difference(alpha / variance, m, y, u);
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    scaled(alpha / variance, m, t, u);
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    scaled(alpha / Math.sqrt(variance), m, t, u);
  }

  /** {@inheritDoc} B is diagonal: the same as {@link #fisherFactor}. */
  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    fisherFactor(alpha, m, t, u);
  }

  private void scaled(double alpha, Mat m, Mat t, Mat u) {
    Outputs.pair("m", m, "u", u, this);
    RowProducts.scale(alpha, t, u);
  }

  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.pair("m", m, "y", y, this);
    double deviation = Math.sqrt(variance);
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        double normal = Philox.normal(seed, draw, (long) i * outputs + j);
        y.set(i, j, m.get(i, j) + deviation * normal);
      }
    }
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    Outputs.shape("from", from, this);
    return Divergences.squaredDistance(from, to, over == KlOver.MAXIMUM) / (2 * variance);
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    Outputs.shape("from", from, this);
    RowDivergences.squaredDistance(1 / (2 * variance), from, to, 0, out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>With e the output error the difference of the means is off by at most 2e√n in norm, so the
   * bound is 2e√(2nK)/σ + 2ne²/σ², for the mean over the rows by Jensen's inequality. To it comes
   * (n + B + 8)·2⁻⁵³·K for B rows: of squares nothing cancels, and they are summed in double.
   */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    double error = outputError / Math.sqrt(variance);
    return 2 * error * Math.sqrt(2.0 * outputs * kl)
        + 2.0 * outputs * error * error
        + (outputs + from.rows() + 8.0) * 0x1p-53 * kl;
  }
}
