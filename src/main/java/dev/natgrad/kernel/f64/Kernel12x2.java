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
 * The 12 × 2·VL micro-kernel for 512 bits: 24 accumulators, two vectors of B and one of A take 27
 * of the 32 registers. At 256 bits C2 spills it, so {@link Kernel4x2} serves there.
 */
final class Kernel12x2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 12;

  private static final int ROW = 2 * VB;

  private Kernel12x2() {}

  /** Tile ← AB on packed panels, A 12×k, B k×2·VL; the tile is 12×2·VL without gaps. */
  static void run(int k, long ap, long bp, long tile) {
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
    DoubleVector c80 = DoubleVector.zero(S);
    DoubleVector c81 = DoubleVector.zero(S);
    DoubleVector c90 = DoubleVector.zero(S);
    DoubleVector c91 = DoubleVector.zero(S);
    DoubleVector ca0 = DoubleVector.zero(S);
    DoubleVector ca1 = DoubleVector.zero(S);
    DoubleVector cb0 = DoubleVector.zero(S);
    DoubleVector cb1 = DoubleVector.zero(S);
    for (int p = 0; p < k; p++) {
      long a = (ap + (long) p * (MR * Double.BYTES)) & RANGE;
      long b = (bp + (long) p * ROW) & RANGE;
      DoubleVector b0 = DoubleVector.fromMemorySegment(S, ALL, b, ORDER);
      DoubleVector b1 = DoubleVector.fromMemorySegment(S, ALL, b + VB, ORDER);
      DoubleVector ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a));
      c00 = ai.fma(b0, c00);
      c01 = ai.fma(b1, c01);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + Double.BYTES));
      c10 = ai.fma(b0, c10);
      c11 = ai.fma(b1, c11);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 2 * Double.BYTES));
      c20 = ai.fma(b0, c20);
      c21 = ai.fma(b1, c21);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 3 * Double.BYTES));
      c30 = ai.fma(b0, c30);
      c31 = ai.fma(b1, c31);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 4 * Double.BYTES));
      c40 = ai.fma(b0, c40);
      c41 = ai.fma(b1, c41);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 5 * Double.BYTES));
      c50 = ai.fma(b0, c50);
      c51 = ai.fma(b1, c51);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 6 * Double.BYTES));
      c60 = ai.fma(b0, c60);
      c61 = ai.fma(b1, c61);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 7 * Double.BYTES));
      c70 = ai.fma(b0, c70);
      c71 = ai.fma(b1, c71);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 8 * Double.BYTES));
      c80 = ai.fma(b0, c80);
      c81 = ai.fma(b1, c81);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 9 * Double.BYTES));
      c90 = ai.fma(b0, c90);
      c91 = ai.fma(b1, c91);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 10 * Double.BYTES));
      ca0 = ai.fma(b0, ca0);
      ca1 = ai.fma(b1, ca1);
      ai = DoubleVector.broadcast(S, ALL.get(JAVA_DOUBLE_UNALIGNED, a + 11 * Double.BYTES));
      cb0 = ai.fma(b0, cb0);
      cb1 = ai.fma(b1, cb1);
    }
    c00.intoMemorySegment(ALL, tile, ORDER);
    c01.intoMemorySegment(ALL, tile + VB, ORDER);
    c10.intoMemorySegment(ALL, tile + ROW, ORDER);
    c11.intoMemorySegment(ALL, tile + ROW + VB, ORDER);
    c20.intoMemorySegment(ALL, tile + 2 * ROW, ORDER);
    c21.intoMemorySegment(ALL, tile + 2 * ROW + VB, ORDER);
    c30.intoMemorySegment(ALL, tile + 3 * ROW, ORDER);
    c31.intoMemorySegment(ALL, tile + 3 * ROW + VB, ORDER);
    c40.intoMemorySegment(ALL, tile + 4 * ROW, ORDER);
    c41.intoMemorySegment(ALL, tile + 4 * ROW + VB, ORDER);
    c50.intoMemorySegment(ALL, tile + 5 * ROW, ORDER);
    c51.intoMemorySegment(ALL, tile + 5 * ROW + VB, ORDER);
    c60.intoMemorySegment(ALL, tile + 6 * ROW, ORDER);
    c61.intoMemorySegment(ALL, tile + 6 * ROW + VB, ORDER);
    c70.intoMemorySegment(ALL, tile + 7 * ROW, ORDER);
    c71.intoMemorySegment(ALL, tile + 7 * ROW + VB, ORDER);
    c80.intoMemorySegment(ALL, tile + 8 * ROW, ORDER);
    c81.intoMemorySegment(ALL, tile + 8 * ROW + VB, ORDER);
    c90.intoMemorySegment(ALL, tile + 9 * ROW, ORDER);
    c91.intoMemorySegment(ALL, tile + 9 * ROW + VB, ORDER);
    ca0.intoMemorySegment(ALL, tile + 10 * ROW, ORDER);
    ca1.intoMemorySegment(ALL, tile + 10 * ROW + VB, ORDER);
    cb0.intoMemorySegment(ALL, tile + 11 * ROW, ORDER);
    cb1.intoMemorySegment(ALL, tile + 11 * ROW + VB, ORDER);
  }
}
