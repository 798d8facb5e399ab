package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

/** The checks and the precision switch of the matrix-vector operations of {@link Blas}. */
final class Level2Calls {
  private Level2Calls() {}

  private static boolean f64(Vec x) {
    return x.precision == F64;
  }

  private static long scratch(Vec x) {
    return x.storage.workspace.reductionScratch().address();
  }

  private static void operands(Mat a, Vec x, Vec y) {
    Check.operand("a", a, a.precision);
    Check.operand("x", x, a.precision);
    Check.operand("y", y, a.precision);
  }

  static void gemv(Transpose op, double alpha, Mat a, Vec x, double beta, Vec y) {
    operands(a, x, y);
    boolean transposed = op == Transpose.YES;
    Check.length("x", x, transposed ? a.rows : a.cols);
    Check.length("y", y, transposed ? a.cols : a.rows);
    Check.disjoint("x", x, "y", y);
    Check.disjoint("a", a, "y", y);
    if (f64(y) && !transposed) {
      dev.natgrad.kernel.f64.Level2.gemv(
          a.rows, a.cols, alpha, a.address, a.stride, x.address, beta, y.address, 1, scratch(y));
    } else if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.gemvTransposed(
          a.rows, a.cols, alpha, a.address, a.stride, x.address, 1, beta, y.address);
    } else if (!transposed) {
      dev.natgrad.kernel.f32.Level2.gemv(
          a.rows,
          a.cols,
          (float) alpha,
          a.address,
          a.stride,
          x.address,
          (float) beta,
          y.address,
          1,
          scratch(y));
    } else {
      dev.natgrad.kernel.f32.Level2.gemvTransposed(
          a.rows,
          a.cols,
          (float) alpha,
          a.address,
          a.stride,
          x.address,
          1,
          (float) beta,
          y.address);
    }
  }

  static void ger(double alpha, Vec x, Vec y, Mat a) {
    operands(a, x, y);
    Check.length("x", x, a.rows);
    Check.length("y", y, a.cols);
    Check.disjoint("x", x, "a", a);
    Check.disjoint("y", y, "a", a);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.ger(
          a.rows, a.cols, alpha, x.address, y.address, a.address, a.stride);
    } else {
      dev.natgrad.kernel.f32.Level2.ger(
          a.rows, a.cols, (float) alpha, x.address, y.address, a.address, a.stride);
    }
  }

  static void symv(double alpha, Mat a, Vec x, double beta, Vec y) {
    operands(a, x, y);
    Check.square("a", a);
    Check.length("x", x, a.rows);
    Check.length("y", y, a.rows);
    Check.disjoint("x", x, "y", y);
    Check.disjoint("a", a, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.symv(
          a.rows, alpha, a.address, a.stride, x.address, beta, y.address, scratch(y));
    } else {
      dev.natgrad.kernel.f32.Level2.symv(
          a.rows,
          (float) alpha,
          a.address,
          a.stride,
          x.address,
          (float) beta,
          y.address,
          scratch(y));
    }
  }

  static void trsv(Triangle triangle, Transpose op, Mat t, Vec x) {
    operands(t, x, x);
    Check.square("t", t);
    Check.length("x", x, t.rows);
    Check.disjoint("t", t, "x", x);
    boolean lower = triangle == Triangle.LOWER;
    boolean transposed = op == Transpose.YES;
    if (f64(x)) {
      dev.natgrad.kernel.f64.Level2.trsv(
          lower, transposed, t.rows, t.address, t.stride, x.address, scratch(x));
    } else {
      dev.natgrad.kernel.f32.Level2.trsv(
          lower, transposed, t.rows, t.address, t.stride, x.address, scratch(x));
    }
  }

  static void rowSums(double alpha, Mat a, double beta, Vec y) {
    operands(a, y, y);
    Check.length("y", y, a.rows);
    Check.disjoint("a", a, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.rowSums(
          a.rows, a.cols, alpha, a.address, a.stride, beta, y.address, scratch(y));
    } else {
      dev.natgrad.kernel.f32.Level2.rowSums(
          a.rows, a.cols, (float) alpha, a.address, a.stride, (float) beta, y.address, scratch(y));
    }
  }

  static void colSums(double alpha, Mat a, double beta, Vec y) {
    operands(a, y, y);
    Check.length("y", y, a.cols);
    Check.disjoint("a", a, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.colSums(
          a.rows, a.cols, alpha, a.address, a.stride, beta, y.address);
    } else {
      dev.natgrad.kernel.f32.Level2.colSums(
          a.rows, a.cols, (float) alpha, a.address, a.stride, (float) beta, y.address);
    }
  }

  static void addToRows(double alpha, Vec x, Mat a) {
    operands(a, x, x);
    Check.length("x", x, a.cols);
    Check.disjoint("x", x, "a", a);
    if (f64(x)) {
      dev.natgrad.kernel.f64.Level2.addToRows(
          a.rows, a.cols, alpha, x.address, a.address, a.stride);
    } else {
      dev.natgrad.kernel.f32.Level2.addToRows(
          a.rows, a.cols, (float) alpha, x.address, a.address, a.stride);
    }
  }
}
