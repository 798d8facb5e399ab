package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.wide.Likelihoods;

/**
 * Divergences and negative log-likelihoods of the rows of two matrices, computed in double for both
 * precisions without cancellation, under the rules of {@link Blas}. A mean over rows is of at least
 * one row. Finite for finite arguments up to 2¹⁰⁰⁰ in magnitude, squared distances up to 2⁵⁰⁰.
 * Those of Bernoulli outputs take {@link Blas#scratchBytes()} of the first operand's workspace if
 * no product has yet.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class Divergences {
  /**
   * A divergence's largest relative error, against the exact divergence of the stored numbers, for
   * up to 10⁵ columns of magnitude up to 10⁴ and a result above 10⁻²⁸⁰. The logarithm of a
   * probability is off by at most 2·10⁴·u, everything else by a few n·u, with the u of F64.
   */
  public static final double RELATIVE_ERROR = 0x1.0p-33;

  private Divergences() {}

  /** The scratch of products, as one pass over a few rows needs a hundredth of it. */
  static long scratch(Mat a) {
    return a.storage.workspace.productScratch(Blas.scratchBytes()).address();
  }

  private static void pair(String first, Mat a, String second, Mat b) {
    Check.operand(first, a, a.precision);
    Check.operand(second, b, a.precision);
    Check.shape(second, b, a.rows, a.cols);
    Check.atLeastOneColumn(first, a);
    Check.atLeastOneRow(first, a);
  }

  /**
   * Returns KL(softmax aᵢ ‖ softmax bᵢ) over the rows i, in nats.
   *
   * @param a A, m×n logits of the first distributions
   * @param b B, m×n logits of the second
   * @param maximum whether to return the rows' maximum rather than their mean
   * @return at least 0
   */
  public static double categorical(Mat a, Mat b, boolean maximum) {
    pair("a", a, "b", b);
    return dev.natgrad.kernel.wide.Divergences.categorical(
        a.precision == F64, a.rows, a.cols, a.address, a.stride, b.address, b.stride, maximum);
  }

  /**
   * Returns Σⱼ KL(logistic aᵢⱼ ‖ logistic bᵢⱼ) over the rows i, in nats.
   *
   * @param a A, m×n logits of the first distributions
   * @param b B, m×n logits of the second
   * @param maximum whether to return the rows' maximum rather than their mean
   * @return at least 0
   */
  public static double bernoulli(Mat a, Mat b, boolean maximum) {
    pair("a", a, "b", b);
    return dev.natgrad.kernel.wide.Divergences.bernoulli(
        a.precision == F64,
        a.rows,
        a.cols,
        a.address,
        a.stride,
        b.address,
        b.stride,
        maximum,
        scratch(a));
  }

  /**
   * Returns ‖aᵢ − bᵢ‖² over the rows i.
   *
   * @param a A, m×n
   * @param b B, m×n
   * @param maximum whether to return the rows' maximum rather than their mean
   * @return at least 0
   */
  public static double squaredDistance(Mat a, Mat b, boolean maximum) {
    pair("a", a, "b", b);
    return dev.natgrad.kernel.wide.Divergences.squaredDistance(
        a.precision == F64, a.rows, a.cols, a.address, a.stride, b.address, b.stride, maximum);
  }

  /**
   * Returns the mean over the rows of Σⱼ yⱼ(ln Σₖ exp zₖ − zⱼ), in nats.
   *
   * @param z Z, m×n logits
   * @param y Y, m×n probabilities
   * @return the mean negative log-likelihood; relative error ≤ 2(m + n)·u of F64 plus 10⁻¹² where
   *     the logits reach 10⁴
   */
  public static double categoricalLoss(Mat z, Mat y) {
    pair("z", z, "y", y);
    return Likelihoods.categorical(
        z.precision == F64, z.rows, z.cols, z.address, z.stride, y.address, y.stride);
  }

  /**
   * Returns the mean over the rows of Σⱼ y·ln(1 + e⁻ᶻ) + (1 − y)·ln(1 + eᶻ), in nats.
   *
   * @param z Z, m×n logits
   * @param y Y, m×n probabilities
   * @return the mean negative log-likelihood; relative error ≤ 2(m + n + 2)·u of F64
   */
  public static double bernoulliLoss(Mat z, Mat y) {
    pair("z", z, "y", y);
    return Likelihoods.bernoulli(
        z.precision == F64, z.rows, z.cols, z.address, z.stride, y.address, y.stride, scratch(z));
  }
}
