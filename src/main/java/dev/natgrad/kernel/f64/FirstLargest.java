package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The index of the largest |xᵢ|. Without its sign a number is ordered as the integer of its bits,
 * and NaN come above infinity. Blocks are reduced one by one, so that only the first block with the
 * largest number is searched.
 */
final class FirstLargest {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Elements of a block: few to search, many to a reduction. */
  private static final int BLOCK = 128;

  private FirstLargest() {}

  /** Returns the first index of the largest |xᵢ|, the first NaN if there is one, −1 if n = 0. */
  static int index(int n, long x) {
    long largest = -1;
    int block = 0;
    for (int i = 0; i < n; i += BLOCK) {
      long here = largestBits(Math.min(BLOCK, n - i), x + (long) i * Double.BYTES);
      if (here > largest) {
        largest = here;
        block = i;
        if (here > Numbers.INFINITY_BITS) {
          break;
        }
      }
    }
    // Of several NaN the first counts, not the one with the largest bits.
    long wanted = Math.min(largest, Numbers.INFINITY_BITS + 1L);
    for (int i = block; i < n; i++) {
      if (bits(x, i) >= wanted) {
        return i;
      }
    }
    return -1;
  }

  private static long bits(long x, int i) {
    return ALL.get(Numbers.BITS, x + (long) i * Double.BYTES) & Numbers.ABS_BITS;
  }

  private static long largestBits(int n, long x) {
    long largest = -1;
    int i = 0;
    if (n >= VL) {
      LongVector zero = DoubleVector.zero(S).reinterpretAsLongs();
      LongVector abs = zero.broadcast(Numbers.ABS_BITS);
      LongVector lanes = zero;
      for (; i <= n - VL; i += VL) {
        lanes =
            DoubleVector.fromMemorySegment(S, ALL, (x + (long) i * Double.BYTES) & RANGE, ORDER)
                .reinterpretAsLongs()
                .and(abs)
                .max(lanes);
      }
      largest = zero.max(lanes).reduceLanesToLong(VectorOperators.MAX);
    }
    for (; i < n; i++) {
      largest = Math.max(largest, bits(x, i));
    }
    return largest;
  }
}
