package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.MASKS;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/**
 * Multiples of several rows added to one vector, which is then loaded and stored once for all.
 * Eight rows and two vectors of each at once: so the processor fetches more of them, and farther,
 * ahead.
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
    int whole = n - n % VL;
    if (whole > 0) {
      wholeVectors(m, whole, alpha, a, rowBytes, x, incBytes, y);
    }
    if (whole == n) {
      return;
    }
    long rest = (long) whole * Double.BYTES;
    if (MASKS) {
      masked(m, n - whole, alpha, a + rest, rowBytes, x, incBytes, y + rest);
    } else {
      scalars(m, n - whole, alpha, a + rest, rowBytes, x, incBytes, y + rest);
    }
  }

  private static void wholeVectors(
      int m, int n, double alpha, long a, long rowBytes, long x, long incBytes, long y) {
    int i = 0;
    for (; i <= m - 8; i += 8) {
      eight(n, alpha, a + i * rowBytes, rowBytes, x + i * incBytes, incBytes, y);
    }
    if (i <= m - 4) {
      four(n, alpha, a + i * rowBytes, rowBytes, x + i * incBytes, incBytes, y);
      i += 4;
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
    int j = 0;
    for (; j < n - VL; j += 2 * VL) {
      long at = (long) j * Double.BYTES;
      long to = (y + at) & RANGE;
      DoubleVector y0 = DoubleVector.fromMemorySegment(S, ALL, to, ORDER);
      DoubleVector y1 = DoubleVector.fromMemorySegment(S, ALL, to + VB, ORDER);
      long row = (a + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v0, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v0, y1);
      row = (a1 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v1, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v1, y1);
      row = (a2 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v2, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v2, y1);
      row = (a3 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v3, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v3, y1);
      row = (a4 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v4, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v4, y1);
      row = (a5 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v5, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v5, y1);
      row = (a6 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v6, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v6, y1);
      row = (a7 + at) & RANGE;
      y0 = DoubleVector.fromMemorySegment(S, ALL, row, ORDER).fma(v7, y0);
      y1 = DoubleVector.fromMemorySegment(S, ALL, row + VB, ORDER).fma(v7, y1);
      y0.intoMemorySegment(ALL, to, ORDER);
      y1.intoMemorySegment(ALL, to + VB, ORDER);
    }
    if (j < n) {
      long at = (long) j * Double.BYTES;
      long to = (y + at) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, to, ORDER);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).fma(v0, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a1 + at) & RANGE, ORDER).fma(v1, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a2 + at) & RANGE, ORDER).fma(v2, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a3 + at) & RANGE, ORDER).fma(v3, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a4 + at) & RANGE, ORDER).fma(v4, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a5 + at) & RANGE, ORDER).fma(v5, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a6 + at) & RANGE, ORDER).fma(v6, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a7 + at) & RANGE, ORDER).fma(v7, sum);
      sum.intoMemorySegment(ALL, to, ORDER);
    }
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
    for (int j = 0; j < n; j += VL) {
      long at = (long) j * Double.BYTES;
      long to = (y + at) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, to, ORDER);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).fma(v0, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a1 + at) & RANGE, ORDER).fma(v1, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a2 + at) & RANGE, ORDER).fma(v2, sum);
      sum = DoubleVector.fromMemorySegment(S, ALL, (a3 + at) & RANGE, ORDER).fma(v3, sum);
      sum.intoMemorySegment(ALL, to, ORDER);
    }
  }

  /**
   * All rows of n &lt; VL columns. Their sums stay in a register: a masked vector that was just
   * stored can be loaded again only after many cycles.
   */
  private static void masked(
      int m, int n, double alpha, long a, long rowBytes, long x, long incBytes, long y) {
    VectorMask<Double> valid = S.indexInRange(0, n);
    DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, y & RANGE, ORDER, valid);
    for (int i = 0; i < m; i++) {
      long row = (a + i * rowBytes) & RANGE;
      DoubleVector v = DoubleVector.broadcast(S, alpha * get(x + i * incBytes));
      sum = DoubleVector.fromMemorySegment(S, ALL, row, ORDER, valid).fma(v, sum);
    }
    DoubleVector.broadcast(S, 1).mul(sum).intoMemorySegment(ALL, y & RANGE, ORDER, valid);
  }

  private static void scalars(
      int m, int n, double alpha, long a, long rowBytes, long x, long incBytes, long y) {
    for (int j = 0; j < n; j++) {
      long at = (long) j * Double.BYTES;
      double sum = get(y + at);
      for (int i = 0; i < m; i++) {
        sum = Math.fma(get(a + i * rowBytes + at), alpha * get(x + i * incBytes), sum);
      }
      ALL.set(JAVA_DOUBLE, y + at, sum);
    }
  }
}
