package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * The lanes of the products of several rows with one vector, which is then loaded once for all.
 *
 * <p>Bits: element i of a row goes to lane i mod {@link Lanes#GROUP}, at every width and whatever
 * the number of rows taken together.
 */
final class RowLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Bytes of one row's partial sums in the scratch. */
  static final int GROUP_BYTES = 64;

  /** Rows taken together: eight accumulators or fewer at every width. */
  static final int ROWS = VectorWidth.BITS == 128 ? 2 : 4;

  private RowLanes() {}

  /**
   * Stores {@link #ROWS} × {@link Lanes#GROUP} partial sums over the first n columns, n a multiple
   * of the group. Where rows &lt; ROWS, the last row stands for those that are missing.
   *
   * @param lda distance of two rows in bytes
   */
  static void run(int rows, int n, long a, long lda, long x, long scratch) {
    switch (VectorWidth.BITS) {
      case 512 -> run512(rows, n, a, lda, x, scratch);
      case 256 -> run256(rows, n, a, lda, x, scratch);
      default -> run128(rows, n, a, lda, x, scratch);
    }
  }

  private static void run512(int rows, int n, long a, long lda, long x, long scratch) {
    long a1 = a + Math.min(1, rows - 1) * lda;
    long a2 = a + Math.min(2, rows - 1) * lda;
    long a3 = a + Math.min(3, rows - 1) * lda;
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s20 = DoubleVector.zero(S);
    DoubleVector s30 = DoubleVector.zero(S);
    for (int i = 0; i < n; i += GROUP) {
      long at = (long) i * Double.BYTES;
      long xi = (x + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a1 + at) & RANGE;
      long r2 = (a2 + at) & RANGE;
      long r3 = (a3 + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xi, ORDER);
      s00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER).fma(x0, s00);
      s10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER).fma(x0, s10);
      s20 = DoubleVector.fromMemorySegment(S, ALL, r2, ORDER).fma(x0, s20);
      s30 = DoubleVector.fromMemorySegment(S, ALL, r3, ORDER).fma(x0, s30);
    }
    s00.intoMemorySegment(ALL, scratch, ORDER);
    s10.intoMemorySegment(ALL, scratch + VB, ORDER);
    s20.intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    s30.intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
  }

  private static void run256(int rows, int n, long a, long lda, long x, long scratch) {
    long a1 = a + Math.min(1, rows - 1) * lda;
    long a2 = a + Math.min(2, rows - 1) * lda;
    long a3 = a + Math.min(3, rows - 1) * lda;
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s01 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s11 = DoubleVector.zero(S);
    DoubleVector s20 = DoubleVector.zero(S);
    DoubleVector s21 = DoubleVector.zero(S);
    DoubleVector s30 = DoubleVector.zero(S);
    DoubleVector s31 = DoubleVector.zero(S);
    for (int i = 0; i < n; i += GROUP) {
      long at = (long) i * Double.BYTES;
      long xi = (x + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a1 + at) & RANGE;
      long r2 = (a2 + at) & RANGE;
      long r3 = (a3 + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xi, ORDER);
      DoubleVector x1 = DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER);
      s00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER).fma(x0, s00);
      s01 = DoubleVector.fromMemorySegment(S, ALL, r0 + VB, ORDER).fma(x1, s01);
      s10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER).fma(x0, s10);
      s11 = DoubleVector.fromMemorySegment(S, ALL, r1 + VB, ORDER).fma(x1, s11);
      s20 = DoubleVector.fromMemorySegment(S, ALL, r2, ORDER).fma(x0, s20);
      s21 = DoubleVector.fromMemorySegment(S, ALL, r2 + VB, ORDER).fma(x1, s21);
      s30 = DoubleVector.fromMemorySegment(S, ALL, r3, ORDER).fma(x0, s30);
      s31 = DoubleVector.fromMemorySegment(S, ALL, r3 + VB, ORDER).fma(x1, s31);
    }
    s00.intoMemorySegment(ALL, scratch, ORDER);
    s01.intoMemorySegment(ALL, scratch + VB, ORDER);
    s10.intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    s11.intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
    s20.intoMemorySegment(ALL, scratch + 4 * VB, ORDER);
    s21.intoMemorySegment(ALL, scratch + 5 * VB, ORDER);
    s30.intoMemorySegment(ALL, scratch + 6 * VB, ORDER);
    s31.intoMemorySegment(ALL, scratch + 7 * VB, ORDER);
  }

  private static void run128(int rows, int n, long a, long lda, long x, long scratch) {
    long a1 = a + Math.min(1, rows - 1) * lda;
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s01 = DoubleVector.zero(S);
    DoubleVector s02 = DoubleVector.zero(S);
    DoubleVector s03 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s11 = DoubleVector.zero(S);
    DoubleVector s12 = DoubleVector.zero(S);
    DoubleVector s13 = DoubleVector.zero(S);
    for (int i = 0; i < n; i += GROUP) {
      long at = (long) i * Double.BYTES;
      long xi = (x + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a1 + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xi, ORDER);
      DoubleVector x1 = DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER);
      DoubleVector x2 = DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER);
      DoubleVector x3 = DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER);
      s00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER).fma(x0, s00);
      s01 = DoubleVector.fromMemorySegment(S, ALL, r0 + VB, ORDER).fma(x1, s01);
      s02 = DoubleVector.fromMemorySegment(S, ALL, r0 + 2 * VB, ORDER).fma(x2, s02);
      s03 = DoubleVector.fromMemorySegment(S, ALL, r0 + 3 * VB, ORDER).fma(x3, s03);
      s10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER).fma(x0, s10);
      s11 = DoubleVector.fromMemorySegment(S, ALL, r1 + VB, ORDER).fma(x1, s11);
      s12 = DoubleVector.fromMemorySegment(S, ALL, r1 + 2 * VB, ORDER).fma(x2, s12);
      s13 = DoubleVector.fromMemorySegment(S, ALL, r1 + 3 * VB, ORDER).fma(x3, s13);
    }
    s00.intoMemorySegment(ALL, scratch, ORDER);
    s01.intoMemorySegment(ALL, scratch + VB, ORDER);
    s02.intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    s03.intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
    s10.intoMemorySegment(ALL, scratch + 4 * VB, ORDER);
    s11.intoMemorySegment(ALL, scratch + 5 * VB, ORDER);
    s12.intoMemorySegment(ALL, scratch + 6 * VB, ORDER);
    s13.intoMemorySegment(ALL, scratch + 7 * VB, ORDER);
  }
}
