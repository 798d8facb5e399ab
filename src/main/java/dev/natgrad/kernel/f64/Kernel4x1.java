package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/**
 * The 4 × VL micro-kernel for shallow products of no more columns than a vector has lanes: it
 * writes them, and nothing beside them, where they belong. Short enough for C1 in spite of its
 * masks, as eight rows would not be.
 */
final class Kernel4x1 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 4;

  private Kernel4x1() {}

  /**
   * T ← αAB as {@link Kernel4x2#run}, rows 1…4, at most one vector wide. Not at two lanes, where C2
   * boxes masks.
   *
   * @param cols columns of B and T, 1…VL
   */
  static void masked(
      int rows,
      int cols,
      int k,
      double alpha,
      long a,
      long rsa,
      long csa,
      long b,
      long rsb,
      long to,
      long rst) {
    VectorMask<Double> valid = S.indexInRange(0, cols);
    long a1 = (Math.min(1, rows - 1) * rsa) & RANGE;
    long a2 = (Math.min(2, rows - 1) * rsa) & RANGE;
    long a3 = (Math.min(3, rows - 1) * rsa) & RANGE;
    DoubleVector c0 = DoubleVector.zero(S);
    DoubleVector c1 = DoubleVector.zero(S);
    DoubleVector c2 = DoubleVector.zero(S);
    DoubleVector c3 = DoubleVector.zero(S);
    for (int p = 0; p < k; p++) {
      long ap = (a + p * csa) & RANGE;
      long bp = (b + p * rsb) & RANGE;
      DoubleVector b0 = DoubleVector.fromMemorySegment(S, ALL, bp, ORDER, valid);
      DoubleVector ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c0 = ai.fma(b0, c0);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c1 = ai.fma(b0, c1);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c2 = ai.fma(b0, c2);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c3 = ai.fma(b0, c3);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long t3 = (Math.min(3, rows - 1) * rst) & RANGE;
    long row = to & RANGE;
    va.mul(c0).intoMemorySegment(ALL, row, ORDER, valid);
    va.mul(c1).intoMemorySegment(ALL, row + t1, ORDER, valid);
    va.mul(c2).intoMemorySegment(ALL, row + t2, ORDER, valid);
    va.mul(c3).intoMemorySegment(ALL, row + t3, ORDER, valid);
  }
}
