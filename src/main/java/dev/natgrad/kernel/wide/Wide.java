package dev.natgrad.kernel.wide;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Elements of doubles (f64) or else of floats, read as doubles. */
final class Wide {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Wide() {}

  static double get(boolean f64, long x, int i) {
    return f64
        ? ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES)
        : ALL.get(JAVA_FLOAT, x + (long) i * Float.BYTES);
  }

  /** The address of row i of a matrix with row stride lda. */
  static long row(boolean f64, long a, int lda, int i) {
    return a + (long) i * lda * (f64 ? Double.BYTES : Float.BYTES);
  }
}
