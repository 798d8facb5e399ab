package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.GROUP_BYTES;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.TailMask;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * Four rows of a symmetric matrix times a vector, in one pass over them: each element below the
 * diagonal is read once and serves as itself and as its mirror image.
 *
 * <p>Bits: y takes the rows in order, element by element; the sum of a row has {@link Lanes#GROUP}
 * lanes at every width, the group with the diagonal last.
 */
final class SymmetricRows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of one call. */
  static final int ROWS = 4;

  private SymmetricRows() {}

  private static double get(long x, long i) {
    return ALL.get(JAVA_DOUBLE, x + i * Double.BYTES);
  }

  /**
   * y ← y + α(the mirror image of the four rows' strictly lower part)x; stores the sums of the same
   * part times x, one after the other. Room for {@link RowFold#ROWS} rows of {@link
   * Lanes#GROUP_BYTES} is overwritten.
   *
   * @param i the first of the rows, a multiple of four; the matrix has all rows of i's group
   * @param a the address of row i
   * @param lda distance of two rows in bytes
   */
  static void run(int i, double alpha, long a, long lda, long x, long y, long scratch) {
    int n = i - i % GROUP;
    long xi = x + (long) i * Double.BYTES;
    switch (VectorWidth.BITS) {
      case 512 -> run512(n, alpha, a, lda, xi, x, y, scratch);
      case 256 -> run256(n, alpha, a, lda, xi, x, y, scratch);
      default -> {
        run128(n, alpha, a, lda, xi, x, y, scratch);
        long half = 2 * lda;
        run128(n, alpha, a + half, lda, xi + 2 * Double.BYTES, x, y, scratch + 2 * GROUP_BYTES);
      }
    }
    diagonal(i - n, alpha, a, lda, xi, (long) n * Double.BYTES, x, y, scratch);
    RowFold.run(ROWS, scratch);
  }

  /** The group that holds the diagonal: the first count elements of the first row, and so on. */
  private static void diagonal(
      int count, double alpha, long a, long lda, long xi, long from, long x, long y, long scratch) {
    for (int at = 0; at < GROUP_BYTES; at += VB) {
      long part = from + at;
      long ys = (y + part) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, ys, ORDER);
      for (int r = 0; r < ROWS; r++) {
        long mask = (TailMask.first((count + r) * Double.BYTES) + at) & RANGE;
        LongVector m = DoubleVector.fromMemorySegment(S, ALL, mask, ORDER).reinterpretAsLongs();
        DoubleVector row =
            DoubleVector.fromMemorySegment(S, ALL, (a + r * lda + part) & RANGE, ORDER)
                .reinterpretAsLongs()
                .and(m)
                .reinterpretAsDoubles();
        // Masked too: an infinity in either vector must not meet the zeros.
        DoubleVector xs =
            DoubleVector.fromMemorySegment(S, ALL, (x + part) & RANGE, ORDER)
                .reinterpretAsLongs()
                .and(m)
                .reinterpretAsDoubles();
        DoubleVector factor =
            DoubleVector.broadcast(S, alpha * get(xi, r))
                .reinterpretAsLongs()
                .and(m)
                .reinterpretAsDoubles();
        sum = row.fma(factor, sum);
        long to = (scratch + r * GROUP_BYTES + at) & RANGE;
        row.fma(xs, DoubleVector.fromMemorySegment(S, ALL, to, ORDER))
            .intoMemorySegment(ALL, to, ORDER);
      }
      DoubleVector.broadcast(S, 1).mul(sum).intoMemorySegment(ALL, ys, ORDER);
    }
  }

  private static void run512(
      int n, double alpha, long a, long lda, long xi, long x, long y, long scratch) {
    long sums = scratch & RANGE;
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(xi, 0));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(xi, 1));
    DoubleVector v2 = DoubleVector.broadcast(S, alpha * get(xi, 2));
    DoubleVector v3 = DoubleVector.broadcast(S, alpha * get(xi, 3));
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s20 = DoubleVector.zero(S);
    DoubleVector s30 = DoubleVector.zero(S);
    for (int j = 0; j < n; j += GROUP) {
      long at = (long) j * Double.BYTES;
      long xj = (x + at) & RANGE;
      long yj = (y + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a + lda + at) & RANGE;
      long r2 = (a + 2 * lda + at) & RANGE;
      long r3 = (a + 3 * lda + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xj, ORDER);
      DoubleVector y0 = DoubleVector.fromMemorySegment(S, ALL, yj, ORDER);
      DoubleVector a00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER);
      s00 = a00.fma(x0, s00);
      y0 = a00.fma(v0, y0);
      DoubleVector a10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER);
      s10 = a10.fma(x0, s10);
      y0 = a10.fma(v1, y0);
      DoubleVector a20 = DoubleVector.fromMemorySegment(S, ALL, r2, ORDER);
      s20 = a20.fma(x0, s20);
      y0 = a20.fma(v2, y0);
      DoubleVector a30 = DoubleVector.fromMemorySegment(S, ALL, r3, ORDER);
      s30 = a30.fma(x0, s30);
      y0 = a30.fma(v3, y0);
      y0.intoMemorySegment(ALL, yj, ORDER);
    }
    DoubleVector one = DoubleVector.broadcast(S, 1);
    one.mul(s00).intoMemorySegment(ALL, sums, ORDER);
    one.mul(s10).intoMemorySegment(ALL, sums + VB, ORDER);
    one.mul(s20).intoMemorySegment(ALL, sums + 2 * VB, ORDER);
    one.mul(s30).intoMemorySegment(ALL, sums + 3 * VB, ORDER);
  }

  private static void run256(
      int n, double alpha, long a, long lda, long xi, long x, long y, long scratch) {
    long sums = scratch & RANGE;
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(xi, 0));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(xi, 1));
    DoubleVector v2 = DoubleVector.broadcast(S, alpha * get(xi, 2));
    DoubleVector v3 = DoubleVector.broadcast(S, alpha * get(xi, 3));
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s01 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s11 = DoubleVector.zero(S);
    DoubleVector s20 = DoubleVector.zero(S);
    DoubleVector s21 = DoubleVector.zero(S);
    DoubleVector s30 = DoubleVector.zero(S);
    DoubleVector s31 = DoubleVector.zero(S);
    for (int j = 0; j < n; j += GROUP) {
      long at = (long) j * Double.BYTES;
      long xj = (x + at) & RANGE;
      long yj = (y + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a + lda + at) & RANGE;
      long r2 = (a + 2 * lda + at) & RANGE;
      long r3 = (a + 3 * lda + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xj, ORDER);
      DoubleVector y0 = DoubleVector.fromMemorySegment(S, ALL, yj, ORDER);
      DoubleVector a00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER);
      s00 = a00.fma(x0, s00);
      y0 = a00.fma(v0, y0);
      DoubleVector a10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER);
      s10 = a10.fma(x0, s10);
      y0 = a10.fma(v1, y0);
      DoubleVector a20 = DoubleVector.fromMemorySegment(S, ALL, r2, ORDER);
      s20 = a20.fma(x0, s20);
      y0 = a20.fma(v2, y0);
      DoubleVector a30 = DoubleVector.fromMemorySegment(S, ALL, r3, ORDER);
      s30 = a30.fma(x0, s30);
      y0 = a30.fma(v3, y0);
      y0.intoMemorySegment(ALL, yj, ORDER);
      DoubleVector x1 = DoubleVector.fromMemorySegment(S, ALL, xj + VB, ORDER);
      DoubleVector y1 = DoubleVector.fromMemorySegment(S, ALL, yj + VB, ORDER);
      DoubleVector a01 = DoubleVector.fromMemorySegment(S, ALL, r0 + VB, ORDER);
      s01 = a01.fma(x1, s01);
      y1 = a01.fma(v0, y1);
      DoubleVector a11 = DoubleVector.fromMemorySegment(S, ALL, r1 + VB, ORDER);
      s11 = a11.fma(x1, s11);
      y1 = a11.fma(v1, y1);
      DoubleVector a21 = DoubleVector.fromMemorySegment(S, ALL, r2 + VB, ORDER);
      s21 = a21.fma(x1, s21);
      y1 = a21.fma(v2, y1);
      DoubleVector a31 = DoubleVector.fromMemorySegment(S, ALL, r3 + VB, ORDER);
      s31 = a31.fma(x1, s31);
      y1 = a31.fma(v3, y1);
      y1.intoMemorySegment(ALL, yj + VB, ORDER);
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

  private static void run128(
      int n, double alpha, long a, long lda, long xi, long x, long y, long scratch) {
    long sums = scratch & RANGE;
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(xi, 0));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(xi, 1));
    DoubleVector s00 = DoubleVector.zero(S);
    DoubleVector s01 = DoubleVector.zero(S);
    DoubleVector s02 = DoubleVector.zero(S);
    DoubleVector s03 = DoubleVector.zero(S);
    DoubleVector s10 = DoubleVector.zero(S);
    DoubleVector s11 = DoubleVector.zero(S);
    DoubleVector s12 = DoubleVector.zero(S);
    DoubleVector s13 = DoubleVector.zero(S);
    for (int j = 0; j < n; j += GROUP) {
      long at = (long) j * Double.BYTES;
      long xj = (x + at) & RANGE;
      long yj = (y + at) & RANGE;
      long r0 = (a + at) & RANGE;
      long r1 = (a + lda + at) & RANGE;
      DoubleVector x0 = DoubleVector.fromMemorySegment(S, ALL, xj, ORDER);
      DoubleVector y0 = DoubleVector.fromMemorySegment(S, ALL, yj, ORDER);
      DoubleVector a00 = DoubleVector.fromMemorySegment(S, ALL, r0, ORDER);
      s00 = a00.fma(x0, s00);
      y0 = a00.fma(v0, y0);
      DoubleVector a10 = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER);
      s10 = a10.fma(x0, s10);
      y0 = a10.fma(v1, y0);
      y0.intoMemorySegment(ALL, yj, ORDER);
      DoubleVector x1 = DoubleVector.fromMemorySegment(S, ALL, xj + VB, ORDER);
      DoubleVector y1 = DoubleVector.fromMemorySegment(S, ALL, yj + VB, ORDER);
      DoubleVector a01 = DoubleVector.fromMemorySegment(S, ALL, r0 + VB, ORDER);
      s01 = a01.fma(x1, s01);
      y1 = a01.fma(v0, y1);
      DoubleVector a11 = DoubleVector.fromMemorySegment(S, ALL, r1 + VB, ORDER);
      s11 = a11.fma(x1, s11);
      y1 = a11.fma(v1, y1);
      y1.intoMemorySegment(ALL, yj + VB, ORDER);
      DoubleVector x2 = DoubleVector.fromMemorySegment(S, ALL, xj + 2 * VB, ORDER);
      DoubleVector y2 = DoubleVector.fromMemorySegment(S, ALL, yj + 2 * VB, ORDER);
      DoubleVector a02 = DoubleVector.fromMemorySegment(S, ALL, r0 + 2 * VB, ORDER);
      s02 = a02.fma(x2, s02);
      y2 = a02.fma(v0, y2);
      DoubleVector a12 = DoubleVector.fromMemorySegment(S, ALL, r1 + 2 * VB, ORDER);
      s12 = a12.fma(x2, s12);
      y2 = a12.fma(v1, y2);
      y2.intoMemorySegment(ALL, yj + 2 * VB, ORDER);
      DoubleVector x3 = DoubleVector.fromMemorySegment(S, ALL, xj + 3 * VB, ORDER);
      DoubleVector y3 = DoubleVector.fromMemorySegment(S, ALL, yj + 3 * VB, ORDER);
      DoubleVector a03 = DoubleVector.fromMemorySegment(S, ALL, r0 + 3 * VB, ORDER);
      s03 = a03.fma(x3, s03);
      y3 = a03.fma(v0, y3);
      DoubleVector a13 = DoubleVector.fromMemorySegment(S, ALL, r1 + 3 * VB, ORDER);
      s13 = a13.fma(x3, s13);
      y3 = a13.fma(v1, y3);
      y3.intoMemorySegment(ALL, yj + 3 * VB, ORDER);
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
