package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.GROUP_BYTES;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.TailMask;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * The lanes of Σ xᵢyᵢ.
 *
 * <p>Bits: the blocks of 4·{@link Lanes#GROUP} elements go to four groups of lanes, which are added
 * lane by lane as (g0 + g1) + (g2 + g3). What is left after the last block goes to a group of its
 * own, which is added last: first the last n mod GROUP elements, in the lanes that they have in the
 * last GROUP elements, then the whole groups. So the lanes and their tree are the same at every
 * width; only the number of vectors that hold them differs.
 */
final class DotLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Elements of one block. */
  private static final int BLOCK = 4 * GROUP;

  private DotLanes() {}

  /**
   * Stores the {@link Lanes#GROUP} partial sums of n ≥ GROUP elements; 128 bytes of scratch, of
   * which the first 64 hold the sums.
   */
  static void run(int n, long x, long y, long scratch) {
    int whole = n - n % BLOCK;
    if (whole == 0) {
      rest(0, n, x, y, scratch);
      return;
    }
    // Early, so that it runs beside the blocks. Long vectors are rare: their rest would not be
    // compiled for long, and vectors of code that is not are objects.
    if (whole == n) {
      Lanes.clear(scratch + GROUP_BYTES);
    } else if (n > Lanes.L1_ELEMENTS / 2) {
      scalarRest(whole, n, x, y, scratch + GROUP_BYTES);
    } else {
      rest(whole, n, x, y, scratch + GROUP_BYTES);
    }
    switch (VectorWidth.BITS) {
      case 512 -> run512(whole, x, y, scratch);
      case 256 -> run256(whole, x, y, scratch);
      default -> run128(whole, x, y, scratch);
    }
  }

  /**
   * What is left from an element on; not in the methods below, since C2 boxes what is too large.
   */
  private static void rest(int from, int n, long x, long y, long scratch) {
    int end = n - n % GROUP;
    long mask = TailMask.last((n - end) * Double.BYTES);
    for (int at = 0; at < GROUP_BYTES; at += VB) {
      LongVector m =
          DoubleVector.fromMemorySegment(S, ALL, (mask + at) & RANGE, ORDER).reinterpretAsLongs();
      long xt = (x + (long) (n - GROUP) * Double.BYTES + at) & RANGE;
      long yt = (y + (long) (n - GROUP) * Double.BYTES + at) & RANGE;
      DoubleVector sum =
          DoubleVector.fromMemorySegment(S, ALL, xt, ORDER)
              .reinterpretAsLongs()
              .and(m)
              .reinterpretAsDoubles()
              .fma(
                  DoubleVector.fromMemorySegment(S, ALL, yt, ORDER)
                      .reinterpretAsLongs()
                      .and(m)
                      .reinterpretAsDoubles(),
                  DoubleVector.zero(S));
      for (int i = from; i < end; i += GROUP) {
        long xi = (x + (long) i * Double.BYTES + at) & RANGE;
        long yi = (y + (long) i * Double.BYTES + at) & RANGE;
        sum =
            DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
                .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), sum);
      }
      DoubleVector.broadcast(S, 1).mul(sum).intoMemorySegment(ALL, (scratch + at) & RANGE, ORDER);
    }
  }

  /** The same bits, lane by lane. */
  private static void scalarRest(int from, int n, long x, long y, long scratch) {
    int end = n - n % GROUP;
    for (int lane = 0; lane < GROUP; lane++) {
      int last = n - GROUP + lane;
      double sum = 0;
      if (last >= end) {
        sum = Math.fma(get(x, last), get(y, last), sum);
      }
      for (int i = from + lane; i < end; i += GROUP) {
        sum = Math.fma(get(x, i), get(y, i), sum);
      }
      ALL.set(JAVA_DOUBLE, scratch + (long) lane * Double.BYTES, sum);
    }
  }

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  /**
   * Two blocks at once: the processor fetches ahead by strides of each load, and twice the stride
   * reaches farther into L2.
   */
  private static void run512(int n, long x, long y, long scratch) {
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    int i = 0;
    for (; i < n - BLOCK; i += 2 * BLOCK) {
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
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 4 * VB, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 5 * VB, ORDER), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 6 * VB, ORDER), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 7 * VB, ORDER), s3);
    }
    if (i < n) {
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
    DoubleVector one = DoubleVector.broadcast(S, 1);
    long rest = (scratch + GROUP_BYTES) & RANGE;
    DoubleVector.fromMemorySegment(S, ALL, rest, ORDER)
        .add(one.fma(one.fma(s0, s1), one.fma(s2, s3)))
        .intoMemorySegment(ALL, scratch, ORDER);
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
    for (int i = 0; i < n; i += BLOCK) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi, ORDER), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 32, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 32, ORDER), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 64, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 64, ORDER), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 96, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 96, ORDER), s3);
      s4 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 128, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 128, ORDER), s4);
      s5 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 160, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 160, ORDER), s5);
      s6 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 192, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 192, ORDER), s6);
      s7 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 224, ORDER)
              .fma(DoubleVector.fromMemorySegment(S, ALL, yi + 224, ORDER), s7);
    }
    DoubleVector one = DoubleVector.broadcast(S, 1);
    long rest = (scratch + GROUP_BYTES) & RANGE;
    DoubleVector.fromMemorySegment(S, ALL, rest, ORDER)
        .add(one.fma(one.fma(s0, s2), one.fma(s4, s6)))
        .intoMemorySegment(ALL, scratch, ORDER);
    DoubleVector.fromMemorySegment(S, ALL, rest + 32, ORDER)
        .add(one.fma(one.fma(s1, s3), one.fma(s5, s7)))
        .intoMemorySegment(ALL, scratch + 32, ORDER);
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
    for (int i = 0; i < n; i += BLOCK) {
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
    DoubleVector one = DoubleVector.broadcast(S, 1);
    long rest = (scratch + GROUP_BYTES) & RANGE;
    DoubleVector.fromMemorySegment(S, ALL, rest, ORDER)
        .add(one.fma(one.fma(s0, s4), one.fma(s8, sc)))
        .intoMemorySegment(ALL, scratch, ORDER);
    DoubleVector.fromMemorySegment(S, ALL, rest + VB, ORDER)
        .add(one.fma(one.fma(s1, s5), one.fma(s9, sd)))
        .intoMemorySegment(ALL, scratch + VB, ORDER);
    DoubleVector.fromMemorySegment(S, ALL, rest + 2 * VB, ORDER)
        .add(one.fma(one.fma(s2, s6), one.fma(sa, se)))
        .intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    DoubleVector.fromMemorySegment(S, ALL, rest + 3 * VB, ORDER)
        .add(one.fma(one.fma(s3, s7), one.fma(sb, sf)))
        .intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
  }
}
