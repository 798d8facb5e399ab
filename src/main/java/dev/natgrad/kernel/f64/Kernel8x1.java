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
 * The 8 × VL micro-kernel for the last columns of a product, of which there is at most one vector.
 * As {@link Kernel4x2} otherwise.
 */
final class Kernel8x1 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 8;

  private Kernel8x1() {}

  /**
   * T ← αAB as {@link Kernel4x2#run}, rows 1…8, one vector wide; the last four rows and the first
   * four may overlap.
   */
  static void run(
      int rows,
      int k,
      double alpha,
      long a,
      long rsa,
      long csa,
      long b,
      long rsb,
      long to,
      long rst) {
    long a1 = (Math.min(1, rows - 1) * rsa) & RANGE;
    long a2 = (Math.min(2, rows - 1) * rsa) & RANGE;
    long a3 = (Math.min(3, rows - 1) * rsa) & RANGE;
    long half = Math.max(0, rows - 4) * rsa;
    DoubleVector c0 = DoubleVector.zero(S);
    DoubleVector c1 = DoubleVector.zero(S);
    DoubleVector c2 = DoubleVector.zero(S);
    DoubleVector c3 = DoubleVector.zero(S);
    DoubleVector c4 = DoubleVector.zero(S);
    DoubleVector c5 = DoubleVector.zero(S);
    DoubleVector c6 = DoubleVector.zero(S);
    DoubleVector c7 = DoubleVector.zero(S);
    for (int p = 0; p < k; p++) {
      long ap = (a + p * csa) & RANGE;
      long bp = (b + p * rsb) & RANGE;
      DoubleVector b0 = DoubleVector.fromMemorySegment(S, ALL, bp, ORDER);
      DoubleVector ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c0 = ai.fma(b0, c0);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c1 = ai.fma(b0, c1);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c2 = ai.fma(b0, c2);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c3 = ai.fma(b0, c3);
      ap = (ap + half) & RANGE;
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c4 = ai.fma(b0, c4);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c5 = ai.fma(b0, c5);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c6 = ai.fma(b0, c6);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c7 = ai.fma(b0, c7);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long t3 = (Math.min(3, rows - 1) * rst) & RANGE;
    long row = to & RANGE;
    va.mul(c0).intoMemorySegment(ALL, row, ORDER);
    va.mul(c1).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c2).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c3).intoMemorySegment(ALL, row + t3, ORDER);
    row = (to + Math.max(0, rows - 4) * rst) & RANGE;
    va.mul(c4).intoMemorySegment(ALL, row, ORDER);
    va.mul(c5).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c6).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c7).intoMemorySegment(ALL, row + t3, ORDER);
  }

  /**
   * The same where the vector is not full: its columns from cols on are read as zero, so they need
   * not exist in B, and written as zero. Not at two lanes, where C2 boxes masks.
   *
   * @param cols columns of B, 1…VL
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
    VectorMask<Double> last = S.indexInRange(0, cols);
    long a1 = (Math.min(1, rows - 1) * rsa) & RANGE;
    long a2 = (Math.min(2, rows - 1) * rsa) & RANGE;
    long a3 = (Math.min(3, rows - 1) * rsa) & RANGE;
    long half = Math.max(0, rows - 4) * rsa;
    DoubleVector c0 = DoubleVector.zero(S);
    DoubleVector c1 = DoubleVector.zero(S);
    DoubleVector c2 = DoubleVector.zero(S);
    DoubleVector c3 = DoubleVector.zero(S);
    DoubleVector c4 = DoubleVector.zero(S);
    DoubleVector c5 = DoubleVector.zero(S);
    DoubleVector c6 = DoubleVector.zero(S);
    DoubleVector c7 = DoubleVector.zero(S);
    for (int p = 0; p < k; p++) {
      long ap = (a + p * csa) & RANGE;
      long bp = (b + p * rsb) & RANGE;
      DoubleVector b0 = DoubleVector.fromMemorySegment(S, ALL, bp, ORDER, last);
      DoubleVector ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c0 = ai.fma(b0, c0);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c1 = ai.fma(b0, c1);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c2 = ai.fma(b0, c2);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c3 = ai.fma(b0, c3);
      ap = (ap + half) & RANGE;
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c4 = ai.fma(b0, c4);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c5 = ai.fma(b0, c5);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c6 = ai.fma(b0, c6);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c7 = ai.fma(b0, c7);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long t3 = (Math.min(3, rows - 1) * rst) & RANGE;
    long row = to & RANGE;
    va.mul(c0).intoMemorySegment(ALL, row, ORDER);
    va.mul(c1).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c2).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c3).intoMemorySegment(ALL, row + t3, ORDER);
    row = (to + Math.max(0, rows - 4) * rst) & RANGE;
    va.mul(c4).intoMemorySegment(ALL, row, ORDER);
    va.mul(c5).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c6).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c7).intoMemorySegment(ALL, row + t3, ORDER);
  }
}
