package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Multiples of several rows added to one vector, which is then loaded and stored once for all. Out
 * of memory eight rows at once are more streams for the processor to fetch ahead than four.
 *
 * <p>Bits: every element is one chain of fma over the rows, as by {@link Level1#axpy} row by row.
 */
final class AddedRows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private AddedRows() {}

  private static double get(long x) {
    return ALL.get(JAVA_DOUBLE, x);
  }

  /**
   * y ← y + αAᵀx, A m×n.
   *
   * @param rowBytes distance of two rows in bytes
   * @param incx distance of two elements of x, in elements
   */
  static void run(int m, int n, double alpha, long a, long rowBytes, long x, int incx, long y) {
    long incBytes = (long) incx * Double.BYTES;
    int i = 0;
    if (n >= VL) {
      for (; i <= m - 8; i += 8) {
        eight(n, alpha, a + i * rowBytes, rowBytes, x + i * incBytes, incBytes, y);
      }
    }
    for (; i <= m - 4; i += 4) {
      if (n >= VL) {
        four(n, alpha, a + i * rowBytes, rowBytes, x + i * incBytes, incBytes, y);
      } else {
        fourShort(n, alpha, a + i * rowBytes, rowBytes, x + i * incBytes, incBytes, y);
      }
    }
    for (; i < m; i++) {
      Level1.axpy(n, alpha * get(x + i * incBytes), a + i * rowBytes, y);
    }
  }

  private static void eight(
      int n, double alpha, long a, long rowBytes, long x, long incBytes, long y) {
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(x));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(x + incBytes));
    DoubleVector v2 = DoubleVector.broadcast(S, alpha * get(x + 2 * incBytes));
    DoubleVector v3 = DoubleVector.broadcast(S, alpha * get(x + 3 * incBytes));
    DoubleVector v4 = DoubleVector.broadcast(S, alpha * get(x + 4 * incBytes));
    DoubleVector v5 = DoubleVector.broadcast(S, alpha * get(x + 5 * incBytes));
    DoubleVector v6 = DoubleVector.broadcast(S, alpha * get(x + 6 * incBytes));
    DoubleVector v7 = DoubleVector.broadcast(S, alpha * get(x + 7 * incBytes));
    long a1 = a + rowBytes;
    long a2 = a1 + rowBytes;
    long a3 = a2 + rowBytes;
    long a4 = a3 + rowBytes;
    long a5 = a4 + rowBytes;
    long a6 = a5 + rowBytes;
    long a7 = a6 + rowBytes;
    // The last vector from the old y, as in Level1.axpy.
    long end = (long) (n - VL) * Double.BYTES;
    long yEnd = (y + end) & RANGE;
    DoubleVector last = DoubleVector.fromMemorySegment(S, ALL, yEnd, ORDER);
    last = DoubleVector.fromMemorySegment(S, ALL, (a + end) & RANGE, ORDER).fma(v0, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a1 + end) & RANGE, ORDER).fma(v1, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a2 + end) & RANGE, ORDER).fma(v2, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a3 + end) & RANGE, ORDER).fma(v3, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a4 + end) & RANGE, ORDER).fma(v4, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a5 + end) & RANGE, ORDER).fma(v5, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a6 + end) & RANGE, ORDER).fma(v6, last);
    last = DoubleVector.fromMemorySegment(S, ALL, (a7 + end) & RANGE, ORDER).fma(v7, last);
    for (int j = 0; j < n - VL; j += VL) {
      long at = (long) j * Double.BYTES;
      long yj = (y + at) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, yj, ORDER);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).fma(v0, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a1 + at) & RANGE, ORDER).fma(v1, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a2 + at) & RANGE, ORDER).fma(v2, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a3 + at) & RANGE, ORDER).fma(v3, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a4 + at) & RANGE, ORDER).fma(v4, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a5 + at) & RANGE, ORDER).fma(v5, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a6 + at) & RANGE, ORDER).fma(v6, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a7 + at) & RANGE, ORDER).fma(v7, sum);
      sum.intoMemorySegment(ALL, yj, ORDER);
    }
    last.intoMemorySegment(ALL, yEnd, ORDER);
  }

  private static void four(
      int n, double alpha, long a, long rowBytes, long x, long incBytes, long y) {
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(x));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(x + incBytes));
    DoubleVector v2 = DoubleVector.broadcast(S, alpha * get(x + 2 * incBytes));
    DoubleVector v3 = DoubleVector.broadcast(S, alpha * get(x + 3 * incBytes));
    long a1 = a + rowBytes;
    long a2 = a1 + rowBytes;
    long a3 = a2 + rowBytes;
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

  /** Rows shorter than a vector. */
  private static void fourShort(
      int n, double alpha, long a, long rowBytes, long x, long incBytes, long y) {
    double x0 = alpha * get(x);
    double x1 = alpha * get(x + incBytes);
    double x2 = alpha * get(x + 2 * incBytes);
    double x3 = alpha * get(x + 3 * incBytes);
    for (int j = 0; j < n; j++) {
      long at = a + (long) j * Double.BYTES;
      long yj = y + (long) j * Double.BYTES;
      double sum = Math.fma(get(at), x0, get(yj));
      sum = Math.fma(get(at + rowBytes), x1, sum);
      sum = Math.fma(get(at + 2 * rowBytes), x2, sum);
      ALL.set(JAVA_DOUBLE, yj, Math.fma(get(at + 3 * rowBytes), x3, sum));
    }
  }
}
