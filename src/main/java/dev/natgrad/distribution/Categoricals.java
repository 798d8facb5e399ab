package dev.natgrad.distribution;

import dev.natgrad.linalg.CategoricalBlocks;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;
import java.util.Arrays;

/**
 * Several independent choices side by side, such as the parts of a composite action: block b of the
 * outputs holds the logits of its {@code widths[b]} classes. Targets are one-hot, or probabilities
 * that sum to 1, in every block.
 *
 * <p>Every block is a {@link Categorical}; the log-probabilities and KL divergences of the blocks
 * add, F_z and B are block-diagonal.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 */
public final class Categoricals implements OutputDistribution {
  private final CategoricalBlocks blocks;
  private final int[] widths;

  /**
   * Describes the choices, from the left.
   *
   * @param widths the number of classes of each, at least 2
   * @throws IllegalArgumentException if there is none or one has fewer than 2 classes
   * @throws ArithmeticException if they have more than 2³¹ − 1 classes together
   */
  public Categoricals(int... widths) {
    for (int b = 0; b < widths.length; b++) {
      if (widths[b] < 2) {
        throw new IllegalArgumentException(
            "widths[" + b + "] is " + widths[b] + "; a choice has at least 2 classes");
      }
    }
    this.blocks = new CategoricalBlocks(widths);
    this.widths = widths.clone();
  }

  @Override
  public String name() {
    return "categoricals";
  }

  @Override
  public int outputs() {
    return blocks.columns();
  }

  /** {@inheritDoc} One choice does; several have an accuracy each. */
  @Override
  public boolean classifies() {
    return widths.length == 1;
  }

  @Override
  public int[] choices() {
    return widths.clone();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be in [0, 1] and every block of k columns sum to 1 within 4·k·u.
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.probabilities(y, row);
    int from = 0;
    for (int width : widths) {
      Outputs.sumsToOne(y, row, from, from + width);
      from += width;
    }
  }

  @Override
  public void mean(Mat z, Mat m) {
    Outputs.shape("z", z, this);
    blocks.softmax(z, m);
  }

  @Override
  public double negativeLogLikelihood(Mat z, Mat y) {
    Outputs.shape("z", z, this);
    return blocks.loss(z, y);
  }

  @Override
  public void logProbabilities(Mat z, Mat y, Vec out) {
    Outputs.shape("z", z, this);
    blocks.logProbabilities(z, y, out);
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    Outputs.shape("u", u, this);
    RowProducts.difference(alpha, m, y, u);
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    blocks.softmaxProduct(alpha, m, t, u);
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    blocks.softmaxFactor(alpha, m, t, u);
  }

  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    blocks.softmaxFactorTranspose(alpha, m, t, u);
  }

  /** {@inheritDoc} Each draw is one-hot in every block. */
  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.draws(m, y, this);
    for (int i = 0; i < m.rows(); i++) {
      int from = 0;
      for (int b = 0; b < widths.length; b++) {
        double uniform = Philox.uniform(seed, draw, (long) i * widths.length + b);
        Draws.oneHot(m, i, from, from + widths[b], uniform, y);
        from += widths[b];
      }
    }
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    Outputs.shape("from", from, this);
    return blocks.divergence(from, to, over == KlOver.MAXIMUM);
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    Outputs.shape("from", from, this);
    blocks.divergences(from, to, out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>With e the output error and n blocks, a = eᵉ·sinh e·(2K + √(2nK)) + ne²/2 for the first
   * distribution and e√(2n(K + a)) + ne²/2 for the second: about 2e√(2nK) + ne². To it comes
   * K·{@link dev.natgrad.linalg.Divergences#RELATIVE_ERROR}.
   */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    return KlErrors.softmax(kl, widths.length, outputError);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Categoricals that && Arrays.equals(widths, that.widths);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(widths);
  }

  @Override
  public String toString() {
    return "Categoricals" + Arrays.toString(widths);
  }
}
