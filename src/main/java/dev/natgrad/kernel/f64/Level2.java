package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Matrix-vector kernels; matrices are row-major with row stride lda in elements. */
public final class Level2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Level2() {}

  private static double get(long x, long i) {
    return ALL.get(JAVA_DOUBLE, x + i * Double.BYTES);
  }

  private static void set(long x, long i, double value) {
    ALL.set(JAVA_DOUBLE, x + i * Double.BYTES, value);
  }

  /** y ← αAx + βy, A m×n; β = 0 does not read y. */
  public static void gemv(
      int m, int n, double alpha, long a, int lda, long x, double beta, long y, long scratch) {
    for (int i = 0; i < m; i++) {
      double ax = alpha * Level1.dot(n, a + (long) i * lda * Double.BYTES, x, scratch);
      set(y, i, beta == 0 ? ax : Math.fma(beta, get(y, i), ax));
    }
  }

  /** y ← αAᵀx + βy, A m×n; β = 0 does not read y. */
  public static void gemvTransposed(
      int m, int n, double alpha, long a, int lda, long x, double beta, long y) {
    if (beta == 0) {
      Level1.fill(n, 0, y);
    } else {
      Level1.scal(n, beta, y);
    }
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha * get(x, i), a + (long) i * lda * Double.BYTES, y);
    }
  }

  /** A ← A + αxyᵀ, A m×n. */
  public static void ger(int m, int n, double alpha, long x, long y, long a, int lda) {
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha * get(x, i), y, a + (long) i * lda * Double.BYTES);
    }
  }

  /** y ← αAx + βy, A symmetric n×n of which only the lower triangle is read. */
  public static void symv(
      int n, double alpha, long a, int lda, long x, double beta, long y, long scratch) {
    if (beta == 0) {
      Level1.fill(n, 0, y);
    } else {
      Level1.scal(n, beta, y);
    }
    for (int i = 0; i < n; i++) {
      long row = a + (long) i * lda * Double.BYTES;
      Level1.axpy(i, alpha * get(x, i), row, y);
      set(y, i, Math.fma(alpha, Level1.dot(i + 1, row, x, scratch), get(y, i)));
    }
  }

  /** x ← T⁻¹x or T⁻ᵀx, T n×n triangular with a general diagonal; the other triangle is not read. */
  public static void trsv(
      boolean lower, boolean transposed, int n, long t, int ldt, long x, long scratch) {
    boolean forward = lower != transposed;
    for (int step = 0; step < n; step++) {
      int i = forward ? step : n - 1 - step;
      double sum = get(x, i);
      for (int k = 0; k < step; k++) {
        int j = forward ? k : n - 1 - k;
        long at = transposed ? (long) j * ldt + i : (long) i * ldt + j;
        sum = Math.fma(-get(t, at), get(x, j), sum);
      }
      set(x, i, sum / get(t, (long) i * ldt + i));
    }
  }

  /** y ← α·(row sums of A) + βy, A m×n. */
  public static void rowSums(
      int m, int n, double alpha, long a, int lda, double beta, long y, long scratch) {
    for (int i = 0; i < m; i++) {
      double s = alpha * Level1.sum(n, a + (long) i * lda * Double.BYTES, scratch);
      set(y, i, beta == 0 ? s : Math.fma(beta, get(y, i), s));
    }
  }

  /** y ← α·(column sums of A) + βy, A m×n. */
  public static void colSums(int m, int n, double alpha, long a, int lda, double beta, long y) {
    if (beta == 0) {
      Level1.fill(n, 0, y);
    } else {
      Level1.scal(n, beta, y);
    }
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha, a + (long) i * lda * Double.BYTES, y);
    }
  }

  /** A ← A + α·1xᵀ: x is added to every row of A, m×n. */
  public static void addToRows(int m, int n, double alpha, long x, long a, int lda) {
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha, x, a + (long) i * lda * Double.BYTES);
    }
  }
}
