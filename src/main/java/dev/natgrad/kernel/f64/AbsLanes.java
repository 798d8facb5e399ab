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
 * The lanes of Σ |xᵢ|; the sign is cleared as a bit, since abs() halves the speed.
 *
 * <p>Bits: the blocks of 4·{@link Lanes#GROUP} elements go to four groups of lanes, which are added
 * lane by lane as (g0 + g1) + (g2 + g3). What is left after the last block goes to a group of its
 * own, which is added last: first the last n mod GROUP elements, in the lanes that they have in the
 * last GROUP elements, then the whole groups. So the lanes and their tree are the same at every
 * width; only the number of vectors that hold them differs.
 */
final class AbsLanes {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Elements of one block. */
  private static final int BLOCK = 4 * GROUP;

  private AbsLanes() {}

  /**
   * Stores the {@link Lanes#GROUP} partial sums of n ≥ GROUP elements; 128 bytes of scratch, of
   * which the first 64 hold the sums.
   */
  static void run(int n, long x, long scratch) {
    int whole = n - n % BLOCK;
    if (whole == 0) {
      rest(0, n, x, scratch);
      return;
    }
    // Early, so that it runs beside the blocks. Long vectors are rare: their rest would not be
    // compiled for long, and vectors of code that is not are objects.
    if (whole == n) {
      Lanes.clear(scratch + GROUP_BYTES);
    } else if (n > Lanes.L1_ELEMENTS / 2) {
      scalarRest(whole, n, x, scratch + GROUP_BYTES);
    } else {
      rest(whole, n, x, scratch + GROUP_BYTES);
    }
    switch (VectorWidth.BITS) {
      case 512 -> run512(whole, x, scratch);
      case 256 -> run256(whole, x, scratch);
      default -> run128(whole, x, scratch);
    }
  }

  /**
   * What is left from an element on; not in the methods below, since C2 boxes what is too large.
   */
  private static void rest(int from, int n, long x, long scratch) {
    int end = n - n % GROUP;
    long mask = TailMask.last((n - end) * Double.BYTES);
    for (int at = 0; at < GROUP_BYTES; at += VB) {
      LongVector m =
          DoubleVector.fromMemorySegment(S, ALL, (mask + at) & RANGE, ORDER).reinterpretAsLongs();
      LongVector abs = m.broadcast(Numbers.ABS_BITS);
      long xt = (x + (long) (n - GROUP) * Double.BYTES + at) & RANGE;
      DoubleVector sum =
          DoubleVector.zero(S)
              .add(
                  DoubleVector.fromMemorySegment(S, ALL, xt, ORDER)
                      .reinterpretAsLongs()
                      .and(m)
                      .and(abs)
                      .reinterpretAsDoubles());
      for (int i = from; i < end; i += GROUP) {
        long xi = (x + (long) i * Double.BYTES + at) & RANGE;
        sum =
            DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
                .reinterpretAsLongs()
                .and(abs)
                .reinterpretAsDoubles()
                .add(sum);
      }
      DoubleVector.broadcast(S, 1).mul(sum).intoMemorySegment(ALL, (scratch + at) & RANGE, ORDER);
    }
  }

  /** The same bits, lane by lane. */
  private static void scalarRest(int from, int n, long x, long scratch) {
    int end = n - n % GROUP;
    for (int lane = 0; lane < GROUP; lane++) {
      int last = n - GROUP + lane;
      double sum = 0;
      if (last >= end) {
        sum = sum + Math.abs(get(x, last));
      }
      for (int i = from + lane; i < end; i += GROUP) {
        sum = sum + Math.abs(get(x, i));
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
  private static void run512(int n, long x, long scratch) {
    LongVector abs = DoubleVector.zero(S).reinterpretAsLongs().broadcast(Numbers.ABS_BITS);
    DoubleVector s0 = DoubleVector.zero(S);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    int i = 0;
    for (; i < n - BLOCK; i += 2 * BLOCK) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s3);
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s3);
    }
    if (i < n) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s3);
    }
    DoubleVector one = DoubleVector.broadcast(S, 1);
    long rest = (scratch + GROUP_BYTES) & RANGE;
    DoubleVector.fromMemorySegment(S, ALL, rest, ORDER)
        .add(one.fma(one.fma(s0, s1), one.fma(s2, s3)))
        .intoMemorySegment(ALL, scratch, ORDER);
  }

  private static void run256(int n, long x, long scratch) {
    LongVector abs = DoubleVector.zero(S).reinterpretAsLongs().broadcast(Numbers.ABS_BITS);
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
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 32, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 64, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 96, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s3);
      s4 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 128, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s4);
      s5 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 160, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s5);
      s6 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 192, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s6);
      s7 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 224, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s7);
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

  private static void run128(int n, long x, long scratch) {
    LongVector abs = DoubleVector.zero(S).reinterpretAsLongs().broadcast(Numbers.ABS_BITS);
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
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xi + VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 2 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 3 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s3);
      s4 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 4 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s4);
      s5 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 5 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s5);
      s6 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 6 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s6);
      s7 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 7 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s7);
      s8 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 8 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s8);
      s9 =
          DoubleVector.fromMemorySegment(S, ALL, xi + 9 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(s9);
      sa =
          DoubleVector.fromMemorySegment(S, ALL, xi + 10 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(sa);
      sb =
          DoubleVector.fromMemorySegment(S, ALL, xi + 11 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(sb);
      sc =
          DoubleVector.fromMemorySegment(S, ALL, xi + 12 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(sc);
      sd =
          DoubleVector.fromMemorySegment(S, ALL, xi + 13 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(sd);
      se =
          DoubleVector.fromMemorySegment(S, ALL, xi + 14 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(se);
      sf =
          DoubleVector.fromMemorySegment(S, ALL, xi + 15 * VB, ORDER)
              .reinterpretAsLongs()
              .and(abs)
              .reinterpretAsDoubles()
              .add(sf);
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
