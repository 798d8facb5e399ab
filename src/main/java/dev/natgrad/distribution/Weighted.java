package dev.natgrad.distribution;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowScaling;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * A distribution whose samples count with weights wᵢ ≥ 0; 0 masks a sample. Every mean over the
 * samples becomes one over Σw: likelihood, score, F and mean KL as without the masked rows and with
 * row i counted wᵢ times; the maximum of the KL is that over the rows with wᵢ > 0.
 *
 * <p>Whoever takes means over B rows needs to know nothing of weights: row i is multiplied by
 * wᵢ/w̄, w̄ the mean weight. What is computed of a masked row is dropped: its targets are not
 * checked and may be NaN, its log-probability and divergence are 0. Its inputs and outputs must be
 * finite, and {@link #mean}, {@link #sample} and {@link #klErrorBound} treat it as any other. Means
 * of what is no score or divergence, such as a layer's inputs, need {@link #rootWeights}.
 *
 * <p>The weights of a batch are given by {@link #setWeights(Vec)} before it is used. Its memory is
 * two vectors of the precision and one in F64: {@link #bytes}. Thread rule: the owner of its
 * workspace. Allocates nothing after construction but views at the first use of a batch size.
 */
public final class Weighted implements OutputDistribution {
  /** The sum of weights below which their mean may be denormal, without digits to divide by. */
  private static final double SMALL = 0x1p-960;

  /** By what such weights are multiplied, which is exact. */
  private static final double ENLARGED = 0x1p512;

  private final OutputDistribution base;
  private final RowWeights rows;

  /**
   * Takes the buffers.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param base the distribution of every sample
   * @param maxBatch the largest B, at least 1
   * @param precision the format of the matrices
   * @throws IllegalArgumentException if {@code maxBatch} is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Weighted(Workspace workspace, OutputDistribution base, int maxBatch, Precision precision) {
    Outputs.atLeastOne("maxBatch", maxBatch);
    this.base = Objects.requireNonNull(base, "base");
    this.rows = new RowWeights(workspace, maxBatch, precision);
  }

  /**
   * Returns the off-heap memory it takes: 2·⌈maxBatch·size/64⌉·64 + ⌈maxBatch·8/64⌉·64.
   *
   * @param maxBatch the largest B
   * @param precision the format of the matrices
   * @return bytes
   */
  public static long bytes(int maxBatch, Precision precision) {
    return RowWeights.bytes(maxBatch, precision);
  }

  /**
   * Returns the distribution of every sample.
   *
   * @return the distribution without weights
   */
  public OutputDistribution base() {
    return base;
  }

  /**
   * Sets the weights of the next batch.
   *
   * @param weights a vector of length B, finite and ≥ 0, at least one above 0; copied
   * @throws IllegalArgumentException naming the entry that breaks the rule
   */
  public void setWeights(Vec weights) {
    rows.forget();
    double sum = 0;
    for (int i = 0; i < weights.length(); i++) {
      sum += RowWeights.checked(weights, i);
    }
    if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "weights sum to " + sum + "; at least one must be above 0, and the sum finite");
    }
    double unit = sum < SMALL ? ENLARGED : 1;
    set(weights, unit, sum * unit / weights.length(), true);
  }

  /**
   * Sets the weights of the next chunk of a batch.
   *
   * @param weights a vector of the chunk's length, finite and ≥ 0; copied
   * @param mean w̄, the mean weight of the whole batch, finite and above 0: the chunks' means, each
   *     weighted by its number of rows, then add to the batch's. A denormal one has few digits;
   *     weights and mean times a power of two are the same weights
   * @throws IllegalArgumentException naming what breaks the rule
   */
  public void setWeights(Vec weights, double mean) {
    rows.forget();
    if (!(mean > 0 && mean < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("mean is " + mean + "; it must be finite and above 0");
    }
    set(weights, 1, mean, false);
  }

  private void set(Vec weights, double unit, double mean, boolean whole) {
    if (weights.length() < 1 || weights.length() > rows.maxBatch()) {
      throw new IllegalArgumentException(
          "weights has length "
              + weights.length()
              + "; a batch has between 1 and "
              + rows.maxBatch()
              + " samples");
    }
    rows.set(weights, unit, mean, whole);
  }

  /**
   * Takes the weights of some rows of another's batch, relative to the mean of all of them: means
   * over these rows then estimate those over the batch.
   *
   * @param whole the distribution with the weights of the batch
   * @param first the first of the rows
   * @param count how many rows, 1 to the largest batch
   * @throws IllegalStateException if {@code whole} has no weights
   * @throws IndexOutOfBoundsException if a row is not of the batch, or {@code count} is below 1 or
   *     above the largest batch
   */
  public void setRows(Weighted whole, int first, int count) {
    setRows(whole, first, count, 1);
  }

  /**
   * Takes the weights of some rows of another's batch, as {@link #setRows(Weighted, int, int)}, all
   * times a number: less than 1 for rows that are taken more often than others.
   *
   * @param whole the distribution with the weights of the batch
   * @param first the first of the rows
   * @param count how many rows, 1 to the largest batch
   * @param scale finite and above 0
   * @throws IllegalArgumentException if the scale is not
   * @throws IllegalStateException if {@code whole} has no weights
   * @throws IndexOutOfBoundsException if a row is not of the batch, or {@code count} is below 1 or
   *     above the largest batch
   */
  public void setRows(Weighted whole, int first, int count, double scale) {
    rows.forget();
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("scale is " + scale + "; it must be finite and above 0");
    }
    if (whole.rows.at() == null) {
      throw new IllegalStateException("the batch has no weights: call its setWeights first");
    }
    if (count < 1 || count > rows.maxBatch()) {
      throw new IndexOutOfBoundsException(
          "count is " + count + "; it must be from 1 to " + rows.maxBatch());
    }
    rows.set(whole.rows, first, count, scale);
  }

  /**
   * Returns whether any of some rows of the batch counts.
   *
   * @param first the first of the rows
   * @param count how many rows
   * @return false if all of them are masked
   * @throws IllegalStateException if there are no weights
   * @throws IndexOutOfBoundsException if a row that is looked at is not of the batch
   */
  public boolean counts(int first, int count) {
    RowWeights.Views at = rows.at();
    if (at == null) {
      throw new IllegalStateException("the batch has no weights: call setWeights first");
    }
    for (int i = first; i < first + count; i++) {
      if (at.factors().get(i) > 0) {
        return true;
      }
    }
    return false;
  }

  /** {@inheritDoc} Weights that are those of before, to the bit, are not told anew. */
  @Override
  public long told() {
    return rows.told();
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public int outputs() {
    return base.outputs();
  }

  @Override
  public int targets() {
    return base.targets();
  }

  @Override
  public boolean classifies() {
    return base.classifies();
  }

  @Override
  public int[] choices() {
    return base.choices();
  }

  @Override
  public void checkTarget(Mat y, int row) {
    if (rows.at(y.rows()).factors().get(row) > 0) {
      base.checkTarget(y, row);
    }
  }

  @Override
  public void mean(Mat z, Mat m) {
    base.mean(z, m);
  }

  @Override
  public double negativeLogLikelihood(Mat z, Mat y) {
    Vec values = rows.at(z.rows()).values();
    base.logProbabilities(z, y, values);
    return -average(values);
  }

  @Override
  public void logProbabilities(Mat z, Mat y, Vec out) {
    RowWeights.Views views = rows.at(z.rows());
    base.logProbabilities(z, y, out);
    clearMasked(views, out);
  }

  private static void clearMasked(RowWeights.Views views, Vec out) {
    for (int i = 0; i < out.length(); i++) {
      if (views.factors().get(i) == 0) {
        out.set(i, 0);
      }
    }
  }

  @Override
  public void score(double alpha, Mat m, Mat y, Mat u) {
    RowWeights.Views views = rows.at(u.rows());
    base.score(alpha, m, y, u);
    RowScaling.scale(views.factors(), u);
  }

  @Override
  public void scoreFactor(double alpha, Mat m, Mat y, Mat u) {
    RowWeights.Views views = rows.at(u.rows());
    base.scoreFactor(alpha, m, y, u);
    RowScaling.scale(views.roots(), u);
  }

  @Override
  public void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    RowWeights.Views views = rows.at(u.rows());
    base.fisherProduct(alpha, m, t, u);
    RowScaling.scale(views.factors(), u);
  }

  @Override
  public void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    RowWeights.Views views = rows.at(u.rows());
    base.fisherFactor(alpha, m, t, u);
    RowScaling.scale(views.roots(), u);
  }

  @Override
  public void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    RowWeights.Views views = rows.at(u.rows());
    base.fisherFactorTranspose(alpha, m, t, u);
    RowScaling.scale(views.roots(), u);
  }

  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    base.sample(m, seed, draw, y);
  }

  @Override
  public double kl(Mat from, Mat to, KlOver over) {
    Vec values = rows.at(from.rows()).values();
    divergences(from, to, values);
    if (over == KlOver.MEAN) {
      return average(values);
    }
    double max = 0;
    for (int i = 0; i < values.length(); i++) {
      max = Math.max(max, values.get(i));
    }
    return max;
  }

  @Override
  public void divergences(Mat from, Mat to, Vec out) {
    RowWeights.Views views = rows.at(from.rows());
    base.divergences(from, to, out);
    clearMasked(views, out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The base's bound for the maximum over the rows, where it depends on the outputs: it is
   * concave in K, so that no weighted mean exceeds it. Of a chunk with the share ω of the weights
   * it is ω times the bound for K/ω.
   */
  @Override
  public double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    rows.at(from.rows());
    double part = over == KlOver.MAXIMUM ? 1 : rows.share();
    if (part == 0) {
      return 0;
    }
    return part * base.klErrorBound(from, to, KlOver.MAXIMUM, kl / part, outputError);
  }

  /** {@inheritDoc} Σwᵢvᵢ/Σw over the samples with wᵢ > 0. */
  @Override
  public double average(Vec values) {
    RowWeights.Views views = rows.at(values.length());
    double sum = 0;
    for (int i = 0; i < values.length(); i++) {
      double factor = views.factors().get(i);
      if (factor > 0) {
        sum += factor * values.get(i);
      }
    }
    return sum / values.length();
  }

  @Override
  public boolean weighted() {
    return true;
  }

  @Override
  public Vec rootWeights(int rows) {
    return this.rows.at(rows).roots();
  }

  @Override
  public String toString() {
    return "weighted " + base;
  }
}
