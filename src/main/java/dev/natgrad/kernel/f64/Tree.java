package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/**
 * The end of every reduction: 8 partial sums are added by a fixed tree of scalars, because the
 * order of {@code reduceLanes} differs between the interpreter and C2. Written by hand for each
 * precision, since 512 bits are 8 lanes of double.
 */
final class Tree {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Tree() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  /** Returns the sum of 8 numbers: halves are added until one is left. */
  static double sum(long x) {
    double s0 = get(x, 0) + get(x, 4);
    double s1 = get(x, 1) + get(x, 5);
    double s2 = get(x, 2) + get(x, 6);
    double s3 = get(x, 3) + get(x, 7);
    return (s0 + s2) + (s1 + s3);
  }
}
