package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;

/** Two matrices of one shape as runs of elements: one run where neither has gaps, else the rows. */
final class Runs {
  private Runs() {}

  /** A kernel on n elements at two addresses, of which the second is written. */
  interface Kernel {
    void run(int n, long x, long y, long scratch);
  }

  /** Whether two matrices without gaps can be taken as one run of elements. */
  static boolean one(Mat x, Mat y) {
    return x.contiguous() && y.contiguous() && (long) y.rows * y.cols <= Integer.MAX_VALUE;
  }

  static void each(Mat x, Mat y, Kernel f64, Kernel f32) {
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
