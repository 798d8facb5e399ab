package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.L1_ELEMENTS;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Multiples of one vector added to several rows of a matrix; the vector is loaded once for all.
 *
 * <p>Bits: those of {@link Level1#axpy} row by row.
 */
final class RankOneRows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Longer rows one by one: four of them and y would leave the cache to each other's end. */
  private static final int MOST = L1_ELEMENTS / 8;

  private RankOneRows() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  /** A ← A + αxyᵀ, A m×n; the distance of two rows in bytes. */
  static void run(int m, int n, double alpha, long x, long y, long a, long rowBytes) {
    int i = 0;
    if (n >= VL && n <= MOST) {
      for (; i <= m - 4; i += 4) {
        four(n, alpha, x + (long) i * Double.BYTES, y, a + i * rowBytes, rowBytes);
      }
    }
    for (; i < m; i++) {
      Level1.axpy(n, alpha * get(x, i), y, a + i * rowBytes);
    }
  }

  private static void four(int n, double alpha, long x, long y, long a, long rowBytes) {
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(x, 0));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(x, 1));
    DoubleVector v2 = DoubleVector.broadcast(S, alpha * get(x, 2));
    DoubleVector v3 = DoubleVector.broadcast(S, alpha * get(x, 3));
    long a1 = a + rowBytes;
    long a2 = a1 + rowBytes;
    long a3 = a2 + rowBytes;
    // The last vectors from the old rows, as in Level1.axpy.
    long end = (long) (n - VL) * Double.BYTES;
    DoubleVector yLast = DoubleVector.fromMemorySegment(S, ALL, (y + end) & RANGE, ORDER);
    long end0 = (a + end) & RANGE;
    long end1 = (a1 + end) & RANGE;
    long end2 = (a2 + end) & RANGE;
    long end3 = (a3 + end) & RANGE;
    DoubleVector last0 = yLast.fma(v0, DoubleVector.fromMemorySegment(S, ALL, end0, ORDER));
    DoubleVector last1 = yLast.fma(v1, DoubleVector.fromMemorySegment(S, ALL, end1, ORDER));
    DoubleVector last2 = yLast.fma(v2, DoubleVector.fromMemorySegment(S, ALL, end2, ORDER));
    DoubleVector last3 = yLast.fma(v3, DoubleVector.fromMemorySegment(S, ALL, end3, ORDER));
    for (int j = 0; j < n - VL; j += VL) {
      long at = (long) j * Double.BYTES;
      DoubleVector yj = DoubleVector.fromMemorySegment(S, ALL, (y + at) & RANGE, ORDER);
      long r0 = (a + at) & RANGE;
      long r1 = (a1 + at) & RANGE;
      long r2 = (a2 + at) & RANGE;
      long r3 = (a3 + at) & RANGE;
      yj.fma(v0, DoubleVector.fromMemorySegment(S, ALL, r0, ORDER))
          .intoMemorySegment(ALL, r0, ORDER);
      yj.fma(v1, DoubleVector.fromMemorySegment(S, ALL, r1, ORDER))
          .intoMemorySegment(ALL, r1, ORDER);
      yj.fma(v2, DoubleVector.fromMemorySegment(S, ALL, r2, ORDER))
          .intoMemorySegment(ALL, r2, ORDER);
      yj.fma(v3, DoubleVector.fromMemorySegment(S, ALL, r3, ORDER))
          .intoMemorySegment(ALL, r3, ORDER);
    }
    last0.intoMemorySegment(ALL, end0, ORDER);
    last1.intoMemorySegment(ALL, end1, ORDER);
    last2.intoMemorySegment(ALL, end2, ORDER);
    last3.intoMemorySegment(ALL, end3, ORDER);
  }
}
