package dev.natgrad.kernel.f64;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.VectorWidth;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The species and lane counts of all kernels on doubles.
 *
 * <p>Static constants, because a species read from a field or a parameter makes C2 box every
 * vector.
 */
final class Lanes {
  /** The species of the width in use. */
  static final VectorSpecies<Double> S = VectorSpecies.of(double.class, VectorWidth.SHAPE);

  /** Lanes of {@link #S}. */
  static final int VL = S.length();

  /** Bytes of one vector of {@link #S}. */
  static final int VB = S.vectorByteSize();

  /** As many elements fit into the first-level cache, with some room: 40 KB. */
  static final int L1_ELEMENTS = (40 << 10) / Double.BYTES;

  /** Elements of 512 bits: reductions have a multiple of so many logical lanes at every width. */
  static final int GROUP = 64 / Double.BYTES;

  /** Whether kernels may use masks: those of two lanes C2 boxes. */
  static final boolean MASKS = VL > 2;

  /** Bytes of one group. */
  static final int GROUP_BYTES = GROUP * Double.BYTES;

  /** The byte order of memory. */
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Lanes() {}

  /** Stores a group of zeros. */
  static void clear(long to) {
    for (int at = 0; at < GROUP_BYTES; at += VB) {
      DoubleVector.zero(S)
          .intoMemorySegment(AddressSpace.ALL, (to + at) & AddressSpace.RANGE, ORDER);
    }
  }
}
