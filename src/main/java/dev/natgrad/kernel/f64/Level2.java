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

  /** Bytes of scratch: the lanes of eight rows. */
  public static final int SCRATCH_BYTES = 8 * Lanes.GROUP_BYTES;

  /** Rows of a triangle that are solved one by one, whatever the width. */
  private static final int BLOCK = 8;

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
    for (int i = 0; i < m; i += RowLanes.ROWS) {
      int rows = Math.min(RowLanes.ROWS, m - i);
      long first = a + i * rowBytes;
      if (n >= GROUP) {
        RowLanes.run(rows, n, first, rowBytes, x, scratch);
      }
      for (int r = 0; r < rows; r++) {
        double sum =
            n >= GROUP
                ? Tree.folded(scratch + r * Lanes.GROUP_BYTES)
                : Level1.dot(n, first + r * rowBytes, x, scratch);
        double ax = alpha * sum;
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
    } else if (beta != 1) {
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
    if (n < VL) {
      for (int j = 0; j < n; j++) {
        double sum = Math.fma(get(a, j), x0, get(y, j));
        sum = Math.fma(get(a1, j), x1, sum);
        sum = Math.fma(get(a2, j), x2, sum);
        set(y, j, Math.fma(get(a3, j), x3, sum));
      }
      return;
    }
    // The last vector from the old y, as in Level1.axpy.
    long end = (long) (n - VL) * Double.BYTES;
    long yEnd = (y + end) & RANGE;
    DoubleVector last = DoubleVector.fromMemorySegment(S, ALL, yEnd, ORDER);
    last = DoubleVector.fromMemorySegment(S, ALL, (a + end) & RANGE, ORDER).fma(v0, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a1 + end) & RANGE, ORDER).fma(v1, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a2 + end) & RANGE, ORDER).fma(v2, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a3 + end) & RANGE, ORDER).fma(v3, last);
    for (int j = 0; j < n - VL; j += VL) {
      long at = (long) j * Double.BYTES;
      long yj = (y + at) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, yj, ORDER);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).fma(v0, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a1 + at) & RANGE, ORDER).fma(v1, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a2 + at) & RANGE, ORDER).fma(v2, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a3 + at) & RANGE, ORDER).fma(v3, sum);
      sum.intoMemorySegment(ALL, yj, ORDER);
    }
    last.intoMemorySegment(ALL, yEnd, ORDER);
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
    long rowBytes = (long) lda * Double.BYTES;
    int whole = n - n % GROUP;
    for (int i = 0; i < whole; i += SymmetricRows.ROWS) {
      long rows = a + i * rowBytes;
      SymmetricRows.run(i, alpha, rows, rowBytes, x, y, scratch);
      for (int r = 0; r < SymmetricRows.ROWS; r++) {
        double sum = Tree.folded(scratch + r * Lanes.GROUP_BYTES);
        sum = Math.fma(get(rows + r * rowBytes, i + r), get(x, i + r), sum);
        set(y, i + r, Math.fma(alpha, sum, get(y, i + r)));
      }
    }
    for (int i = whole; i < n; i++) {
      long row = a + i * rowBytes;
      Level1.axpy(i, alpha * get(x, i), row, y);
      set(y, i, Math.fma(alpha, Level1.dot(i + 1, row, x, scratch), get(y, i)));
    }
  }

  /**
   * x ← T⁻¹x or T⁻ᵀx, T n×n triangular with a general diagonal; the other triangle is not read.
   * Blocks of a few rows, and all that stands beside them at once.
   */
  public static void trsv(
      boolean lower, boolean transposed, int n, long t, int ldt, long x, long scratch) {
    boolean forward = lower != transposed;
    int blocks = (n + BLOCK - 1) / BLOCK;
    for (int step = 0; step < blocks; step++) {
      int i = BLOCK * (forward ? step : blocks - 1 - step);
      int rows = Math.min(BLOCK, n - i);
      long row = t + (long) i * ldt * Double.BYTES;
      int from = lower ? 0 : i + rows;
      int count = lower ? i : n - i - rows;
      long beside = row + (long) from * Double.BYTES;
      long xBeside = x + (long) from * Double.BYTES;
      long xi = x + (long) i * Double.BYTES;
      long square = row + (long) i * Double.BYTES;
      if (transposed) {
        solveBlock(forward, true, rows, square, ldt, xi);
        gemvTransposed(rows, count, -1, beside, ldt, xi, 1, 1, xBeside);
      } else {
        gemv(rows, count, -1, beside, ldt, xBeside, 1, xi, 1, scratch);
        solveBlock(forward, false, rows, square, ldt, xi);
      }
    }
  }

  private static void solveBlock(
      boolean forward, boolean transposed, int n, long t, int ldt, long x) {
    int row = transposed ? 1 : ldt;
    int column = transposed ? ldt : 1;
    for (int step = 0; step < n; step++) {
      int i = forward ? step : n - 1 - step;
      double xi = get(x, i);
      for (int k = 0; k < step; k++) {
        int j = forward ? k : n - 1 - k;
        xi = Math.fma(-get(t, (long) i * row + (long) j * column), get(x, j), xi);
      }
      set(x, i, xi / get(t, (long) i * row + (long) i * column));
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
