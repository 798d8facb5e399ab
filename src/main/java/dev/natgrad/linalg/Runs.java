package dev.natgrad.linalg;

import dev.natgrad.kernel.ElementKernel;
import dev.natgrad.memory.Precision;

/**
 * Maps over two matrices of one shape as runs of elements: one run where neither has gaps, else the
 * rows.
 */
final class Runs {
  private Runs() {}

  static void pair(Mat x, Mat y) {
    Check.operand("x", x, y.precision);
    Check.operand("y", y, y.precision);
    Check.shape("x", x, y.rows, y.cols);
    Check.sameOrDisjoint("x", x, "y", y);
  }

  static void derivative(Mat y, Mat u) {
    Check.operand("y", y, u.precision);
    Check.operand("u", u, u.precision);
    Check.shape("y", y, u.rows, u.cols);
    Check.disjoint("y", y, "u", u);
  }

  static void map(Mat x, Mat y, ElementKernel f64, ElementKernel f32) {
    pair(x, y);
    each(x, y, f64, f32);
  }

  static void multiply(Mat x, Mat u, ElementKernel f64, ElementKernel f32) {
    derivative(x, u);
    each(x, u, f64, f32);
  }

  /** Whether two matrices without gaps can be taken as one run of elements. */
  static boolean one(Mat x, Mat y) {
    return x.contiguous() && y.contiguous() && (long) y.rows * y.cols <= Check.MOST;
  }

  private static void each(Mat x, Mat y, ElementKernel f64, ElementKernel f32) {
    boolean one = one(x, y);
    int runs = one ? Math.min(1, y.rows) : y.rows;
    int length = one ? y.rows * y.cols : y.cols;
    long scratch = y.storage.workspace.reductionScratch().address();
    // Two loops: in each the kernel is a constant once this is inlined.
    if (y.precision == Precision.F64) {
      for (int i = 0; i < runs; i++) {
        f64.run(length, x.rowAddress(i), y.rowAddress(i), scratch);
      }
    } else {
      for (int i = 0; i < runs; i++) {
        f32.run(length, x.rowAddress(i), y.rowAddress(i), scratch);
      }
    }
  }
}
