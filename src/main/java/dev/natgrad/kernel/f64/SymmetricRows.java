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
import static jdk.incubator.vector.VectorOperators.XOR;

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
 * lanes at every width, the group with the diagonal last, and is added to y when the mirror images
 * are.
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
   * y ← y + α(the four rows up to the diagonal, and the mirror image of what is left of it)x.
   *
   * @param i the first of the rows, a multiple of four; the matrix has all rows of i's group
   * @param a the address of row i
   * @param lda distance of two rows in bytes
   * @param scratch {@link #ROWS} × {@link Lanes#GROUP_BYTES}
   */
  static void run(int i, double alpha, long a, long lda, long x, long y, long scratch) {
    if (VectorWidth.BITS == 512) {
      run512(i, alpha, a, lda, x, y);
      return;
    }
    int n = i - i % GROUP;
    long xi = x + (long) i * Double.BYTES;
    if (VectorWidth.BITS == 256) {
      run256(n, alpha, a, lda, xi, x, y, scratch);
    } else {
      run128(n, alpha, a, lda, xi, x, y, scratch);
      long half = 2 * lda;
      run128(n, alpha, a + half, lda, xi + 2 * Double.BYTES, x, y, scratch + 2 * GROUP_BYTES);
    }
    diagonal(i - n, alpha, a, lda, xi, (long) n * Double.BYTES, x, y, scratch);
    RowFold.run(ROWS, 1, scratch);
    for (int r = 0; r < ROWS; r++) {
      long to = y + (long) (i + r) * Double.BYTES;
      ALL.set(JAVA_DOUBLE, to, Math.fma(alpha, get(scratch, r), get(to, 0)));
    }
  }

  /**
   * The group that holds the diagonal: the first count + 1 elements of the first row, and so on.
   */
  private static void diagonal(
      int count, double alpha, long a, long lda, long xi, long from, long x, long y, long scratch) {
    for (int at = 0; at < GROUP_BYTES; at += VB) {
      long part = from + at;
      long ys = (y + part) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, ys, ORDER);
      for (int r = 0; r < ROWS; r++) {
        long mask = (TailMask.first((count + r) * Double.BYTES) + at) & RANGE;
        LongVector m = DoubleVector.fromMemorySegment(S, ALL, mask, ORDER).reinterpretAsLongs();
        mask = (TailMask.first((count + r + 1) * Double.BYTES) + at) & RANGE;
        LongVector all = DoubleVector.fromMemorySegment(S, ALL, mask, ORDER).reinterpretAsLongs();
        LongVector row =
            DoubleVector.fromMemorySegment(S, ALL, (a + r * lda + part) & RANGE, ORDER)
                .reinterpretAsLongs();
        // Masked too: an infinity in either vector must not meet the zeros.
        DoubleVector xs =
            DoubleVector.fromMemorySegment(S, ALL, (x + part) & RANGE, ORDER)
                .reinterpretAsLongs()
                .and(all)
                .reinterpretAsDoubles();
        DoubleVector factor =
            DoubleVector.broadcast(S, alpha * get(xi, r))
                .reinterpretAsLongs()
                .and(m)
                .reinterpretAsDoubles();
        sum = row.and(m).reinterpretAsDoubles().fma(factor, sum);
        long to = (scratch + r * GROUP_BYTES + at) & RANGE;
        row.and(all)
            .reinterpretAsDoubles()
            .fma(xs, DoubleVector.fromMemorySegment(S, ALL, to, ORDER))
            .intoMemorySegment(ALL, to, ORDER);
      }
      DoubleVector.broadcast(S, 1).mul(sum).intoMemorySegment(ALL, ys, ORDER);
    }
  }

  /**
   * All of it in registers, with the fold that {@link RowFold} describes. Folding two stages of the
   * same vector leaves the four sums again and again, so each is in the lane of its element of y.
   */
  private static void run512(int i, double alpha, long a, long lda, long x, long y) {
    int count = i % GROUP;
    int n = i - count;
    long xi = x + (long) i * Double.BYTES;
    DoubleVector v0 = DoubleVector.broadcast(S, alpha * get(xi, 0));
    DoubleVector v1 = DoubleVector.broadcast(S, alpha * get(xi, 1));
    DoubleVector v2 = DoubleVector.broadcast(S, alpha * get(xi, 2));
    DoubleVector v3 = DoubleVector.broadcast(S, alpha * get(xi, 3));
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    for (int j = 0; j < n; j += GROUP) {
      long at = (long) j * Double.BYTES;
      long to = (y + at) & RANGE;
      DoubleVector xj = DoubleVector.fromMemorySegment(S, ALL, (x + at) & RANGE, ORDER);
      DoubleVector yj = DoubleVector.fromMemorySegment(S, ALL, to, ORDER);
      DoubleVector row = DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER);
      s0 = row.fma(xj, s0);
      yj = row.fma(v0, yj);
      row = DoubleVector.fromMemorySegment(S, ALL, (a + lda + at) & RANGE, ORDER);
      s1 = row.fma(xj, s1);
      yj = row.fma(v1, yj);
      row = DoubleVector.fromMemorySegment(S, ALL, (a + 2 * lda + at) & RANGE, ORDER);
      s2 = row.fma(xj, s2);
      yj = row.fma(v2, yj);
      row = DoubleVector.fromMemorySegment(S, ALL, (a + 3 * lda + at) & RANGE, ORDER);
      s3 = row.fma(xj, s3);
      yj = row.fma(v3, yj);
      yj.intoMemorySegment(ALL, to, ORDER);
    }
    long at = (long) n * Double.BYTES;
    long to = (y + at) & RANGE;
    // Masked too: an infinity in either vector must not meet the zeros beyond the diagonal.
    LongVector xs =
        DoubleVector.fromMemorySegment(S, ALL, (x + at) & RANGE, ORDER).reinterpretAsLongs();
    DoubleVector ys = DoubleVector.fromMemorySegment(S, ALL, to, ORDER);
    long mask = TailMask.first(count * Double.BYTES);
    LongVector before =
        DoubleVector.fromMemorySegment(S, ALL, mask & RANGE, ORDER).reinterpretAsLongs();
    LongVector m = before;
    LongVector bits =
        DoubleVector.fromMemorySegment(S, ALL, (a + at) & RANGE, ORDER).reinterpretAsLongs();
    ys =
        bits.and(m)
            .reinterpretAsDoubles()
            .fma(v0.reinterpretAsLongs().and(m).reinterpretAsDoubles(), ys);
    mask = TailMask.first((count + 1) * Double.BYTES);
    m = DoubleVector.fromMemorySegment(S, ALL, mask & RANGE, ORDER).reinterpretAsLongs();
    s0 = bits.and(m).reinterpretAsDoubles().fma(xs.and(m).reinterpretAsDoubles(), s0);
    bits =
        DoubleVector.fromMemorySegment(S, ALL, (a + lda + at) & RANGE, ORDER).reinterpretAsLongs();
    ys =
        bits.and(m)
            .reinterpretAsDoubles()
            .fma(v1.reinterpretAsLongs().and(m).reinterpretAsDoubles(), ys);
    mask = TailMask.first((count + 2) * Double.BYTES);
    m = DoubleVector.fromMemorySegment(S, ALL, mask & RANGE, ORDER).reinterpretAsLongs();
    s1 = bits.and(m).reinterpretAsDoubles().fma(xs.and(m).reinterpretAsDoubles(), s1);
    bits =
        DoubleVector.fromMemorySegment(S, ALL, (a + 2 * lda + at) & RANGE, ORDER)
            .reinterpretAsLongs();
    ys =
        bits.and(m)
            .reinterpretAsDoubles()
            .fma(v2.reinterpretAsLongs().and(m).reinterpretAsDoubles(), ys);
    mask = TailMask.first((count + 3) * Double.BYTES);
    m = DoubleVector.fromMemorySegment(S, ALL, mask & RANGE, ORDER).reinterpretAsLongs();
    s2 = bits.and(m).reinterpretAsDoubles().fma(xs.and(m).reinterpretAsDoubles(), s2);
    bits =
        DoubleVector.fromMemorySegment(S, ALL, (a + 3 * lda + at) & RANGE, ORDER)
            .reinterpretAsLongs();
    ys =
        bits.and(m)
            .reinterpretAsDoubles()
            .fma(v3.reinterpretAsLongs().and(m).reinterpretAsDoubles(), ys);
    mask = TailMask.first((count + 4) * Double.BYTES);
    m = DoubleVector.fromMemorySegment(S, ALL, mask & RANGE, ORDER).reinterpretAsLongs();
    s3 = bits.and(m).reinterpretAsDoubles().fma(xs.and(m).reinterpretAsDoubles(), s3);
    long index = RowFold.STAGES & RANGE;
    LongVector low = DoubleVector.fromMemorySegment(S, ALL, index, ORDER).reinterpretAsLongs();
    LongVector high =
        DoubleVector.fromMemorySegment(S, ALL, index + VB, ORDER).reinterpretAsLongs();
    LongVector t0 =
        low.selectFrom(s0.reinterpretAsLongs(), s1.reinterpretAsLongs())
            .reinterpretAsDoubles()
            .add(
                high.selectFrom(s0.reinterpretAsLongs(), s1.reinterpretAsLongs())
                    .reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector t1 =
        low.selectFrom(s2.reinterpretAsLongs(), s3.reinterpretAsLongs())
            .reinterpretAsDoubles()
            .add(
                high.selectFrom(s2.reinterpretAsLongs(), s3.reinterpretAsLongs())
                    .reinterpretAsDoubles())
            .reinterpretAsLongs();
    low = DoubleVector.fromMemorySegment(S, ALL, index + 2 * VB, ORDER).reinterpretAsLongs();
    high = DoubleVector.fromMemorySegment(S, ALL, index + 3 * VB, ORDER).reinterpretAsLongs();
    LongVector sums =
        low.selectFrom(t0, t1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(t0, t1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    low = DoubleVector.fromMemorySegment(S, ALL, index + 4 * VB, ORDER).reinterpretAsLongs();
    high = DoubleVector.fromMemorySegment(S, ALL, index + 5 * VB, ORDER).reinterpretAsLongs();
    sums =
        low.selectFrom(sums, sums)
            .reinterpretAsDoubles()
            .add(high.selectFrom(sums, sums).reinterpretAsDoubles())
            .reinterpretAsLongs();
    if (VL > RowFold.ROWS) {
      low = DoubleVector.fromMemorySegment(S, ALL, index + 6 * VB, ORDER).reinterpretAsLongs();
      high = DoubleVector.fromMemorySegment(S, ALL, index + 7 * VB, ORDER).reinterpretAsLongs();
      sums =
          low.selectFrom(sums, sums)
              .reinterpretAsDoubles()
              .add(high.selectFrom(sums, sums).reinterpretAsDoubles())
              .reinterpretAsLongs();
    }
    LongVector old = ys.reinterpretAsLongs();
    sums.reinterpretAsDoubles()
        .lanewise(FMA, alpha, ys)
        .reinterpretAsLongs()
        .lanewise(XOR, old)
        .and(m.lanewise(XOR, before))
        .lanewise(XOR, old)
        .reinterpretAsDoubles()
        .intoMemorySegment(ALL, to, ORDER);
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
