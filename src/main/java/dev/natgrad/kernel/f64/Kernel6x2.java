package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * The 6 × 2·VL micro-kernel. With 16 registers it is the largest tile that C2 does not spill: half
 * as many accumulators again as the FMA pipes need hide what {@link Kernel4x2} waits for. With 32
 * it serves last rows of which {@link Kernel8x2} would leave a quarter empty.
 */
final class Kernel6x2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 6;

  private Kernel6x2() {}

  /**
   * T ← αAB as {@link Kernel4x2#run}, rows 1…6; the last three rows and the first three may
   * overlap.
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
    long half = Math.max(0, rows - 3) * rsa;
    DoubleVector c00 = DoubleVector.zero(S);
    DoubleVector c01 = DoubleVector.zero(S);
    DoubleVector c10 = DoubleVector.zero(S);
    DoubleVector c11 = DoubleVector.zero(S);
    DoubleVector c20 = DoubleVector.zero(S);
    DoubleVector c21 = DoubleVector.zero(S);
    DoubleVector c30 = DoubleVector.zero(S);
    DoubleVector c31 = DoubleVector.zero(S);
    DoubleVector c40 = DoubleVector.zero(S);
    DoubleVector c41 = DoubleVector.zero(S);
    DoubleVector c50 = DoubleVector.zero(S);
    DoubleVector c51 = DoubleVector.zero(S);
    for (int p = 0; p < k; p++) {
      long ap = (a + p * csa) & RANGE;
      long bp = (b + p * rsb) & RANGE;
      DoubleVector b0 = DoubleVector.fromMemorySegment(S, ALL, bp, ORDER);
      DoubleVector b1 = DoubleVector.fromMemorySegment(S, ALL, bp + VB, ORDER);
      DoubleVector ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c00 = ai.fma(b0, c00);
      c01 = ai.fma(b1, c01);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c10 = ai.fma(b0, c10);
      c11 = ai.fma(b1, c11);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c20 = ai.fma(b0, c20);
      c21 = ai.fma(b1, c21);
      ap = (ap + half) & RANGE;
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c40 = ai.fma(b0, c40);
      c41 = ai.fma(b1, c41);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c50 = ai.fma(b0, c50);
      c51 = ai.fma(b1, c51);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long row = to & RANGE;
    va.mul(c00).intoMemorySegment(ALL, row, ORDER);
    va.mul(c01).intoMemorySegment(ALL, row + VB, ORDER);
    va.mul(c10).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c11).intoMemorySegment(ALL, row + t1 + VB, ORDER);
    va.mul(c20).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c21).intoMemorySegment(ALL, row + t2 + VB, ORDER);
    row = (to + Math.max(0, rows - 3) * rst) & RANGE;
    va.mul(c30).intoMemorySegment(ALL, row, ORDER);
    va.mul(c31).intoMemorySegment(ALL, row + VB, ORDER);
    va.mul(c40).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c41).intoMemorySegment(ALL, row + t1 + VB, ORDER);
    va.mul(c50).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c51).intoMemorySegment(ALL, row + t2 + VB, ORDER);
  }

  /** T ← αAB as {@link #run} for fewer columns, see {@link Kernel4x2#overlapping}. */
  static void overlapping(
      int rows,
      int k,
      double alpha,
      long a,
      long rsa,
      long csa,
      long b,
      long rsb,
      long to,
      long rst,
      long second) {
    long a1 = (Math.min(1, rows - 1) * rsa) & RANGE;
    long a2 = (Math.min(2, rows - 1) * rsa) & RANGE;
    long half = Math.max(0, rows - 3) * rsa;
    DoubleVector c00 = DoubleVector.zero(S);
    DoubleVector c01 = DoubleVector.zero(S);
    DoubleVector c10 = DoubleVector.zero(S);
    DoubleVector c11 = DoubleVector.zero(S);
    DoubleVector c20 = DoubleVector.zero(S);
    DoubleVector c21 = DoubleVector.zero(S);
    DoubleVector c30 = DoubleVector.zero(S);
    DoubleVector c31 = DoubleVector.zero(S);
    DoubleVector c40 = DoubleVector.zero(S);
    DoubleVector c41 = DoubleVector.zero(S);
    DoubleVector c50 = DoubleVector.zero(S);
    DoubleVector c51 = DoubleVector.zero(S);
    for (int p = 0; p < k; p++) {
      long ap = (a + p * csa) & RANGE;
      long bp = (b + p * rsb) & RANGE;
      DoubleVector b0 = DoubleVector.fromMemorySegment(S, ALL, bp, ORDER);
      DoubleVector b1 = DoubleVector.fromMemorySegment(S, ALL, bp + second, ORDER);
      DoubleVector ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c00 = ai.fma(b0, c00);
      c01 = ai.fma(b1, c01);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c10 = ai.fma(b0, c10);
      c11 = ai.fma(b1, c11);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c20 = ai.fma(b0, c20);
      c21 = ai.fma(b1, c21);
      ap = (ap + half) & RANGE;
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c40 = ai.fma(b0, c40);
      c41 = ai.fma(b1, c41);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c50 = ai.fma(b0, c50);
      c51 = ai.fma(b1, c51);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long row = to & RANGE;
    va.mul(c00).intoMemorySegment(ALL, row, ORDER);
    va.mul(c01).intoMemorySegment(ALL, row + second, ORDER);
    va.mul(c10).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c11).intoMemorySegment(ALL, row + t1 + second, ORDER);
    va.mul(c20).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c21).intoMemorySegment(ALL, row + t2 + second, ORDER);
    row = (to + Math.max(0, rows - 3) * rst) & RANGE;
    va.mul(c30).intoMemorySegment(ALL, row, ORDER);
    va.mul(c31).intoMemorySegment(ALL, row + second, ORDER);
    va.mul(c40).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c41).intoMemorySegment(ALL, row + t1 + second, ORDER);
    va.mul(c50).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c51).intoMemorySegment(ALL, row + t2 + second, ORDER);
  }
}
