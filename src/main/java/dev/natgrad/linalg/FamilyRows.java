package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.wide.LogGamma;
import dev.natgrad.kernel.wide.SharedExponentials;

/**
 * Divergences and negative log-likelihoods of the rows of a {@link Family}, computed in double for
 * both precisions without cancellation, under the rules of {@link Blas}. Finite where the means,
 * and the inverse variances, are finite numbers of F64 (outputs within ±700). Those of {@link
 * Family#GAUSSIAN} take {@link Blas#scratchBytes()} of the first operand's workspace if no product
 * has yet.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class FamilyRows {
  private FamilyRows() {}

  private static void outputs(Family family, String name, Mat z) {
    Check.atLeastOneColumn(name, z);
    if (family == Family.GAUSSIAN && z.cols % 2 != 0) {
      throw new IllegalArgumentException(
          name + " has " + z.cols + " columns; it must have a mean and a log-variance for each");
    }
  }

  private static void divergencePair(Family family, Mat a, Mat b) {
    Check.operand("a", a, a.precision);
    Check.operand("b", b, a.precision);
    Check.shape("b", b, a.rows, a.cols);
    outputs(family, "a", a);
  }

  private static void lossPair(Family family, Mat z, Mat y) {
    Check.operand("z", z, z.precision);
    Check.operand("y", y, z.precision);
    outputs(family, "z", z);
    Check.shape("y", y, z.rows, family.targets(z.cols));
  }

  /**
   * Returns the KL divergence of row i of A from row i of B, over the rows, in nats. Relative error
   * ≤ {@link Divergences#RELATIVE_ERROR}.
   *
   * @param family the family
   * @param parameter its parameter, above 0; not read where it takes none
   * @param a A, m×n outputs of the first distributions, m ≥ 1
   * @param b B, m×n outputs of the second
   * @param maximum whether to return the rows' maximum rather than their mean
   * @return at least 0
   */
  public static double divergence(Family family, double parameter, Mat a, Mat b, boolean maximum) {
    divergencePair(family, a, b);
    Check.atLeastOneRow("a", a);
    long kept = kept(family, a);
    double sum = 0;
    double lost = 0;
    double max = 0;
    for (int i = 0; i < a.rows; i++) {
      double kl = divergence(family, parameter, a, b, i, kept);
      double next = sum + kl;
      lost += sum >= kl ? sum - next + kl : kl - next + sum;
      sum = next;
      max = Math.max(max, kl);
    }
    return maximum ? max : (Double.isFinite(sum) ? sum + lost : sum) / a.rows;
  }

  /**
   * out ← the KL divergence of every row.
   *
   * @param family the family
   * @param parameter its parameter
   * @param a A, m×n outputs of the first distributions
   * @param b B, m×n outputs of the second
   * @param out a vector of length m in F64
   */
  public static void divergences(Family family, double parameter, Mat a, Mat b, Vec out) {
    divergencePair(family, a, b);
    Check.operand("out", out, F64);
    Check.length("out", out, a.rows);
    long kept = kept(family, a);
    for (int i = 0; i < a.rows; i++) {
      Elements.set(out.address, i, divergence(family, parameter, a, b, i, kept), F64);
    }
  }

  private static double divergence(
      Family family, double parameter, Mat a, Mat b, int i, long kept) {
    boolean f64 = a.precision == F64;
    int n = a.cols;
    long ai = a.rowAddress(i);
    long bi = b.rowAddress(i);
    return switch (family) {
      case POISSON -> dev.natgrad.kernel.wide.FamilyRows.poissonKl(f64, n, ai, bi);
      case NEGATIVE_BINOMIAL ->
          dev.natgrad.kernel.wide.FamilyRows.negativeBinomialKl(parameter, f64, n, ai, bi);
      case GAMMA -> dev.natgrad.kernel.wide.FamilyRows.gammaKl(parameter, f64, n, ai, bi);
      case GAUSSIAN -> dev.natgrad.kernel.wide.FamilyRows.gaussianKl(f64, n, ai, bi, kept);
    };
  }

  /**
   * Returns the mean over the rows of −log P(y | z), in nats, with all its constants. Absolute
   * error ≤ 2⁻⁴⁴ times the sum of the absolute values of its terms.
   *
   * @param family the family
   * @param parameter its parameter
   * @param z Z, m×n outputs, m ≥ 1
   * @param y Y, m×n targets, half as many columns for {@link Family#GAUSSIAN}
   * @return the mean negative log-likelihood
   */
  public static double loss(Family family, double parameter, Mat z, Mat y) {
    lossPair(family, z, y);
    Check.atLeastOneRow("z", z);
    double constant = constant(family, parameter);
    long kept = kept(family, z);
    double sum = 0;
    for (int i = 0; i < z.rows; i++) {
      sum += loss(family, parameter, constant, z, y, i, kept);
    }
    return sum / z.rows;
  }

  /**
   * out ← log P(y | z) of every row, in nats.
   *
   * @param family the family
   * @param parameter its parameter
   * @param z Z, m×n outputs
   * @param y Y, m×n targets, half as many columns for {@link Family#GAUSSIAN}
   * @param out a vector of length m in F64
   */
  public static void logProbabilities(Family family, double parameter, Mat z, Mat y, Vec out) {
    lossPair(family, z, y);
    Check.operand("out", out, F64);
    Check.length("out", out, z.rows);
    double constant = constant(family, parameter);
    long kept = kept(family, z);
    for (int i = 0; i < z.rows; i++) {
      Elements.set(out.address, i, -loss(family, parameter, constant, z, y, i, kept), F64);
    }
  }

  /** The scratch of products, cleared for exponentials that rows share. */
  private static long kept(Family family, Mat z) {
    if (family != Family.GAUSSIAN) {
      return 0;
    }
    long kept = Divergences.scratch(z);
    SharedExponentials.clear(z.cols / 2, kept);
    return kept;
  }

  private static double constant(Family family, double parameter) {
    return family == Family.GAMMA ? LogGamma.remainder(parameter) : 0;
  }

  private static double loss(
      Family family, double parameter, double constant, Mat z, Mat y, int i, long kept) {
    boolean f64 = z.precision == F64;
    int n = z.cols;
    long zi = z.rowAddress(i);
    long yi = y.rowAddress(i);
    return switch (family) {
      case POISSON -> dev.natgrad.kernel.wide.FamilyRows.poissonLoss(f64, n, zi, yi);
      case NEGATIVE_BINOMIAL ->
          dev.natgrad.kernel.wide.FamilyRows.negativeBinomialLoss(parameter, f64, n, zi, yi);
      case GAMMA ->
          dev.natgrad.kernel.wide.FamilyRows.gammaLoss(parameter, constant, f64, n, zi, yi);
      case GAUSSIAN -> dev.natgrad.kernel.wide.FamilyRows.gaussianLoss(f64, n, zi, yi, kept);
    };
  }

  /**
   * Returns tr F_z over the rows: Σμ for {@link Family#POISSON}, nk for {@link Family#GAMMA}, Σ1/σ²
   * + ¼n for {@link Family#GAUSSIAN}, and for {@link Family#NEGATIVE_BINOMIAL} Σmin(μ, r), at most
   * twice it.
   *
   * @param family the family
   * @param parameter its parameter
   * @param z Z, m×n outputs, m ≥ 1
   * @param maximum whether to return the rows' maximum rather than their mean
   * @return at least 0
   */
  public static double fisherTrace(Family family, double parameter, Mat z, boolean maximum) {
    Check.operand("z", z, z.precision);
    outputs(family, "z", z);
    Check.atLeastOneRow("z", z);
    long kept = kept(family, z);
    double sum = 0;
    double max = 0;
    for (int i = 0; i < z.rows; i++) {
      double row = fisherTrace(family, parameter, z, i, kept);
      sum += row;
      max = Math.max(max, row);
    }
    return maximum ? max : sum / z.rows;
  }

  private static double fisherTrace(Family family, double parameter, Mat z, int i, long kept) {
    boolean f64 = z.precision == F64;
    int n = z.cols;
    long zi = z.rowAddress(i);
    double infinity = Double.POSITIVE_INFINITY;
    return switch (family) {
      case POISSON -> dev.natgrad.kernel.wide.FamilyRows.means(infinity, f64, n, zi);
      case NEGATIVE_BINOMIAL -> dev.natgrad.kernel.wide.FamilyRows.means(parameter, f64, n, zi);
      case GAMMA -> n * parameter;
      case GAUSSIAN -> dev.natgrad.kernel.wide.FamilyRows.precisions(f64, n, zi, kept) + n / 4.0;
    };
  }
}
