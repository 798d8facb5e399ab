package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

/**
 * What is done to every row as a whole, under the rules of {@link Blas}. Thread rule: the owner of
 * the operands' workspaces.
 */
public final class RowScaling {
  private RowScaling() {}

  /**
   * U ← diag(w)·U, where a weight of 0 writes 0 whatever the row held, NaN included.
   *
   * @param w a vector of length m
   * @param u U, m×n
   */
  public static void scale(Vec w, Mat u) {
    scale(w, u, u);
  }

  /**
   * U ← diag(w)·A, where a weight of 0 writes 0 whatever the row of A holds, NaN included.
   *
   * @param w a vector of length m
   * @param a A, m×n
   * @param u U, m×n; may be A
   */
  public static void scale(Vec w, Mat a, Mat u) {
    weights(w, u);
    Check.operand("a", a, u.precision);
    Check.shape("a", a, u.rows, u.cols);
    Check.sameOrDisjoint("a", a, "u", u);
    for (int i = 0; i < u.rows; i++) {
      double weight = Elements.get(w.address, i, w.precision);
      long row = u.rowAddress(i);
      if (weight == 0) {
        fill(u, row);
      } else if (u.precision == F64) {
        dev.natgrad.kernel.f64.FamilyProducts.scale(u.cols, weight, a.rowAddress(i), row);
      } else {
        dev.natgrad.kernel.f32.FamilyProducts.scale(u.cols, (float) weight, a.rowAddress(i), row);
      }
    }
  }

  /**
   * The rows of U whose weight is 0 ← 0, NaN included; the others stay as they are.
   *
   * @param w a vector of length m
   * @param u U, m×n
   */
  public static void clear(Vec w, Mat u) {
    weights(w, u);
    for (int i = 0; i < u.rows; i++) {
      if (Elements.get(w.address, i, w.precision) == 0) {
        fill(u, u.rowAddress(i));
      }
    }
  }

  private static void weights(Vec w, Mat u) {
    Check.operand("w", w, u.precision);
    Check.operand("u", u, u.precision);
    Check.length("w", w, u.rows);
    Check.disjoint("w", w, "u", u);
  }

  private static void fill(Mat u, long row) {
    for (int j = 0; j < u.cols; j++) {
      Elements.set(row, j, 0, u.precision);
    }
  }

  /**
   * Every row of U ← x.
   *
   * @param x a vector of length n
   * @param u U, m×n
   */
  public static void repeat(Vec x, Mat u) {
    Check.operand("x", x, u.precision);
    Check.operand("u", u, u.precision);
    Check.length("x", x, u.cols);
    Check.disjoint("x", x, "u", u);
    for (int i = 0; i < u.rows; i++) {
      Elements.copy(x.address, u.rowAddress(i), (long) u.cols * u.precision.bytes());
    }
  }
}
