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
 * The lanes of Σ xᵢyᵢ.
 *
 * <p>Bits: element i goes to lane i mod 4·{@link Lanes#GROUP}, whole groups after the last block to
 * the lanes of the first group; then lane by lane (g0 + g1) + (g2 + g3). So the lanes and their
 * tree are the same at every width; only the number of vectors that hold them differs.
 */
final class DotLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Elements of one block. */
  private static final int BLOCK = 4 * GROUP;

  private DotLanes() {}

  /**
   * Stores the {@link Lanes#GROUP} partial sums of the first n elements, n a multiple of the group.
   */
  static void run(int n, long x, long y, long scratch) {
    switch (VectorWidth.BITS) {
      case 512 -> run512(n, x, y, scratch);
      case 256 -> run256(n, x, y, scratch);
      default -> run128(n, x, y, scratch);
    }
  }

  private static void run512(int n, long x, long y, long scratch) {
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    int whole = n - n % BLOCK;
    for (int i = 0; i < whole; i += BLOCK) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + VB, ORDER), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 2 * VB, ORDER), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 3 * VB, ORDER), s3);
    }
    for (int i = whole; i < n; i += GROUP) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(ALL, scratch, ORDER);
  }

  private static void run256(int n, long x, long y, long scratch) {
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
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + VB, ORDER), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 2 * VB, ORDER), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 3 * VB, ORDER), s3);
      s4 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 4 * VB, ORDER), s4);
      s5 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 5 * VB, ORDER), s5);
      s6 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 6 * VB, ORDER), s6);
      s7 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 7 * VB, ORDER), s7);
    }
    for (int i = whole; i < n; i += GROUP) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + VB, ORDER), s1);
    }
    s0.add(s2).add(s4.add(s6)).intoMemorySegment(ALL, scratch, ORDER);
    s1.add(s3).add(s5.add(s7)).intoMemorySegment(ALL, scratch + VB, ORDER);
  }

  private static void run128(int n, long x, long y, long scratch) {
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
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + VB, ORDER), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 2 * VB, ORDER), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 3 * VB, ORDER), s3);
      s4 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 4 * VB, ORDER), s4);
      s5 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 5 * VB, ORDER), s5);
      s6 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 6 * VB, ORDER), s6);
      s7 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 7 * VB, ORDER), s7);
      s8 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 8 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 8 * VB, ORDER), s8);
      s9 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 9 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 9 * VB, ORDER), s9);
      sa =
          DoubleVector.fromMemorySegment(S, ALL, xi + 10 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 10 * VB, ORDER), sa);
      sb =
          DoubleVector.fromMemorySegment(S, ALL, xi + 11 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 11 * VB, ORDER), sb);
      sc =
          DoubleVector.fromMemorySegment(S, ALL, xi + 12 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 12 * VB, ORDER), sc);
      sd =
          DoubleVector.fromMemorySegment(S, ALL, xi + 13 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 13 * VB, ORDER), sd);
      se =
          DoubleVector.fromMemorySegment(S, ALL, xi + 14 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 14 * VB, ORDER), se);
      sf =
          DoubleVector.fromMemorySegment(S, ALL, xi + 15 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 15 * VB, ORDER), sf);
    }
    for (int i = whole; i < n; i += GROUP) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + VB, ORDER), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 2 * VB, ORDER), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 3 * VB, ORDER), s3);
    }
    s0.add(s4).add(s8.add(sc)).intoMemorySegment(ALL, scratch, ORDER);
    s1.add(s5).add(s9.add(sd)).intoMemorySegment(ALL, scratch + VB, ORDER);
    s2.add(s6).add(sa.add(se)).intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    s3.add(s7).add(sb.add(sf)).intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
  }
}
