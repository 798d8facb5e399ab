package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.f64.LayerRows;

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016) and the products with its Jacobian, under the
 * rules of {@link Blas}: y = h∘g + b of every row x, where h = r(x − mean x) and r = 1/√(var x +
 * ε), var x the mean of (x − mean x)².
 *
 * <p>The Jacobian of h is r(I − 11ᵀ/n − hhᵀ/n), symmetric, with eigenvalues from 0 to r, whatever ε
 * is: h is r times the centred row, and ∂(1/r) = mean (h∘ẋ).
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class LayerNormalization {
  private LayerNormalization() {}

  private static long scratch(Mat a) {
    return a.storage.workspace.productScratch(Blas.scratchBytes()).address();
  }

  private static void rows(Mat h, Vec r) {
    Check.operand("r", r, h.precision);
    Check.length("r", r, h.rows);
  }

  private static void columns(String name, Vec x, Mat h) {
    Check.operand(name, x, h.precision);
    Check.length(name, x, h.cols);
  }

  private static void matrix(String name, Mat a, Mat h) {
    Check.operand(name, a, h.precision);
    Check.shape(name, a, h.rows, h.cols);
  }

  /**
   * h ← r(x − mean x) of every row, r ← 1/√(var x + ε). With A the largest |x| of a row, n
   * roundings of partial sums below nA make mean x; the square root takes half of the relative
   * error of the sum of squares. A row whose squares overflow is NaN in H and in r: it has no h
   * here, and 0 in its place would be taken for one.
   *
   * @param epsilon ε, at least 0; a constant row gives h = 0 if it is above 0
   * @param x X, m×n
   * @param h H, m×n; may be X
   * @param r a vector of length m
   */
  public static void normalize(double epsilon, Mat x, Mat h, Vec r) {
    Check.operand("h", h, h.precision);
    matrix("x", x, h);
    rows(h, r);
    Check.sameOrDisjoint("x", x, "h", h);
    Check.disjoint("r", r, "h", h);
    Check.disjoint("r", r, "x", x);
    if (h.precision == F64) {
      LayerRows.normalize(
          h.rows, h.cols, epsilon, x.address, x.stride, h.address, h.stride, r.address, scratch(h));
    } else {
      dev.natgrad.kernel.f32.LayerRows.normalize(
          h.rows,
          h.cols,
          (float) epsilon,
          x.address,
          x.stride,
          h.address,
          h.stride,
          r.address,
          scratch(h));
    }
    for (int i = 0; i < h.rows; i++) {
      // 1/√∞, and of no finite number.
      if (Elements.get(r.address, i, r.precision) == 0) {
        r.set(i, Double.NaN);
        Blas.fill(Double.NaN, h.row(i));
      }
    }
  }

  /**
   * Y ← H·diag(g) + 1bᵀ, one rounding an element.
   *
   * @param h H, m×n
   * @param g a vector of length n
   * @param b a vector of length n
   * @param y Y, m×n; may be H
   */
  public static void affine(Mat h, Vec g, Vec b, Mat y) {
    Check.operand("h", h, h.precision);
    columns("g", g, h);
    columns("b", b, h);
    matrix("y", y, h);
    Check.sameOrDisjoint("h", h, "y", y);
    Check.disjoint("g", g, "y", y);
    Check.disjoint("b", b, "y", y);
    if (h.precision == F64) {
      LayerRows.affine(
          h.rows, h.cols, h.address, h.stride, g.address, b.address, y.address, y.stride);
    } else {
      dev.natgrad.kernel.f32.LayerRows.affine(
          h.rows, h.cols, h.address, h.stride, g.address, b.address, y.address, y.stride);
    }
  }

  /**
   * Y ← the change of H·diag(g) + 1bᵀ when X moves along T, g along ġ and b along ḃ.
   *
   * @param h H, m×n, and
   * @param r r, of length m, as {@link #normalize} left them
   * @param g a vector of length n
   * @param dg ġ, a vector of length n
   * @param db ḃ, a vector of length n
   * @param t T, m×n
   * @param y Y, m×n; may be T, not H
   */
  public static void tangent(Mat h, Vec r, Vec g, Vec dg, Vec db, Mat t, Mat y) {
    Check.operand("h", h, h.precision);
    rows(h, r);
    columns("g", g, h);
    columns("dg", dg, h);
    columns("db", db, h);
    matrix("t", t, h);
    matrix("y", y, h);
    Check.sameOrDisjoint("t", t, "y", y);
    Check.disjoint("h", h, "y", y);
    Check.disjoint("r", r, "y", y);
    Check.disjoint("g", g, "y", y);
    Check.disjoint("dg", dg, "y", y);
    Check.disjoint("db", db, "y", y);
    if (h.precision == F64) {
      LayerRows.tangent(
          h.rows,
          h.cols,
          h.address,
          h.stride,
          r.address,
          g.address,
          dg.address,
          db.address,
          t.address,
          t.stride,
          y.address,
          y.stride,
          scratch(h));
    } else {
      dev.natgrad.kernel.f32.LayerRows.tangent(
          h.rows,
          h.cols,
          h.address,
          h.stride,
          r.address,
          g.address,
          dg.address,
          db.address,
          t.address,
          t.stride,
          y.address,
          y.stride,
          scratch(h));
    }
  }

  /**
   * Y ← the derivative in X of Σ D∘(H·diag(g) + 1bᵀ). That in g is {@link #columnDots}(H, D), that
   * in b the column sums of D.
   *
   * @param h H, m×n, and
   * @param r r, of length m, as {@link #normalize} left them
   * @param g a vector of length n
   * @param d D, m×n
   * @param y Y, m×n; may be D, not H
   */
  public static void cotangent(Mat h, Vec r, Vec g, Mat d, Mat y) {
    Check.operand("h", h, h.precision);
    rows(h, r);
    columns("g", g, h);
    matrix("d", d, h);
    matrix("y", y, h);
    Check.sameOrDisjoint("d", d, "y", y);
    Check.disjoint("h", h, "y", y);
    Check.disjoint("r", r, "y", y);
    Check.disjoint("g", g, "y", y);
    if (h.precision == F64) {
      LayerRows.cotangent(
          h.rows,
          h.cols,
          h.address,
          h.stride,
          r.address,
          g.address,
          d.address,
          d.stride,
          y.address,
          y.stride,
          scratch(h));
    } else {
      dev.natgrad.kernel.f32.LayerRows.cotangent(
          h.rows,
          h.cols,
          h.address,
          h.stride,
          r.address,
          g.address,
          d.address,
          d.stride,
          y.address,
          y.stride,
          scratch(h));
    }
  }

  /**
   * yⱼ ← Σᵢ HᵢⱼDᵢⱼ + βyⱼ, one fused rounding a row.
   *
   * @param h H, m×n
   * @param d D, m×n; may be H
   * @param beta β; 0 does not read y
   * @param y a vector of length n
   */
  public static void columnDots(Mat h, Mat d, double beta, Vec y) {
    Check.operand("h", h, h.precision);
    matrix("d", d, h);
    columns("y", y, h);
    Check.disjoint("h", h, "y", y);
    Check.disjoint("d", d, "y", y);
    if (h.precision == F64) {
      LayerRows.columnDots(
          h.rows, h.cols, h.address, h.stride, d.address, d.stride, beta, y.address);
    } else {
      dev.natgrad.kernel.f32.LayerRows.columnDots(
          h.rows, h.cols, h.address, h.stride, d.address, d.stride, (float) beta, y.address);
    }
  }
}
