package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP_BYTES;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * The sums of several rows' lanes, each by {@link Tree#sum}'s order.
 *
 * <p>At 512 bits eight rows at once: a stage takes the lower halves of what is left of the rows of
 * two vectors into one vector and the upper halves into another, and adds them.
 */
final class RowFold {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** The most rows of a call. */
  static final int ROWS = 8;

  private static final boolean WIDE = VB == 64;

  private static final int COUNT = Integer.numberOfTrailingZeros(VL);

  /** For each stage the lanes of the lower halves, then those of the upper. */
  private static final long STAGES = WIDE ? stages() : 0;

  private RowFold() {}

  private static long stages() {
    MemorySegment table = Arena.global().allocate(2L * COUNT * VB, VB);
    LongVector lane = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1);
    for (int stage = 0; stage < COUNT; stage++) {
      int bits = COUNT - 1 - stage;
      LongVector row = lane.lanewise(LSHR, bits);
      LongVector lower = lane.add(row.lanewise(LSHL, bits));
      lower.intoMemorySegment(table, 2L * stage * VB, ORDER);
      lower.add(1 << bits).intoMemorySegment(table, (2L * stage + 1) * VB, ORDER);
    }
    return table.address();
  }

  /**
   * Puts the sums of the first rows, {@link Lanes#GROUP_BYTES} each, one after the other to the
   * beginning of them; room for {@link #ROWS} rows is read and written.
   */
  static void run(int rows, long scratch) {
    if (WIDE) {
      eight(scratch);
    } else {
      for (int r = 0; r < rows; r++) {
        // The first row's lanes are read before the second sum overwrites one.
        ALL.set(JAVA_DOUBLE, scratch + r * Double.BYTES, Tree.sum(scratch + r * GROUP_BYTES));
      }
    }
  }

  private static void eight(long scratch) {
    long index = STAGES & RANGE;
    long x = scratch & RANGE;
    LongVector low = DoubleVector.fromMemorySegment(S, ALL, index, ORDER).reinterpretAsLongs();
    LongVector high =
        DoubleVector.fromMemorySegment(S, ALL, index + VB, ORDER).reinterpretAsLongs();
    LongVector r0 = DoubleVector.fromMemorySegment(S, ALL, x, ORDER).reinterpretAsLongs();
    LongVector r1 = DoubleVector.fromMemorySegment(S, ALL, x + 1 * VB, ORDER).reinterpretAsLongs();
    LongVector r2 = DoubleVector.fromMemorySegment(S, ALL, x + 2 * VB, ORDER).reinterpretAsLongs();
    LongVector r3 = DoubleVector.fromMemorySegment(S, ALL, x + 3 * VB, ORDER).reinterpretAsLongs();
    LongVector r4 = DoubleVector.fromMemorySegment(S, ALL, x + 4 * VB, ORDER).reinterpretAsLongs();
    LongVector r5 = DoubleVector.fromMemorySegment(S, ALL, x + 5 * VB, ORDER).reinterpretAsLongs();
    LongVector r6 = DoubleVector.fromMemorySegment(S, ALL, x + 6 * VB, ORDER).reinterpretAsLongs();
    LongVector r7 = DoubleVector.fromMemorySegment(S, ALL, x + 7 * VB, ORDER).reinterpretAsLongs();
    LongVector s0 =
        low.selectFrom(r0, r1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(r0, r1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector s1 =
        low.selectFrom(r2, r3)
            .reinterpretAsDoubles()
            .add(high.selectFrom(r2, r3).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector s2 =
        low.selectFrom(r4, r5)
            .reinterpretAsDoubles()
            .add(high.selectFrom(r4, r5).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector s3 =
        low.selectFrom(r6, r7)
            .reinterpretAsDoubles()
            .add(high.selectFrom(r6, r7).reinterpretAsDoubles())
            .reinterpretAsLongs();
    low = DoubleVector.fromMemorySegment(S, ALL, index + 2 * VB, ORDER).reinterpretAsLongs();
    high = DoubleVector.fromMemorySegment(S, ALL, index + 3 * VB, ORDER).reinterpretAsLongs();
    LongVector t0 =
        low.selectFrom(s0, s1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(s0, s1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    LongVector t1 =
        low.selectFrom(s2, s3)
            .reinterpretAsDoubles()
            .add(high.selectFrom(s2, s3).reinterpretAsDoubles())
            .reinterpretAsLongs();
    low = DoubleVector.fromMemorySegment(S, ALL, index + 4 * VB, ORDER).reinterpretAsLongs();
    high = DoubleVector.fromMemorySegment(S, ALL, index + 5 * VB, ORDER).reinterpretAsLongs();
    LongVector u =
        low.selectFrom(t0, t1)
            .reinterpretAsDoubles()
            .add(high.selectFrom(t0, t1).reinterpretAsDoubles())
            .reinterpretAsLongs();
    if (COUNT > 3) {
      low = DoubleVector.fromMemorySegment(S, ALL, index + 6 * VB, ORDER).reinterpretAsLongs();
      high = DoubleVector.fromMemorySegment(S, ALL, index + 7 * VB, ORDER).reinterpretAsLongs();
      u =
          low.selectFrom(u, u)
              .reinterpretAsDoubles()
              .add(high.selectFrom(u, u).reinterpretAsDoubles())
              .reinterpretAsLongs();
    }
    u.reinterpretAsDoubles().intoMemorySegment(ALL, x, ORDER);
  }
}
