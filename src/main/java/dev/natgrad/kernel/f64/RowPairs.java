package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * The 8 × VL/2 micro-kernel for products of no more columns than half a vector has lanes: two rows
 * of C share a vector. One permutation of two rows of A spreads an element of each over its half,
 * where a row alone costs a broadcast as dear as the permutation and half a multiply-add is wasted.
 */
final class RowPairs {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 8;

  /** Columns of the tile. */
  static final int NR = VL / 2;

  private RowPairs() {}

  /**
   * T ← AB, A rows×k with contiguous rows, rows 1…8. The last four rows and the first four may
   * overlap; T has eight rows of VL/2 elements side by side, of which those beyond the last hold
   * anything. Where k &lt; VL, the VL − k columns before A are read.
   *
   * @param rsa bytes from row to row of A
   * @param panel k vectors, each of a row of B twice
   */
  static void run(int rows, int k, long a, long rsa, long panel, long to) {
    long a1 = (Math.min(1, rows - 1) * rsa) & RANGE;
    long a2 = (Math.min(2, rows - 1) * rsa) & RANGE;
    long a3 = (Math.min(3, rows - 1) * rsa) & RANGE;
    int half = Math.max(0, rows - 4);
    // At depth p of a vector: p in the lower half, VL + p, of the other row, in the upper.
    LongVector one = DoubleVector.zero(S).reinterpretAsLongs().add(1);
    LongVector lane = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1);
    LongVector depth = lane.and(VL / 2).lanewise(LSHL, 1);
    DoubleVector c0 = DoubleVector.zero(S);
    DoubleVector c1 = DoubleVector.zero(S);
    DoubleVector c2 = DoubleVector.zero(S);
    DoubleVector c3 = DoubleVector.zero(S);
    for (int p = 0; p < k; ) {
      int first = Math.min(p, k - VL);
      int end = first + VL;
      long ap = (a + (long) first * Double.BYTES) & RANGE;
      LongVector x0 = DoubleVector.fromMemorySegment(S, ALL, ap, ORDER).reinterpretAsLongs();
      LongVector x1 = DoubleVector.fromMemorySegment(S, ALL, ap + a1, ORDER).reinterpretAsLongs();
      LongVector x2 = DoubleVector.fromMemorySegment(S, ALL, ap + a2, ORDER).reinterpretAsLongs();
      LongVector x3 = DoubleVector.fromMemorySegment(S, ALL, ap + a3, ORDER).reinterpretAsLongs();
      ap = (ap + half * rsa) & RANGE;
      LongVector x4 = DoubleVector.fromMemorySegment(S, ALL, ap, ORDER).reinterpretAsLongs();
      LongVector x5 = DoubleVector.fromMemorySegment(S, ALL, ap + a1, ORDER).reinterpretAsLongs();
      LongVector x6 = DoubleVector.fromMemorySegment(S, ALL, ap + a2, ORDER).reinterpretAsLongs();
      LongVector x7 = DoubleVector.fromMemorySegment(S, ALL, ap + a3, ORDER).reinterpretAsLongs();
      LongVector next = depth.add(p - first - 1);
      for (; p < end; p++) {
        LongVector at = one.add(next);
        next = at;
        long bp = (panel + (long) p * VB) & RANGE;
        DoubleVector b = DoubleVector.fromMemorySegment(S, ALL, bp, ORDER);
        c0 = at.selectFrom(x0, x1).reinterpretAsDoubles().fma(b, c0);
        c1 = at.selectFrom(x2, x3).reinterpretAsDoubles().fma(b, c1);
        c2 = at.selectFrom(x4, x5).reinterpretAsDoubles().fma(b, c2);
        c3 = at.selectFrom(x6, x7).reinterpretAsDoubles().fma(b, c3);
      }
    }
    DoubleVector unit = DoubleVector.broadcast(S, 1);
    long row = to & RANGE;
    unit.mul(c0).intoMemorySegment(ALL, row, ORDER);
    unit.mul(c1).intoMemorySegment(ALL, row + VB, ORDER);
    row = (to + half * (VB / 2)) & RANGE;
    unit.mul(c2).intoMemorySegment(ALL, row, ORDER);
    unit.mul(c3).intoMemorySegment(ALL, row + VB, ORDER);
  }
}
