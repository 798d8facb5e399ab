package dev.natgrad.kernel.f64;

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
 * <p>At 512 bits the kernels fold their rows in registers, up to eight at once: a stage takes the
 * lower halves of what is left of the rows of two vectors into one vector and the upper halves into
 * another, and adds them. A vector with itself repeats its rows.
 */
final class RowFold {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** The rows of a whole fold at 512 bits; with more lanes one stage more follows. */
  static final int ROWS = 8;

  private static final int COUNT = Integer.numberOfTrailingZeros(VL);

  /** For each stage the lanes of the lower halves, then those of the upper; at 512 bits only. */
  static final long STAGES = VB == 64 ? stages() : 0;

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
   * Puts α times the sums of the first rows, {@link Lanes#GROUP_BYTES} each, one after the other to
   * the beginning of them.
   */
  static void run(int rows, double alpha, long scratch) {
    for (int r = 0; r < rows; r++) {
      // The first row's lanes are read before the second sum overwrites one.
      double sum = Tree.sum(scratch + r * GROUP_BYTES);
      ALL.set(JAVA_DOUBLE, scratch + r * Double.BYTES, alpha * sum);
    }
  }
}
