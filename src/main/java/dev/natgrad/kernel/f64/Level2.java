package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Matrix-vector kernels; matrices are row-major with row stride lda in elements. Those that reduce
 * take {@link #SCRATCH_BYTES} of scratch.
 */
public final class Level2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Bytes of scratch: the lanes of four rows. */
  public static final int SCRATCH_BYTES = 4 * RowLanes.GROUP_BYTES;

  private Level2() {}

  private static double get(long x, long i) {
    return ALL.get(JAVA_DOUBLE, x + i * Double.BYTES);
  }

  private static void set(long x, long i, double value) {
    ALL.set(JAVA_DOUBLE, x + i * Double.BYTES, value);
  }

  /**
   * y ← αAx + βy, A m×n; β = 0 does not read y.
   *
   * @param incy distance of two elements of y, in elements
   */
  public static void gemv(
      int m,
      int n,
      double alpha,
      long a,
      int lda,
      long x,
      double beta,
      long y,
      int incy,
      long scratch) {
    long rowBytes = (long) lda * Double.BYTES;
    int whole = n - n % GROUP;
    for (int i = 0; i < m; i += RowLanes.ROWS) {
      int rows = Math.min(RowLanes.ROWS, m - i);
      long first = a + i * rowBytes;
      RowLanes.run(rows, whole, first, rowBytes, x, scratch);
      for (int r = 0; r < rows; r++) {
        double tail = 0;
        for (int j = whole; j < n; j++) {
          tail = Math.fma(get(first + r * rowBytes, j), get(x, j), tail);
        }
        double ax = alpha * (Tree.sum(scratch + r * RowLanes.GROUP_BYTES) + tail);
        long at = (long) (i + r) * incy;
        set(y, at, beta == 0 ? ax : Math.fma(beta, get(y, at), ax));
      }
    }
  }

  /**
   * y ← αAᵀx + βy, A m×n; β = 0 does not read y.
   *
   * @param incx distance of two elements of x, in elements
   */
  public static void gemvTransposed(
      int m, int n, double alpha, long a, int lda, long x, int incx, double beta, long y) {
    scale(n, beta, y);
    long rowBytes = (long) lda * Double.BYTES;
    int i = 0;
    for (; i <= m - 4; i += 4) {
      double x0 = alpha * get(x, (long) i * incx);
      double x1 = alpha * get(x, (long) (i + 1) * incx);
      double x2 = alpha * get(x, (long) (i + 2) * incx);
      double x3 = alpha * get(x, (long) (i + 3) * incx);
      addFourRows(n, x0, x1, x2, x3, a + i * rowBytes, rowBytes, y);
    }
    for (; i < m; i++) {
      Level1.axpy(n, alpha * get(x, (long) i * incx), a + i * rowBytes, y);
    }
  }

  private static void scale(int n, double beta, long y) {
    if (beta == 0) {
      Level1.fill(n, 0, y);
    } else {
      Level1.scal(n, beta, y);
    }
  }

  /** Four axpy in one pass over y, with the bits of four passes. */
  private static void addFourRows(
      int n, double x0, double x1, double x2, double x3, long a, long rowBytes, long y) {
    DoubleVector v0 = DoubleVector.broadcast(S, x0);
    DoubleVector v1 = DoubleVector.broadcast(S, x1);
    DoubleVector v2 = DoubleVector.broadcast(S, x2);
    DoubleVector v3 = DoubleVector.broadcast(S, x3);
    long a1 = a + rowBytes;
    long a2 = a1 + rowBytes;
    long a3 = a2 + rowBytes;
    int j = 0;
    for (; j <= n - VL; j += VL) {
      long at = (long) j * Double.BYTES;
      long yj = (y + at) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, yj, ORDER);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).fma(v0, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a1 + at) & RANGE, ORDER).fma(v1, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a2 + at) & RANGE, ORDER).fma(v2, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a3 + at) & RANGE, ORDER).fma(v3, sum);
      sum.intoMemorySegment(ALL, yj, ORDER);
    }
    for (; j < n; j++) {
      double sum = Math.fma(get(a, j), x0, get(y, j));
      sum = Math.fma(get(a1, j), x1, sum);
      sum = Math.fma(get(a2, j), x2, sum);
      set(y, j, Math.fma(get(a3, j), x3, sum));
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
    scale(n, beta, y);
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
      long row = t + (long) i * ldt * Double.BYTES;
      int from = lower ? 0 : i + 1;
      int count = lower ? i : n - 1 - i;
      long part = row + (long) from * Double.BYTES;
      long xPart = x + (long) from * Double.BYTES;
      if (transposed) {
        // The row of T is a column of Tᵀ: what x[i] contributes to all that follow.
        double xi = get(x, i) / get(row, i);
        set(x, i, xi);
        Level1.axpy(count, -xi, part, xPart);
      } else {
        set(x, i, (get(x, i) - Level1.dot(count, part, xPart, scratch)) / get(row, i));
      }
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
    scale(n, beta, y);
    long rowBytes = (long) lda * Double.BYTES;
    int i = 0;
    for (; i <= m - 4; i += 4) {
      addFourRows(n, alpha, alpha, alpha, alpha, a + i * rowBytes, rowBytes, y);
    }
    for (; i < m; i++) {
      Level1.axpy(n, alpha, a + i * rowBytes, y);
    }
  }

  /** A ← A + α·1xᵀ: x is added to every row of A, m×n. */
  public static void addToRows(int m, int n, double alpha, long x, long a, int lda) {
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha, x, a + (long) i * lda * Double.BYTES);
    }
  }
}
