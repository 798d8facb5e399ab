package dev.natgrad.distribution;

import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowDivergences;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;
import java.util.Arrays;

/**
 * Independent yes-or-no outputs, with probabilities p = 1/(1 + e⁻ᶻ). Targets are 0, 1 or a
 * probability between.
 *
 * <p>−log P(y | z) = Σ y·ln(1 + e⁻ᶻ) + (1 − y)·ln(1 + eᶻ), score p − y, F_z = diag(p(1 − p)), B its
 * root.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param outputs the number of outputs, at least 1
 */
public record Bernoulli(int outputs) implements OutputDistribution {
  /**
   * Checks the number of outputs.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Bernoulli {
    if (outputs < 1) {
      throw new IllegalArgumentException("outputs is " + outputs + "; it must be at least 1");
    }
  }

  @Override
  public String name() {
    return "bernoulli";
  }

  /** {@inheritDoc} One output is; several are independent answers rather than classes. */
  @Override
  public boolean classifies() {
    return outputs == 1;
  }

  @Override
  public int[] choices() {
    int[] choices = new int[outputs];
    Arrays.fill(choices, 1);
    return choices;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be in [0, 1].
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.probabilities(y, row);
  }

  @Override
  public void mean(Mat z, Mat m) {
    Outputs.shape("z", z, this);
    Maps.logistic(z, m);
  }

  @Override
  public double negativeLogLikelihood(Mat z, Mat y) {
    Outputs.shape("z", z, this);
    return Divergences.bernoulliLoss(z, y);
  }

  @Override
  public void logProbabilities(Mat z, Mat y, Vec out) {
    Outputs.shape("z", z, this);
    RowDivergences.bernoulliLogProbabilities(z, y, out);
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.difference(alpha, m, y, u);
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.bernoulliProduct(alpha, m, t, u);
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.bernoulliFactor(alpha, m, t, u);
  }

  /** {@inheritDoc} B is diagonal: the same as {@link #fisherFactor}. */
  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    fisherFactor(alpha, m, t, u);
  }

  /** {@inheritDoc} Each entry is 0 or 1. */
  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.pair("m", m, "y", y, this);
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        double uniform = Philox.uniform(seed, draw, (long) i * outputs + j);
        y.set(i, j, uniform < m.get(i, j) ? 1 : 0);
      }
    }
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    Outputs.shape("from", from, this);
    return Divergences.bernoulli(from, to, over == KlOver.MAXIMUM);
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    Outputs.shape("from", from, this);
    RowDivergences.bernoulli(from, to, out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>With h half the output error and n outputs, a = eʰ·sinh h·(2K + √(2nK)) + nh²/2 for the
   * first distribution and h√(2n(K + a)) + nh²/2 for the second: about 2h√(2nK) + nh². To it comes
   * K·{@link Divergences#RELATIVE_ERROR}.
   */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    return KlErrors.softmax(kl, outputs, outputError / 2);
  }
}
