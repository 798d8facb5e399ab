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
    va.mul(c00).intoMemorySegment(ALL, row, ORDER);
    va.mul(c01).intoMemorySegment(ALL, row + VB, ORDER);
    va.mul(c10).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c11).intoMemorySegment(ALL, row + t1 + VB, ORDER);
    va.mul(c20).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c21).intoMemorySegment(ALL, row + t2 + VB, ORDER);
    va.mul(c30).intoMemorySegment(ALL, row + t3, ORDER);
    va.mul(c31).intoMemorySegment(ALL, row + t3 + VB, ORDER);
    row = (to + Math.max(0, rows - 4) * rst) & RANGE;
    va.mul(c40).intoMemorySegment(ALL, row, ORDER);
    va.mul(c41).intoMemorySegment(ALL, row + VB, ORDER);
    va.mul(c50).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c51).intoMemorySegment(ALL, row + t1 + VB, ORDER);
    va.mul(c60).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c61).intoMemorySegment(ALL, row + t2 + VB, ORDER);
    va.mul(c70).intoMemorySegment(ALL, row + t3, ORDER);
    va.mul(c71).intoMemorySegment(ALL, row + t3 + VB, ORDER);
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
    va.mul(c00).intoMemorySegment(ALL, row, ORDER);
    va.mul(c01).intoMemorySegment(ALL, row + second, ORDER);
    va.mul(c10).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c11).intoMemorySegment(ALL, row + t1 + second, ORDER);
    va.mul(c20).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c21).intoMemorySegment(ALL, row + t2 + second, ORDER);
    va.mul(c30).intoMemorySegment(ALL, row + t3, ORDER);
    va.mul(c31).intoMemorySegment(ALL, row + t3 + second, ORDER);
    row = (to + Math.max(0, rows - 4) * rst) & RANGE;
    va.mul(c40).intoMemorySegment(ALL, row, ORDER);
    va.mul(c41).intoMemorySegment(ALL, row + second, ORDER);
    va.mul(c50).intoMemorySegment(ALL, row + t1, ORDER);
    va.mul(c51).intoMemorySegment(ALL, row + t1 + second, ORDER);
    va.mul(c60).intoMemorySegment(ALL, row + t2, ORDER);
    va.mul(c61).intoMemorySegment(ALL, row + t2 + second, ORDER);
    va.mul(c70).intoMemorySegment(ALL, row + t3, ORDER);
    va.mul(c71).intoMemorySegment(ALL, row + t3 + second, ORDER);
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
    c00 = va.fma(c00, DoubleVector.fromMemorySegment(S, ALL, low, ORDER));
    c01 = va.fma(c01, DoubleVector.fromMemorySegment(S, ALL, low + VB, ORDER));
    c10 = va.fma(c10, DoubleVector.fromMemorySegment(S, ALL, low + t1, ORDER));
    c11 = va.fma(c11, DoubleVector.fromMemorySegment(S, ALL, low + t1 + VB, ORDER));
    c20 = va.fma(c20, DoubleVector.fromMemorySegment(S, ALL, low + t2, ORDER));
    c21 = va.fma(c21, DoubleVector.fromMemorySegment(S, ALL, low + t2 + VB, ORDER));
    c30 = va.fma(c30, DoubleVector.fromMemorySegment(S, ALL, low + t3, ORDER));
    c31 = va.fma(c31, DoubleVector.fromMemorySegment(S, ALL, low + t3 + VB, ORDER));
    c40 = va.fma(c40, DoubleVector.fromMemorySegment(S, ALL, high, ORDER));
    c41 = va.fma(c41, DoubleVector.fromMemorySegment(S, ALL, high + VB, ORDER));
    c50 = va.fma(c50, DoubleVector.fromMemorySegment(S, ALL, high + t1, ORDER));
    c51 = va.fma(c51, DoubleVector.fromMemorySegment(S, ALL, high + t1 + VB, ORDER));
    c60 = va.fma(c60, DoubleVector.fromMemorySegment(S, ALL, high + t2, ORDER));
    c61 = va.fma(c61, DoubleVector.fromMemorySegment(S, ALL, high + t2 + VB, ORDER));
    c70 = va.fma(c70, DoubleVector.fromMemorySegment(S, ALL, high + t3, ORDER));
    c71 = va.fma(c71, DoubleVector.fromMemorySegment(S, ALL, high + t3 + VB, ORDER));
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
