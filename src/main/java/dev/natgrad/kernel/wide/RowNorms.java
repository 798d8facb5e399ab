package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Wide.get;
import static dev.natgrad.kernel.wide.Wide.row;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.ValueLayout;

/** Norms of m×n matrices of either precision. */
public final class RowNorms {
  /** Columns summed in one pass over the rows, each in a register. */
  private static final int COLUMNS = 4;

  private RowNorms() {}

  /** max |Aᵢⱼ|, or NaN if there is one; 0 if A is empty. */
  public static double largestAbsolute(boolean f64, int m, int n, long a, int lda) {
    double max = 0;
    for (int i = 0; i < m; i++) {
      long row = row(f64, a, lda, i);
      for (int j = 0; j < n; j++) {
        max = Math.max(max, Math.abs(get(f64, row, j)));
      }
    }
    return max;
  }

  /** maxᵢ ‖Aᵢ·‖₂, or NaN if there is one; 0 if A is empty. */
  public static double largestRowNorm(boolean f64, int m, int n, long a, int lda) {
    double max = 0;
    for (int i = 0; i < m; i++) {
      long row = row(f64, a, lda, i);
      double sum = 0;
      for (int j = 0; j < n; j++) {
        double v = get(f64, row, j);
        sum += v * v;
      }
      max = Math.max(max, sum);
    }
    return Math.sqrt(max);
  }

  /**
   * maxⱼ Σₖ (maxᵢ |Aᵢₖ|)·|Wₖⱼ|, A m×n, W n×p: a bound on every Σₖ |Aᵢₖ||Wₖⱼ| that knows the units
   * of each column of A. NaN gives NaN. {@code scratch} holds n + p doubles.
   */
  public static double scaledProduct(
      boolean f64, int m, int n, int p, long a, int lda, long w, int ldw, long scratch) {
    long sums = scratch + (long) n * Double.BYTES;
    for (int k = 0; k < n + p; k++) {
      set(scratch, k, 0);
    }
    for (int i = 0; i < m; i++) {
      long row = row(f64, a, lda, i);
      for (int k = 0; k < n; k++) {
        set(scratch, k, Math.max(get(true, scratch, k), Math.abs(get(f64, row, k))));
      }
    }
    for (int k = 0; k < n; k++) {
      long row = row(f64, w, ldw, k);
      double scale = get(true, scratch, k);
      for (int j = 0; j < p; j++) {
        set(sums, j, get(true, sums, j) + scale * Math.abs(get(f64, row, j)));
      }
    }
    return largestAbsolute(true, 1, p, sums, p);
  }

  private static void set(long x, int i, double value) {
    AddressSpace.ALL.set(ValueLayout.JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /** maxⱼ ‖A·ⱼ‖₂, or NaN if there is one; 0 if A is empty. */
  public static double largestColumnNorm(boolean f64, int m, int n, long a, int lda) {
    double max = 0;
    int j = 0;
    for (; j + COLUMNS <= n; j += COLUMNS) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      for (int i = 0; i < m; i++) {
        long row = row(f64, a, lda, i);
        double v0 = get(f64, row, j);
        double v1 = get(f64, row, j + 1);
        double v2 = get(f64, row, j + 2);
        double v3 = get(f64, row, j + 3);
        s0 += v0 * v0;
        s1 += v1 * v1;
        s2 += v2 * v2;
        s3 += v3 * v3;
      }
      max = Math.max(max, Math.max(Math.max(s0, s1), Math.max(s2, s3)));
    }
    for (; j < n; j++) {
      double sum = 0;
      for (int i = 0; i < m; i++) {
        double v = get(f64, row(f64, a, lda, i), j);
        sum += v * v;
      }
      max = Math.max(max, sum);
    }
    return Math.sqrt(max);
  }
}
