package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Matrix-vector kernels; matrices are row-major with row stride lda in elements. Those that reduce
 * take {@link #SCRATCH_BYTES} of scratch.
 */
public final class Level2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Bytes of scratch: the lanes of eight rows. */
  public static final int SCRATCH_BYTES = 8 * Lanes.GROUP_BYTES;

  /** The address of a 1. */
  private static final long ONE = one();

  /** Rows of a triangle that are solved one by one, whatever the width. */
  private static final int BLOCK = 8;

  private Level2() {}

  private static long one() {
    MemorySegment one = Arena.global().allocate(JAVA_DOUBLE);
    one.set(JAVA_DOUBLE, 0, 1);
    return one.address();
  }

  private static double at(long address) {
    return ALL.get(JAVA_DOUBLE, address);
  }

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
    if (n >= GROUP) {
      for (int i = 0; i < m; i += RowLanes.ROWS) {
        int rows = Math.min(RowLanes.ROWS, m - i);
        long to = y + (long) i * incy * Double.BYTES;
        RowLanes.run(rows, n, alpha, a + i * rowBytes, rowBytes, x, beta, to, incy, scratch);
      }
      return;
    }
    for (int i = 0; i < m; i++) {
      double ax = alpha * Level1.dot(n, a + i * rowBytes, x, scratch);
      long at = (long) i * incy;
      set(y, at, beta == 0 ? ax : Math.fma(beta, get(y, at), ax));
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
    AddedRows.run(m, n, alpha, a, (long) lda * Double.BYTES, x, incx, y);
  }

  private static void scale(int n, double beta, long y) {
    if (beta == 0) {
      Level1.fill(n, 0, y);
    } else if (beta != 1) {
      Level1.scal(n, beta, y);
    }
  }

  /** A ← A + αxyᵀ, A m×n. */
  public static void ger(int m, int n, double alpha, long x, long y, long a, int lda) {
    RankOneRows.run(m, n, alpha, x, y, a, (long) lda * Double.BYTES);
  }

  /** y ← αAx + βy, A symmetric n×n of which only the lower triangle is read. */
  public static void symv(
      int n, double alpha, long a, int lda, long x, double beta, long y, long scratch) {
    scale(n, beta, y);
    long rowBytes = (long) lda * Double.BYTES;
    int whole = n - n % GROUP;
    for (int i = 0; i < whole; i += SymmetricRows.ROWS) {
      SymmetricRows.run(i, alpha, a + i * rowBytes, rowBytes, x, y, scratch);
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
    long row = (transposed ? 1L : ldt) * Double.BYTES;
    long column = (transposed ? ldt : 1L) * Double.BYTES;
    long step = Double.BYTES;
    if (!forward) {
      t += (n - 1) * (row + column);
      x += (n - 1) * step;
      row = -row;
      column = -column;
      step = -step;
    }
    int i = 0;
    for (; i <= n - 4; i += 4) {
      solveFour(i, t + i * row, row, column, x, step);
    }
    for (; i < n; i++) {
      double xi = at(x + i * step);
      for (int k = 0; k < i; k++) {
        xi = Math.fma(-at(t + i * row + k * column), at(x + k * step), xi);
      }
      ALL.set(JAVA_DOUBLE, x + i * step, xi / at(t + i * row + i * column));
    }
  }

  /**
   * The same for four rows after {@code known} of the block: their solution stays in registers,
   * since what is stored can be loaded again only some cycles later and every row waits for the one
   * before it. Distances in bytes.
   */
  private static void solveFour(int known, long t, long row, long column, long x, long step) {
    long r1 = t + row;
    long r2 = r1 + row;
    long r3 = r2 + row;
    long to = x + known * step;
    double x0 = at(to);
    double x1 = at(to + step);
    double x2 = at(to + 2 * step);
    double x3 = at(to + 3 * step);
    long j = 0;
    for (int k = 0; k < known; k++) {
      double xk = at(x + k * step);
      x0 = Math.fma(-at(t + j), xk, x0);
      x1 = Math.fma(-at(r1 + j), xk, x1);
      x2 = Math.fma(-at(r2 + j), xk, x2);
      x3 = Math.fma(-at(r3 + j), xk, x3);
      j += column;
    }
    x0 /= at(t + j);
    x1 = Math.fma(-at(r1 + j), x0, x1);
    x2 = Math.fma(-at(r2 + j), x0, x2);
    x3 = Math.fma(-at(r3 + j), x0, x3);
    j += column;
    x1 /= at(r1 + j);
    x2 = Math.fma(-at(r2 + j), x1, x2);
    x3 = Math.fma(-at(r3 + j), x1, x3);
    j += column;
    x2 /= at(r2 + j);
    x3 = Math.fma(-at(r3 + j), x2, x3);
    x3 /= at(r3 + j + column);
    ALL.set(JAVA_DOUBLE, to, x0);
    ALL.set(JAVA_DOUBLE, to + step, x1);
    ALL.set(JAVA_DOUBLE, to + 2 * step, x2);
    ALL.set(JAVA_DOUBLE, to + 3 * step, x3);
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
    AddedRows.run(m, n, alpha, a, (long) lda * Double.BYTES, ONE, 0, y);
  }

  /** A ← A + α·1xᵀ: x is added to every row of A, m×n. */
  public static void addToRows(int m, int n, double alpha, long x, long a, int lda) {
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha, x, a + (long) i * lda * Double.BYTES);
    }
  }
}
