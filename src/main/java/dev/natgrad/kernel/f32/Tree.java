package dev.natgrad.kernel.f32;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/**
 * The end of every reduction: 16 partial sums are added by a fixed tree of scalars, because the
 * order of {@code reduceLanes} differs between the interpreter and C2. Written by hand for each
 * precision, since 512 bits are 16 lanes of float.
 */
final class Tree {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Tree() {}

  private static float get(long x, int i) {
    return ALL.get(JAVA_FLOAT, x + (long) i * Float.BYTES);
  }

  /** Returns the sum of 16 numbers: halves are added until one is left. */
  static float sum(long x) {
    float s0 = get(x, 0) + get(x, 8);
    float s1 = get(x, 1) + get(x, 9);
    float s2 = get(x, 2) + get(x, 10);
    float s3 = get(x, 3) + get(x, 11);
    float s4 = get(x, 4) + get(x, 12);
    float s5 = get(x, 5) + get(x, 13);
    float s6 = get(x, 6) + get(x, 14);
    float s7 = get(x, 7) + get(x, 15);
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
  }
}
