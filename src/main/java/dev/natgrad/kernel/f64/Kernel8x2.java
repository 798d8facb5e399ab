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
 * The 8 × 2·VL micro-kernel for 32 registers: twice the accumulators that the FMA pipes need, so a
 * late load does not stall them. As {@link Kernel4x2} otherwise; C2 spills it at 16 registers.
 */
final class Kernel8x2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 8;

  private Kernel8x2() {}

  /**
   * T ← αAB as {@link Kernel4x2#run}, rows 1…8; the last four rows and the first four may overlap.
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
    DoubleVector c60 = DoubleVector.zero(S);
    DoubleVector c61 = DoubleVector.zero(S);
    DoubleVector c70 = DoubleVector.zero(S);
    DoubleVector c71 = DoubleVector.zero(S);
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
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
      ap = (ap + half) & RANGE;
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c40 = ai.fma(b0, c40);
      c41 = ai.fma(b1, c41);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c50 = ai.fma(b0, c50);
      c51 = ai.fma(b1, c51);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c60 = ai.fma(b0, c60);
      c61 = ai.fma(b1, c61);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c70 = ai.fma(b0, c70);
      c71 = ai.fma(b1, c71);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long t3 = (Math.min(3, rows - 1) * rst) & RANGE;
    long row = to & RANGE;
    c00.mul(va).intoMemorySegment(ALL, row, ORDER);
    c01.mul(va).intoMemorySegment(ALL, row + VB, ORDER);
    c10.mul(va).intoMemorySegment(ALL, row + t1, ORDER);
    c11.mul(va).intoMemorySegment(ALL, row + t1 + VB, ORDER);
    c20.mul(va).intoMemorySegment(ALL, row + t2, ORDER);
    c21.mul(va).intoMemorySegment(ALL, row + t2 + VB, ORDER);
    c30.mul(va).intoMemorySegment(ALL, row + t3, ORDER);
    c31.mul(va).intoMemorySegment(ALL, row + t3 + VB, ORDER);
    row = (to + Math.max(0, rows - 4) * rst) & RANGE;
    c40.mul(va).intoMemorySegment(ALL, row, ORDER);
    c41.mul(va).intoMemorySegment(ALL, row + VB, ORDER);
    c50.mul(va).intoMemorySegment(ALL, row + t1, ORDER);
    c51.mul(va).intoMemorySegment(ALL, row + t1 + VB, ORDER);
    c60.mul(va).intoMemorySegment(ALL, row + t2, ORDER);
    c61.mul(va).intoMemorySegment(ALL, row + t2 + VB, ORDER);
    c70.mul(va).intoMemorySegment(ALL, row + t3, ORDER);
    c71.mul(va).intoMemorySegment(ALL, row + t3 + VB, ORDER);
  }

  /**
   * T ← αAB + T as {@link #run}: all of T is read before any of it is written, because rows may be
   * there twice.
   */
  static void add(
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
    DoubleVector c60 = DoubleVector.zero(S);
    DoubleVector c61 = DoubleVector.zero(S);
    DoubleVector c70 = DoubleVector.zero(S);
    DoubleVector c71 = DoubleVector.zero(S);
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
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
      ap = (ap + half) & RANGE;
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap));
      c40 = ai.fma(b0, c40);
      c41 = ai.fma(b1, c41);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a1));
      c50 = ai.fma(b0, c50);
      c51 = ai.fma(b1, c51);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a2));
      c60 = ai.fma(b0, c60);
      c61 = ai.fma(b1, c61);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, ap + a3));
      c70 = ai.fma(b0, c70);
      c71 = ai.fma(b1, c71);
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long t1 = (Math.min(1, rows - 1) * rst) & RANGE;
    long t2 = (Math.min(2, rows - 1) * rst) & RANGE;
    long t3 = (Math.min(3, rows - 1) * rst) & RANGE;
    long low = to & RANGE;
    long high = (to + Math.max(0, rows - 4) * rst) & RANGE;
    c00 = c00.fma(va, DoubleVector.fromMemorySegment(S, ALL, low, ORDER));
    c01 = c01.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + VB, ORDER));
    c10 = c10.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + t1, ORDER));
    c11 = c11.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + t1 + VB, ORDER));
    c20 = c20.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + t2, ORDER));
    c21 = c21.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + t2 + VB, ORDER));
    c30 = c30.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + t3, ORDER));
    c31 = c31.fma(va, DoubleVector.fromMemorySegment(S, ALL, low + t3 + VB, ORDER));
    c40 = c40.fma(va, DoubleVector.fromMemorySegment(S, ALL, high, ORDER));
    c41 = c41.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + VB, ORDER));
    c50 = c50.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + t1, ORDER));
    c51 = c51.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + t1 + VB, ORDER));
    c60 = c60.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + t2, ORDER));
    c61 = c61.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + t2 + VB, ORDER));
    c70 = c70.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + t3, ORDER));
    c71 = c71.fma(va, DoubleVector.fromMemorySegment(S, ALL, high + t3 + VB, ORDER));
    c00.intoMemorySegment(ALL, low, ORDER);
    c01.intoMemorySegment(ALL, low + VB, ORDER);
    c10.intoMemorySegment(ALL, low + t1, ORDER);
    c11.intoMemorySegment(ALL, low + t1 + VB, ORDER);
    c20.intoMemorySegment(ALL, low + t2, ORDER);
    c21.intoMemorySegment(ALL, low + t2 + VB, ORDER);
    c30.intoMemorySegment(ALL, low + t3, ORDER);
    c31.intoMemorySegment(ALL, low + t3 + VB, ORDER);
    c40.intoMemorySegment(ALL, high, ORDER);
    c41.intoMemorySegment(ALL, high + VB, ORDER);
    c50.intoMemorySegment(ALL, high + t1, ORDER);
    c51.intoMemorySegment(ALL, high + t1 + VB, ORDER);
    c60.intoMemorySegment(ALL, high + t2, ORDER);
    c61.intoMemorySegment(ALL, high + t2 + VB, ORDER);
    c70.intoMemorySegment(ALL, high + t3, ORDER);
    c71.intoMemorySegment(ALL, high + t3 + VB, ORDER);
  }
}
