package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.f64.Elementwise;
import dev.natgrad.kernel.f64.FamilyProducts;

/**
 * Scores and products with the diagonal Fisher matrices of a {@link Family}, under the rules of
 * {@link Blas}: the facade over the kernels of M, the means and, for {@link Family#GAUSSIAN}, the
 * variances beside them. Each entry has at most six roundings.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class FamilyScores {
  private FamilyScores() {}

  private static void pair(Family family, Mat m, Mat t, Mat u) {
    Check.operand("m", m, u.precision);
    Check.operand("t", t, u.precision);
    Check.operand("u", u, u.precision);
    Check.shape("m", m, u.rows, u.cols);
    Check.shape("t", t, u.rows, u.cols);
    Check.disjoint("m", m, "u", u);
    Check.sameOrDisjoint("t", t, "u", u);
    even(family, u);
  }

  private static void even(Family family, Mat u) {
    if (family == Family.GAUSSIAN && u.cols % 2 != 0) {
      throw new IllegalArgumentException(
          "the output has " + u.cols + " columns; it must have a mean and a log-variance for each");
    }
  }

  /** Whether the matrices have no gaps and no halves, so that all rows are one run. */
  private static boolean oneRun(Family family, Mat a, Mat b, Mat c) {
    return family != Family.GAUSSIAN
        && a.contiguous()
        && b.contiguous()
        && c.contiguous()
        && (long) c.rows * c.cols <= Check.MOST;
  }

  /**
   * M ← exp Z, the means; for {@link Family#GAUSSIAN} the means as they are and the variances, the
   * exponentials of the log-variances. Errors as {@link Maps#exp}.
   *
   * @param family the family
   * @param z Z, m×n outputs
   * @param m M, m×n; may be Z
   */
  public static void means(Family family, Mat z, Mat m) {
    if (family != Family.GAUSSIAN) {
      Maps.exp(z, m);
      return;
    }
    Check.operand("z", z, m.precision);
    Check.operand("m", m, m.precision);
    Check.shape("z", z, m.rows, m.cols);
    Check.sameOrDisjoint("z", z, "m", m);
    even(family, m);
    long scratch = m.storage.workspace.reductionScratch().address();
    int n = m.cols / 2;
    long half = (long) n * m.precision.bytes();
    for (int i = 0; i < m.rows; i++) {
      long zi = z.rowAddress(i);
      long mi = m.rowAddress(i);
      if (zi != mi) {
        Elements.copy(zi, mi, half);
      }
      if (m.precision == F64) {
        Elementwise.exp(n, zi + half, mi + half, scratch);
      } else {
        dev.natgrad.kernel.f32.Elementwise.exp(n, zi + half, mi + half, scratch);
      }
    }
  }

  /**
   * U ← α·∂(−log P(y | z))/∂z.
   *
   * @param family the family
   * @param parameter its parameter, above 0; not read where it takes none
   * @param alpha α
   * @param m M, m×n
   * @param y Y, m×n targets, half as many columns for {@link Family#GAUSSIAN}
   * @param u U, m×n; may be Y if they have one shape, not M
   */
  public static void score(Family family, double parameter, double alpha, Mat m, Mat y, Mat u) {
    Check.operand("m", m, u.precision);
    Check.operand("y", y, u.precision);
    Check.operand("u", u, u.precision);
    even(family, u);
    Check.shape("m", m, u.rows, u.cols);
    Check.shape("y", y, u.rows, family.targets(u.cols));
    Check.disjoint("m", m, "u", u);
    if (y.cols == u.cols) {
      Check.sameOrDisjoint("y", y, "u", u);
    } else {
      Check.disjoint("y", y, "u", u);
    }
    boolean whole = oneRun(family, m, y, u);
    int runs = whole ? Math.min(1, u.rows) : u.rows;
    int length = whole ? u.rows * u.cols : u.cols;
    for (int i = 0; i < runs; i++) {
      long mi = m.rowAddress(i);
      long yi = y.rowAddress(i);
      long ui = u.rowAddress(i);
      if (u.precision == F64) {
        score64(family, parameter, length, alpha, mi, yi, ui);
      } else {
        score32(family, (float) parameter, length, (float) alpha, mi, yi, ui);
      }
    }
  }

  /**
   * U ← α·F_z T.
   *
   * @param family the family
   * @param parameter its parameter, above 0; not read where it takes none
   * @param alpha α
   * @param m M, m×n
   * @param t T, m×n
   * @param u U, m×n; may be T, not M
   */
  public static void product(Family family, double parameter, double alpha, Mat m, Mat t, Mat u) {
    pair(family, m, t, u);
    boolean whole = oneRun(family, m, t, u);
    int runs = whole ? Math.min(1, u.rows) : u.rows;
    int length = whole ? u.rows * u.cols : u.cols;
    for (int i = 0; i < runs; i++) {
      long mi = m.rowAddress(i);
      long ti = t.rowAddress(i);
      long ui = u.rowAddress(i);
      if (u.precision == F64) {
        product64(family, parameter, length, alpha, mi, ti, ui);
      } else {
        product32(family, (float) parameter, length, (float) alpha, mi, ti, ui);
      }
    }
  }

  /**
   * U ← α·√F_z T, the root of each entry: as F_z is diagonal, the factor and its transpose in one.
   *
   * @param family the family
   * @param parameter its parameter, above 0; not read where it takes none
   * @param alpha α
   * @param m M, m×n
   * @param t T, m×n
   * @param u U, m×n; may be T, not M
   */
  public static void factor(Family family, double parameter, double alpha, Mat m, Mat t, Mat u) {
    pair(family, m, t, u);
    boolean whole = oneRun(family, m, t, u);
    int runs = whole ? Math.min(1, u.rows) : u.rows;
    int length = whole ? u.rows * u.cols : u.cols;
    for (int i = 0; i < runs; i++) {
      long mi = m.rowAddress(i);
      long ti = t.rowAddress(i);
      long ui = u.rowAddress(i);
      if (u.precision == F64) {
        factor64(family, parameter, length, alpha, mi, ti, ui);
      } else {
        factor32(family, (float) parameter, length, (float) alpha, mi, ti, ui);
      }
    }
  }

  private static void score64(
      Family family, double parameter, int n, double alpha, long m, long y, long u) {
    long half = n / 2 * (long) Double.BYTES;
    switch (family) {
      case POISSON -> FamilyProducts.difference(n, alpha, m, y, u);
      case NEGATIVE_BINOMIAL -> FamilyProducts.dampedDifference(n, alpha, parameter, m, y, u);
      case GAMMA -> FamilyProducts.relativeDifference(n, alpha * parameter, m, y, u);
      case GAUSSIAN -> FamilyProducts.gaussianScore(n / 2, alpha, m, m + half, y, u, u + half);
    }
  }

  private static void product64(
      Family family, double parameter, int n, double alpha, long m, long t, long u) {
    long half = n / 2 * (long) Double.BYTES;
    switch (family) {
      case POISSON -> FamilyProducts.product(n, alpha, m, t, u);
      case NEGATIVE_BINOMIAL -> FamilyProducts.dampedProduct(n, alpha, parameter, m, t, u);
      case GAMMA -> FamilyProducts.scale(n, alpha * parameter, t, u);
      case GAUSSIAN -> {
        FamilyProducts.quotient(n / 2, alpha, m + half, t, u);
        FamilyProducts.scale(n / 2, alpha / 2, t + half, u + half);
      }
    }
  }

  private static void factor64(
      Family family, double parameter, int n, double alpha, long m, long t, long u) {
    long half = n / 2 * (long) Double.BYTES;
    switch (family) {
      case POISSON -> FamilyProducts.rootProduct(n, alpha, m, t, u);
      case NEGATIVE_BINOMIAL -> FamilyProducts.dampedRootProduct(n, alpha, parameter, m, t, u);
      case GAMMA -> FamilyProducts.scale(n, (alpha * Math.sqrt(parameter)), t, u);
      case GAUSSIAN -> {
        FamilyProducts.rootQuotient(n / 2, alpha, m + half, t, u);
        FamilyProducts.scale(n / 2, (alpha * Math.sqrt(0.5)), t + half, u + half);
      }
    }
  }

  private static void score32(
      Family family, float parameter, int n, float alpha, long m, long y, long u) {
    long half = n / 2 * (long) Float.BYTES;
    switch (family) {
      case POISSON -> dev.natgrad.kernel.f32.FamilyProducts.difference(n, alpha, m, y, u);
      case NEGATIVE_BINOMIAL ->
          dev.natgrad.kernel.f32.FamilyProducts.dampedDifference(n, alpha, parameter, m, y, u);
      case GAMMA ->
          dev.natgrad.kernel.f32.FamilyProducts.relativeDifference(n, alpha * parameter, m, y, u);
      case GAUSSIAN ->
          dev.natgrad.kernel.f32.FamilyProducts.gaussianScore(
              n / 2, alpha, m, m + half, y, u, u + half);
    }
  }

  private static void product32(
      Family family, float parameter, int n, float alpha, long m, long t, long u) {
    long half = n / 2 * (long) Float.BYTES;
    switch (family) {
      case POISSON -> dev.natgrad.kernel.f32.FamilyProducts.product(n, alpha, m, t, u);
      case NEGATIVE_BINOMIAL ->
          dev.natgrad.kernel.f32.FamilyProducts.dampedProduct(n, alpha, parameter, m, t, u);
      case GAMMA -> dev.natgrad.kernel.f32.FamilyProducts.scale(n, alpha * parameter, t, u);
      case GAUSSIAN -> {
        dev.natgrad.kernel.f32.FamilyProducts.quotient(n / 2, alpha, m + half, t, u);
        dev.natgrad.kernel.f32.FamilyProducts.scale(n / 2, alpha / 2, t + half, u + half);
      }
    }
  }

  private static void factor32(
      Family family, float parameter, int n, float alpha, long m, long t, long u) {
    long half = n / 2 * (long) Float.BYTES;
    switch (family) {
      case POISSON -> dev.natgrad.kernel.f32.FamilyProducts.rootProduct(n, alpha, m, t, u);
      case NEGATIVE_BINOMIAL ->
          dev.natgrad.kernel.f32.FamilyProducts.dampedRootProduct(n, alpha, parameter, m, t, u);
      case GAMMA ->
          dev.natgrad.kernel.f32.FamilyProducts.scale(
              n, (float) (alpha * Math.sqrt(parameter)), t, u);
      case GAUSSIAN -> {
        dev.natgrad.kernel.f32.FamilyProducts.rootQuotient(n / 2, alpha, m + half, t, u);
        dev.natgrad.kernel.f32.FamilyProducts.scale(
            n / 2, (float) (alpha * Math.sqrt(0.5)), t + half, u + half);
      }
    }
  }
}
