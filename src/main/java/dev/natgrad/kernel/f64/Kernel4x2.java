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
 * The 4 × 2·VL micro-kernel: eight accumulators fill the FMA pipes and fit 16 registers. It takes
 * strides, so it serves packed panels and unpacked operands alike.
 *
 * <p>A 12 × 2·VL tile for packed panels at 512 bits was no faster on whole products, and C2 boxed
 * its vectors in some JVMs (docs/performance.md).
 */
final class Kernel4x2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 4;

  private Kernel4x2() {}

  /**
   * C ← αAB + βC for one tile, A rows×k, B k×2·VL, C rows×2·VL; β = 0 does not read C. All strides
   * in bytes. Where rows &lt; 4 the last row is computed again and C has four rows all the same.
   *
   * @param rsa distance of two rows of A, {@code csa} of two columns
   * @param rsb distance of two rows of B
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
      double beta,
      long c,
      long rsc) {
    long a1 = (Math.min(1, rows - 1) * rsa) & RANGE;
    long a2 = (Math.min(2, rows - 1) * rsa) & RANGE;
    long a3 = (Math.min(3, rows - 1) * rsa) & RANGE;
    DoubleVector c00 = DoubleVector.zero(S);
    DoubleVector c01 = DoubleVector.zero(S);
    DoubleVector c10 = DoubleVector.zero(S);
    DoubleVector c11 = DoubleVector.zero(S);
    DoubleVector c20 = DoubleVector.zero(S);
    DoubleVector c21 = DoubleVector.zero(S);
    DoubleVector c30 = DoubleVector.zero(S);
    DoubleVector c31 = DoubleVector.zero(S);
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
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    long r1 = c + rsc;
    long r2 = r1 + rsc;
    long r3 = r2 + rsc;
    if (beta == 0) {
      c00.mul(va).intoMemorySegment(ALL, c, ORDER);
      c01.mul(va).intoMemorySegment(ALL, c + VB, ORDER);
      c10.mul(va).intoMemorySegment(ALL, r1, ORDER);
      c11.mul(va).intoMemorySegment(ALL, r1 + VB, ORDER);
      c20.mul(va).intoMemorySegment(ALL, r2, ORDER);
      c21.mul(va).intoMemorySegment(ALL, r2 + VB, ORDER);
      c30.mul(va).intoMemorySegment(ALL, r3, ORDER);
      c31.mul(va).intoMemorySegment(ALL, r3 + VB, ORDER);
      return;
    }
    DoubleVector vb = DoubleVector.broadcast(S, beta);
    DoubleVector o = DoubleVector.fromMemorySegment(S, ALL, c, ORDER).mul(vb);
    c00.fma(va, o).intoMemorySegment(ALL, c, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, c + VB, ORDER).mul(vb);
    c01.fma(va, o).intoMemorySegment(ALL, c + VB, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, r1, ORDER).mul(vb);
    c10.fma(va, o).intoMemorySegment(ALL, r1, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, r1 + VB, ORDER).mul(vb);
    c11.fma(va, o).intoMemorySegment(ALL, r1 + VB, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, r2, ORDER).mul(vb);
    c20.fma(va, o).intoMemorySegment(ALL, r2, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, r2 + VB, ORDER).mul(vb);
    c21.fma(va, o).intoMemorySegment(ALL, r2 + VB, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, r3, ORDER).mul(vb);
    c30.fma(va, o).intoMemorySegment(ALL, r3, ORDER);
    o = DoubleVector.fromMemorySegment(S, ALL, r3 + VB, ORDER).mul(vb);
    c31.fma(va, o).intoMemorySegment(ALL, r3 + VB, ORDER);
  }
}
