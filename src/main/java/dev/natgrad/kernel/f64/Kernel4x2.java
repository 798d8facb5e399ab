package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/**
 * The 4 × 2·VL micro-kernel: eight accumulators fill the FMA pipes and fit 16 registers. It takes
 * strides, so it serves packed panels and unpacked operands alike.
 *
 * <p>It adds nothing to C: with a branch for β its bytecode is nearly twice as long. Past some 100
 * vector operations (a masked one counts for several) C1 runs out of virtual registers, and the
 * method may then stay in the interpreter for ever, with every vector an object.
 */
final class Kernel4x2 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Rows of the tile. */
  static final int MR = 4;

  private Kernel4x2() {}

  /**
   * T ← αAB for one tile, A rows×k, B k×2·VL, T rows×2·VL; all strides in bytes. Rows beyond the
   * last are the last again, written over itself.
   *
   * @param rows rows of A and T, 1…4
   * @param rsa distance of two rows of A, {@code csa} of two columns
   * @param rsb distance of two rows of B
   * @param rst distance of two rows of T
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
  }

  /**
   * The same for fewer than 2·VL columns: the second vector begins before the first ends, and
   * writes the same there. A method of its own: a distance that is not a constant costs {@link
   * #run} 15 percent at 256 bits.
   *
   * @param second distance of the second vectors of B and T from the first, above 0
   */
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
  }

  /**
   * The same where the second vector is not full: its columns from cols on are read as zero, so
   * they need not exist in B, and written as zero. Not at two lanes, where C2 boxes masks.
   *
   * @param cols columns of B, VL + 1…2·VL
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
    VectorMask<Double> last = S.indexInRange(VL, cols);
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
      DoubleVector b1 = DoubleVector.fromMemorySegment(S, ALL, bp + VB, ORDER, last);
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
  }
}
