package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.GROUP_BYTES;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.TailMask;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * The products of several rows with one vector, which is then loaded once for all.
 *
 * <p>Bits: element i of a row goes to lane i mod {@link Lanes#GROUP}; the last n mod GROUP elements
 * come last, in the lanes that they have in its last GROUP elements. So it is at every width, and
 * whatever the number of rows taken together.
 */
final class RowLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows taken together: eight accumulators at every width. */
  static final int ROWS = 8 * VectorWidth.BITS / 512;

  private RowLanes() {}

  /**
   * Stores the sums of rows ≤ {@link #ROWS} over n ≥ GROUP columns, one after the other. Room for
   * {@link RowFold#ROWS} rows of {@link Lanes#GROUP_BYTES} is overwritten.
   *
   * @param lda distance of two rows in bytes
   */
  static void run(int rows, int n, long a, long lda, long x, long scratch) {
    int whole = n - n % GROUP;
    switch (VectorWidth.BITS) {
      case 512 -> run512(rows, whole, a, lda, x, scratch);
      case 256 -> run256(rows, whole, a, lda, x, scratch);
      default -> run128(rows, whole, a, lda, x, scratch);
    }
    if (whole < n) {
      tails(rows, n, n - whole, a, lda, x, scratch);
    }
    RowFold.run(rows, scratch);
  }

  private static void tails(int rows, int n, int count, long a, long lda, long x, long scratch) {
    long mask = TailMask.last(count * Double.BYTES);
    long last = (long) (n - GROUP) * Double.BYTES;
    for (int at = 0; at < GROUP_BYTES; at += VB) {
      LongVector m =
          DoubleVector.fromMemorySegment(S, ALL, (mask + at) & RANGE, ORDER).reinterpretAsLongs();
      DoubleVector xt =
          DoubleVector.fromMemorySegment(S, ALL, (x + last + at) & RANGE, ORDER)
              .reinterpretAsLongs()
              .and(m)
              .reinterpretAsDoubles();
      for (int r = 0; r < rows; r++) {
        long sum = (scratch + r * GROUP_BYTES + at) & RANGE;
        DoubleVector.fromMemorySegment(S, ALL, (a + r * lda + last + at) & RANGE, ORDER)
            .reinterpretAsLongs()
            .and(m)
            .reinterpretAsDoubles()
            .fma(xt, DoubleVector.fromMemorySegment(S, ALL, sum, ORDER))
            .intoMemorySegment(ALL, sum, ORDER);
      }
    }
  }

  private static void run512(int rows, int n, long a, long lda, long x, long scratch) {
    long sums = scratch & RANGE;
    long a1 = a + Math.min(1, rows - 1) * lda;
    long a2 = a + Math.min(2, rows - 1) * lda;
    long a3 = a + Math.min(3, rows - 1) * lda;
    long a4 = a + Math.min(4, rows - 1) * lda;
    long a5 = a + Math.min(5, rows - 1) * lda;
    long a6 = a + Math.min(6, rows - 1) * lda;
    long a7 = a + Math.min(7, rows - 1) * lda;
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s20 = DoubleVector.zero(S);
    DoubleVector s30 = DoubleVector.zero(S);
    DoubleVector s40 = DoubleVector.zero(S);
    DoubleVector s50 = DoubleVector.zero(S);
    DoubleVector s60 = DoubleVector.zero(S);
    DoubleVector s70 = DoubleVector.zero(S);
    for (int i = 0; i < n; i += GROUP) {
      long at = (long) i * Double.BYTES;
      long xi = (x + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a1 + at) & RANGE;
      long r2 = (a2 + at) & RANGE;
      long r3 = (a3 + at) & RANGE;
      long r4 = (a4 + at) & RANGE;
      long r5 = (a5 + at) & RANGE;
      long r6 = (a6 + at) & RANGE;
      long r7 = (a7 + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xi, ORDER);
      s00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER).fma(x0, s00);
      s10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER).fma(x0, s10);
      s20 = DoubleVector.fromMemorySegment(S, ALL, r2, ORDER).fma(x0, s20);
      s30 = DoubleVector.fromMemorySegment(S, ALL, r3, ORDER).fma(x0, s30);
      s40 = DoubleVector.fromMemorySegment(S, ALL, r4, ORDER).fma(x0, s40);
      s50 = DoubleVector.fromMemorySegment(S, ALL, r5, ORDER).fma(x0, s50);
      s60 = DoubleVector.fromMemorySegment(S, ALL, r6, ORDER).fma(x0, s60);
      s70 = DoubleVector.fromMemorySegment(S, ALL, r7, ORDER).fma(x0, s70);
    }
    DoubleVector one = DoubleVector.broadcast(S, 1);
    one.mul(s00).intoMemorySegment(ALL, sums, ORDER);
    one.mul(s10).intoMemorySegment(ALL, sums + VB, ORDER);
    one.mul(s20).intoMemorySegment(ALL, sums + 2 * VB, ORDER);
    one.mul(s30).intoMemorySegment(ALL, sums + 3 * VB, ORDER);
    one.mul(s40).intoMemorySegment(ALL, sums + 4 * VB, ORDER);
    one.mul(s50).intoMemorySegment(ALL, sums + 5 * VB, ORDER);
    one.mul(s60).intoMemorySegment(ALL, sums + 6 * VB, ORDER);
    one.mul(s70).intoMemorySegment(ALL, sums + 7 * VB, ORDER);
  }

  private static void run256(int rows, int n, long a, long lda, long x, long scratch) {
    long sums = scratch & RANGE;
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
    DoubleVector one = DoubleVector.broadcast(S, 1);
    one.mul(s00).intoMemorySegment(ALL, sums, ORDER);
    one.mul(s01).intoMemorySegment(ALL, sums + VB, ORDER);
    one.mul(s10).intoMemorySegment(ALL, sums + 2 * VB, ORDER);
    one.mul(s11).intoMemorySegment(ALL, sums + 3 * VB, ORDER);
    one.mul(s20).intoMemorySegment(ALL, sums + 4 * VB, ORDER);
    one.mul(s21).intoMemorySegment(ALL, sums + 5 * VB, ORDER);
    one.mul(s30).intoMemorySegment(ALL, sums + 6 * VB, ORDER);
    one.mul(s31).intoMemorySegment(ALL, sums + 7 * VB, ORDER);
  }

  private static void run128(int rows, int n, long a, long lda, long x, long scratch) {
    long sums = scratch & RANGE;
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
    DoubleVector one = DoubleVector.broadcast(S, 1);
    one.mul(s00).intoMemorySegment(ALL, sums, ORDER);
    one.mul(s01).intoMemorySegment(ALL, sums + VB, ORDER);
    one.mul(s02).intoMemorySegment(ALL, sums + 2 * VB, ORDER);
    one.mul(s03).intoMemorySegment(ALL, sums + 3 * VB, ORDER);
    one.mul(s10).intoMemorySegment(ALL, sums + 4 * VB, ORDER);
    one.mul(s11).intoMemorySegment(ALL, sums + 5 * VB, ORDER);
    one.mul(s12).intoMemorySegment(ALL, sums + 6 * VB, ORDER);
    one.mul(s13).intoMemorySegment(ALL, sums + 7 * VB, ORDER);
  }
}
