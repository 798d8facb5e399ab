package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * The lanes of Σ |xᵢ|.
 *
 * <p>Bits: element i goes to lane i mod 4·{@link Lanes#GROUP}, whole groups after the last block to
 * the lanes of the first group; then lane by lane (g0 + g1) + (g2 + g3). So the lanes and their
 * tree are the same at every width; only the number of vectors that hold them differs.
 */
final class AbsLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Elements of one block. */
  private static final int BLOCK = 4 * GROUP;

  private AbsLanes() {}

  /**
   * Stores the {@link Lanes#GROUP} partial sums of the first n elements, n a multiple of the group.
   */
  static void run(int n, long x, long scratch) {
    switch (VectorWidth.BITS) {
      case 512 -> run512(n, x, scratch);
      case 256 -> run256(n, x, scratch);
      default -> run128(n, x, scratch);
    }
  }

  private static void run512(int n, long x, long scratch) {
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    int whole = n - n % BLOCK;
    for (int i = 0; i < whole; i += BLOCK) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 = s0.add(DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).abs());
      s1 = s1.add(DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER).abs());
      s2 = s2.add(DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER).abs());
      s3 = s3.add(DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER).abs());
    }
    for (int i = whole; i < n; i += GROUP) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 = s0.add(DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).abs());
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(ALL, scratch, ORDER);
  }

  private static void run256(int n, long x, long scratch) {
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    DoubleVector s4 = DoubleVector.zero(S);
    DoubleVector s5 = DoubleVector.zero(S);
    DoubleVector s6 = DoubleVector.zero(S);
    DoubleVector s7 = DoubleVector.zero(S);
    int whole = n - n % BLOCK;
    for (int i = 0; i < whole; i += BLOCK) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 = s0.add(DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).abs());
      s1 = s1.add(DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER).abs());
      s2 = s2.add(DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER).abs());
      s3 = s3.add(DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER).abs());
      s4 = s4.add(DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER).abs());
      s5 = s5.add(DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER).abs());
      s6 = s6.add(DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER).abs());
      s7 = s7.add(DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER).abs());
    }
    for (int i = whole; i < n; i += GROUP) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 = s0.add(DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).abs());
      s1 = s1.add(DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER).abs());
    }
    s0.add(s2).add(s4.add(s6)).intoMemorySegment(ALL, scratch, ORDER);
    s1.add(s3).add(s5.add(s7)).intoMemorySegment(ALL, scratch + VB, ORDER);
  }

  private static void run128(int n, long x, long scratch) {
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    DoubleVector s4 = DoubleVector.zero(S);
    DoubleVector s5 = DoubleVector.zero(S);
    DoubleVector s6 = DoubleVector.zero(S);
    DoubleVector s7 = DoubleVector.zero(S);
    DoubleVector s8 = DoubleVector.zero(S);
    DoubleVector s9 = DoubleVector.zero(S);
    DoubleVector sa = DoubleVector.zero(S);
    DoubleVector sb = DoubleVector.zero(S);
    DoubleVector sc = DoubleVector.zero(S);
    DoubleVector sd = DoubleVector.zero(S);
    DoubleVector se = DoubleVector.zero(S);
    DoubleVector sf = DoubleVector.zero(S);
    int whole = n - n % BLOCK;
    for (int i = 0; i < whole; i += BLOCK) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 = s0.add(DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).abs());
      s1 = s1.add(DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER).abs());
      s2 = s2.add(DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER).abs());
      s3 = s3.add(DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER).abs());
      s4 = s4.add(DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER).abs());
      s5 = s5.add(DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER).abs());
      s6 = s6.add(DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER).abs());
      s7 = s7.add(DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER).abs());
      s8 = s8.add(DoubleVector.fromMemorySegment(S, ALL, xi + 8 * VB, ORDER).abs());
      s9 = s9.add(DoubleVector.fromMemorySegment(S, ALL, xi + 9 * VB, ORDER).abs());
      sa = sa.add(DoubleVector.fromMemorySegment(S, ALL, xi + 10 * VB, ORDER).abs());
      sb = sb.add(DoubleVector.fromMemorySegment(S, ALL, xi + 11 * VB, ORDER).abs());
      sc = sc.add(DoubleVector.fromMemorySegment(S, ALL, xi + 12 * VB, ORDER).abs());
      sd = sd.add(DoubleVector.fromMemorySegment(S, ALL, xi + 13 * VB, ORDER).abs());
      se = se.add(DoubleVector.fromMemorySegment(S, ALL, xi + 14 * VB, ORDER).abs());
      sf = sf.add(DoubleVector.fromMemorySegment(S, ALL, xi + 15 * VB, ORDER).abs());
    }
    for (int i = whole; i < n; i += GROUP) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 = s0.add(DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).abs());
      s1 = s1.add(DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER).abs());
      s2 = s2.add(DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER).abs());
      s3 = s3.add(DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER).abs());
    }
    s0.add(s4).add(s8.add(sc)).intoMemorySegment(ALL, scratch, ORDER);
    s1.add(s5).add(s9.add(sd)).intoMemorySegment(ALL, scratch + VB, ORDER);
    s2.add(s6).add(sa.add(se)).intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    s3.add(s7).add(sb.add(sf)).intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
  }
}
