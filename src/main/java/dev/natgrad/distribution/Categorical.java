package dev.natgrad.distribution;

import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowDivergences;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;

/**
 * One of k classes, with probabilities p = softmax z. A target row is one-hot, or the probabilities
 * of the classes.
 *
 * <p>−log P(y | z) = ln Σⱼ exp zⱼ − yᵀz, score p − y, F_z = diag(p) − ppᵀ, B = diag(√p) − p(√p)ᵀ.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param outputs k, the number of classes, at least 2
 */
public record Categorical(int outputs) implements OutputDistribution {
  /**
   * Checks the number of classes.
   *
   * @throws IllegalArgumentException if it is below 2
   */
  public Categorical {
    if (outputs < 2) {
      throw new IllegalArgumentException(
          "outputs is "
              + outputs
              + "; a categorical distribution has at least 2 classes, each with a logit (for a"
              + " single logit use Bernoulli)");
    }
  }

  @Override
  public String name() {
    return "categorical";
  }

  @Override
  public boolean classifies() {
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be in [0, 1] and every row sum to 1 within 4·k·u.
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.probabilities(y, row);
    Outputs.sumsToOne(y, row, 0, outputs);
  }

  @Override
  public void mean(Mat z, Mat m) {
    Outputs.shape("z", z, this);
    Maps.softmax(z, m);
  }

  @Override
  public double negativeLogLikelihood(Mat z, Mat y) {
    Outputs.shape("z", z, this);
    return Divergences.categoricalLoss(z, y);
  }

  @Override
  public void logProbabilities(Mat z, Mat y, Vec out) {
    Outputs.shape("z", z, this);
    RowDivergences.categoricalLogProbabilities(z, y, out);
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.difference(alpha, m, y, u);
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    Maps.softmaxProduct(alpha, m, t, u);
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.softmaxFactor(alpha, m, t, u);
  }

  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.softmaxFactorTranspose(alpha, m, t, u);
  }

  /** {@inheritDoc} Each draw is one-hot. */
  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.pair("m", m, "y", y, this);
    for (int i = 0; i < m.rows(); i++) {
      Draws.oneHot(m, i, 0, outputs, Philox.uniform(seed, draw, i), y);
    }
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    Outputs.shape("from", from, this);
    return Divergences.categorical(from, to, over == KlOver.MAXIMUM);
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    Outputs.shape("from", from, this);
    RowDivergences.categorical(from, to, out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>With e the output error, a = eᵉ·sinh e·(2K + √(2K)) + e²/2 for the first distribution and
   * e√(2(K + a)) + e²/2 for the second: about 2e√(2K) + e². To it comes K·{@link
   * Divergences#RELATIVE_ERROR}.
   */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    return KlErrors.softmax(kl, 1, outputError);
  }
}
