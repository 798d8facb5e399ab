package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.GROUP_BYTES;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.FMA;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.TailMask;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * The products of several rows with one vector, which is then loaded once for all.
 *
 * <p>Bits: element i of a row goes to lane i mod {@link Lanes#GROUP}; the last n mod GROUP elements
 * come first, in the lanes that they have in its last GROUP elements. So it is at every width, and
 * whatever the number of rows taken together.
 */
final class RowLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows taken together: eight accumulators at every width. */
  static final int ROWS = 8 * VectorWidth.BITS / 512;

  /** Columns from which two vectors of a row go together. */
  private static final int LONG = 32 * GROUP;

  /** The lanes of eight rows of which nothing is added yet. */
  private static final long ZEROS = Arena.global().allocate(8 * GROUP_BYTES, VB).address();

  private RowLanes() {}

  private static double get(long x, long i) {
    return ALL.get(JAVA_DOUBLE, x + i * Double.BYTES);
  }

  private static void set(long x, long i, double value) {
    ALL.set(JAVA_DOUBLE, x + i * Double.BYTES, value);
  }

  /**
   * y ← αAx + βy for rows ≤ {@link #ROWS} of n ≥ GROUP columns; β = 0 does not read y.
   *
   * @param lda distance of two rows in bytes
   * @param incy distance of two elements of y, in elements
   * @param scratch {@link #ROWS} × {@link Lanes#GROUP_BYTES}
   */
  static void run(
      int rows,
      int n,
      double alpha,
      long a,
      long lda,
      long x,
      double beta,
      long y,
      int incy,
      long scratch) {
    int whole = n - n % GROUP;
    if (whole < n || VectorWidth.BITS < 512) {
      tails(rows, n, n - whole, a, lda, x, scratch);
    }
    switch (VectorWidth.BITS) {
      case 512 -> {
        long sums = whole < n ? scratch : ZEROS;
        int from = n >= LONG ? whole - whole % (2 * GROUP) : 0;
        if (from > 0) {
          pairs512(rows, from, a, lda, x, sums, scratch);
          sums = scratch;
        }
        if (incy == 1) {
          run512(rows, from, whole, alpha, a, lda, x, beta, y, sums);
          return;
        }
        run512(rows, from, whole, alpha, a, lda, x, 0, scratch, sums);
      }
      case 256 -> {
        run256(rows, whole, a, lda, x, scratch);
        RowFold.run(rows, alpha, scratch);
      }
      default -> {
        run128(rows, whole, a, lda, x, scratch);
        RowFold.run(rows, alpha, scratch);
      }
    }
    for (int r = 0; r < rows; r++) {
      double ax = get(scratch, r);
      long at = (long) r * incy;
      set(y, at, beta == 0 ? ax : Math.fma(beta, get(y, at), ax));
    }
  }

  /** The lanes of the last count columns, zeros where there are none. */
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
        DoubleVector.fromMemorySegment(S, ALL, (a + r * lda + last + at) & RANGE, ORDER)
            .reinterpretAsLongs()
            .and(m)
            .reinterpretAsDoubles()
            .mul(xt)
            .intoMemorySegment(ALL, (scratch + r * GROUP_BYTES + at) & RANGE, ORDER);
      }
    }
  }

  /**
   * The columns from {@code from} on, added to the lanes so far, and the fold that {@link RowFold}
   * describes, all in registers.
   */
  private static void run512(
      int rows,
      int from,
      int n,
      double alpha,
      long a,
      long lda,
      long x,
      double beta,
      long y,
      long sums) {
    long a1 = a + Math.min(1, rows - 1) * lda;
    long a2 = a + Math.min(2, rows - 1) * lda;
    long a3 = a + Math.min(3, rows - 1) * lda;
    long a4 = a + Math.min(4, rows - 1) * lda;
    long a5 = a + Math.min(5, rows - 1) * lda;
    long a6 = a + Math.min(6, rows - 1) * lda;
    long a7 = a + Math.min(7, rows - 1) * lda;
    long lanes = sums & RANGE;
    DoubleVector s0 = DoubleVector.fromMemorySegment(S, ALL, lanes, ORDER);
    DoubleVector s1 = DoubleVector.fromMemorySegment(S, ALL, lanes + VB, ORDER);
    DoubleVector s2 = DoubleVector.fromMemorySegment(S, ALL, lanes + 2 * VB, ORDER);
    DoubleVector s3 = DoubleVector.fromMemorySegment(S, ALL, lanes + 3 * VB, ORDER);
    DoubleVector s4 = DoubleVector.fromMemorySegment(S, ALL, lanes + 4 * VB, ORDER);
    DoubleVector s5 = DoubleVector.fromMemorySegment(S, ALL, lanes + 5 * VB, ORDER);
    DoubleVector s6 = DoubleVector.fromMemorySegment(S, ALL, lanes + 6 * VB, ORDER);
    DoubleVector s7 = DoubleVector.fromMemorySegment(S, ALL, lanes + 7 * VB, ORDER);
    for (int i = from; i < n; i += GROUP) {
      long at = (long) i * Double.BYTES;
      DoubleVector xi = DoubleVector.fromMemorySegment(S, ALL, (x + at) & RANGE, ORDER);
      s0 = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).fma(xi, s0);
      s1 = DoubleVector.fromMemorySegment(S, ALL, (a1 + at) & RANGE, ORDER).fma(xi, s1);
      s2 = DoubleVector.fromMemorySegment(S, ALL, (a2 + at) & RANGE, ORDER).fma(xi, s2);
      s3 = DoubleVector.fromMemorySegment(S, ALL, (a3 + at) & RANGE, ORDER).fma(xi, s3);
      s4 = DoubleVector.fromMemorySegment(S, ALL, (a4 + at) & RANGE, ORDER).fma(xi, s4);
      s5 = DoubleVector.fromMemorySegment(S, ALL, (a5 + at) & RANGE, ORDER).fma(xi, s5);
      s6 = DoubleVector.fromMemorySegment(S, ALL, (a6 + at) & RANGE, ORDER).fma(xi, s6);
      s7 = DoubleVector.fromMemorySegment(S, ALL, (a7 + at) & RANGE, ORDER).fma(xi, s7);
    }
    // A constant receives: C2 may not know the vectors that a loop carries.
    DoubleVector one = DoubleVector.broadcast(S, 1);
    LongVector b0 = one.mul(s0).reinterpretAsLongs();
    LongVector b1 = one.mul(s1).reinterpretAsLongs();
    LongVector b2 = one.mul(s2).reinterpretAsLongs();
    LongVector b3 = one.mul(s3).reinterpretAsLongs();
    LongVector b4 = one.mul(s4).reinterpretAsLongs();
    LongVector b5 = one.mul(s5).reinterpretAsLongs();
    LongVector b6 = one.mul(s6).reinterpretAsLongs();
    LongVector b7 = one.mul(s7).reinterpretAsLongs();
    long index = RowFold.STAGES & RANGE;
    LongVector low = DoubleVector.fromMemorySegment(S, ALL, index, ORDER).reinterpretAsLongs();
    LongVector high =
        DoubleVector.fromMemorySegment(S, ALL, index + VB, ORDER).reinterpretAsLongs();
    LongVector t0 =
        low.selectFrom(b0, b1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(b0, b1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector t1 =
        low.selectFrom(b2, b3)
            .reinterpretAsDoubles()
            .add(high.selectFrom(b2, b3).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector t2 =
        low.selectFrom(b4, b5)
            .reinterpretAsDoubles()
            .add(high.selectFrom(b4, b5).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector t3 =
        low.selectFrom(b6, b7)
            .reinterpretAsDoubles()
            .add(high.selectFrom(b6, b7).reinterpretAsDoubles())
            .reinterpretAsLongs();
    low = DoubleVector.fromMemorySegment(S, ALL, index + 2 * VB, ORDER).reinterpretAsLongs();
    high = DoubleVector.fromMemorySegment(S, ALL, index + 3 * VB, ORDER).reinterpretAsLongs();
    LongVector u0 =
        low.selectFrom(t0, t1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(t0, t1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector u1 =
        low.selectFrom(t2, t3)
            .reinterpretAsDoubles()
            .add(high.selectFrom(t2, t3).reinterpretAsDoubles())
            .reinterpretAsLongs();
    low = DoubleVector.fromMemorySegment(S, ALL, index + 4 * VB, ORDER).reinterpretAsLongs();
    high = DoubleVector.fromMemorySegment(S, ALL, index + 5 * VB, ORDER).reinterpretAsLongs();
    LongVector folded =
        low.selectFrom(u0, u1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(u0, u1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    if (VL > RowFold.ROWS) {
      low = DoubleVector.fromMemorySegment(S, ALL, index + 6 * VB, ORDER).reinterpretAsLongs();
      high = DoubleVector.fromMemorySegment(S, ALL, index + 7 * VB, ORDER).reinterpretAsLongs();
      folded =
          low.selectFrom(folded, folded)
              .reinterpretAsDoubles()
              .add(high.selectFrom(folded, folded).reinterpretAsDoubles())
              .reinterpretAsLongs();
    }
    DoubleVector ax = folded.reinterpretAsDoubles().mul(alpha);
    long to = y & RANGE;
    VectorMask<Double> written = S.indexInRange(0, rows);
    if (beta != 0) {
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, to, ORDER, written);
      ax = v.lanewise(FMA, beta, ax);
    }
    ax.intoMemorySegment(ALL, to, ORDER, written);
  }

  /**
   * The lanes of eight long rows over n columns, a multiple of two groups. Two vectors of a row at
   * once, because the processor fetches some strides of a load ahead: out of memory a stride of two
   * cache lines is faster by a fifth than one of one.
   */
  private static void pairs512(int rows, int n, long a, long lda, long x, long sums, long to) {
    long lanes = sums & RANGE;
    long a1 = a + Math.min(1, rows - 1) * lda;
    long a2 = a + Math.min(2, rows - 1) * lda;
    long a3 = a + Math.min(3, rows - 1) * lda;
    long a4 = a + Math.min(4, rows - 1) * lda;
    long a5 = a + Math.min(5, rows - 1) * lda;
    long a6 = a + Math.min(6, rows - 1) * lda;
    long a7 = a + Math.min(7, rows - 1) * lda;
    DoubleVector s0 = DoubleVector.fromMemorySegment(S, ALL, lanes, ORDER);
    DoubleVector s1 = DoubleVector.fromMemorySegment(S, ALL, lanes + VB, ORDER);
    DoubleVector s2 = DoubleVector.fromMemorySegment(S, ALL, lanes + 2 * VB, ORDER);
    DoubleVector s3 = DoubleVector.fromMemorySegment(S, ALL, lanes + 3 * VB, ORDER);
    DoubleVector s4 = DoubleVector.fromMemorySegment(S, ALL, lanes + 4 * VB, ORDER);
    DoubleVector s5 = DoubleVector.fromMemorySegment(S, ALL, lanes + 5 * VB, ORDER);
    DoubleVector s6 = DoubleVector.fromMemorySegment(S, ALL, lanes + 6 * VB, ORDER);
    DoubleVector s7 = DoubleVector.fromMemorySegment(S, ALL, lanes + 7 * VB, ORDER);
    for (int i = 0; i < n; i += 2 * GROUP) {
      long at = (long) i * Double.BYTES;
      long first = (x + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER);
      DoubleVector x1 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER);
      first = (a + at) & RANGE;
      s0 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s0);
      s0 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s0);
      first = (a1 + at) & RANGE;
      s1 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s1);
      s1 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s1);
      first = (a2 + at) & RANGE;
      s2 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s2);
      s2 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s2);
      first = (a3 + at) & RANGE;
      s3 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s3);
      s3 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s3);
      first = (a4 + at) & RANGE;
      s4 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s4);
      s4 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s4);
      first = (a5 + at) & RANGE;
      s5 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s5);
      s5 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s5);
      first = (a6 + at) & RANGE;
      s6 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s6);
      s6 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s6);
      first = (a7 + at) & RANGE;
      s7 = DoubleVector.fromMemorySegment(S, ALL, first, ORDER).fma(x0, s7);
      s7 = DoubleVector.fromMemorySegment(S, ALL, first + VB, ORDER).fma(x1, s7);
    }
    lanes = to & RANGE;
    DoubleVector one = DoubleVector.broadcast(S, 1);
    one.mul(s0).intoMemorySegment(ALL, lanes, ORDER);
    one.mul(s1).intoMemorySegment(ALL, lanes + VB, ORDER);
    one.mul(s2).intoMemorySegment(ALL, lanes + 2 * VB, ORDER);
    one.mul(s3).intoMemorySegment(ALL, lanes + 3 * VB, ORDER);
    one.mul(s4).intoMemorySegment(ALL, lanes + 4 * VB, ORDER);
    one.mul(s5).intoMemorySegment(ALL, lanes + 5 * VB, ORDER);
    one.mul(s6).intoMemorySegment(ALL, lanes + 6 * VB, ORDER);
    one.mul(s7).intoMemorySegment(ALL, lanes + 7 * VB, ORDER);
  }

  private static void run256(int rows, int n, long a, long lda, long x, long scratch) {
    long sums = scratch & RANGE;
    long a1 = a + Math.min(1, rows - 1) * lda;
    long a2 = a + Math.min(2, rows - 1) * lda;
    long a3 = a + Math.min(3, rows - 1) * lda;
    DoubleVector s00 = DoubleVector.fromMemorySegment(S, ALL, sums, ORDER);
    DoubleVector s01 = DoubleVector.fromMemorySegment(S, ALL, sums + VB, ORDER);
    DoubleVector s10 = DoubleVector.fromMemorySegment(S, ALL, sums + 2 * VB, ORDER);
    DoubleVector s11 = DoubleVector.fromMemorySegment(S, ALL, sums + 3 * VB, ORDER);
    DoubleVector s20 = DoubleVector.fromMemorySegment(S, ALL, sums + 4 * VB, ORDER);
    DoubleVector s21 = DoubleVector.fromMemorySegment(S, ALL, sums + 5 * VB, ORDER);
    DoubleVector s30 = DoubleVector.fromMemorySegment(S, ALL, sums + 6 * VB, ORDER);
    DoubleVector s31 = DoubleVector.fromMemorySegment(S, ALL, sums + 7 * VB, ORDER);
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
    DoubleVector s00 = DoubleVector.fromMemorySegment(S, ALL, sums, ORDER);
    DoubleVector s01 = DoubleVector.fromMemorySegment(S, ALL, sums + VB, ORDER);
    DoubleVector s02 = DoubleVector.fromMemorySegment(S, ALL, sums + 2 * VB, ORDER);
    DoubleVector s03 = DoubleVector.fromMemorySegment(S, ALL, sums + 3 * VB, ORDER);
    DoubleVector s10 = DoubleVector.fromMemorySegment(S, ALL, sums + 4 * VB, ORDER);
    DoubleVector s11 = DoubleVector.fromMemorySegment(S, ALL, sums + 5 * VB, ORDER);
    DoubleVector s12 = DoubleVector.fromMemorySegment(S, ALL, sums + 6 * VB, ORDER);
    DoubleVector s13 = DoubleVector.fromMemorySegment(S, ALL, sums + 7 * VB, ORDER);
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
