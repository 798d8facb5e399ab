package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Elements of doubles (f64) or else of floats, read as doubles. */
final class Wide {
  private static final MemorySegment ALL = AddressSpace.ALL;
  static final ByteOrder ORDER = ByteOrder.nativeOrder();
  static final VectorSpecies<Double> D = VectorSpecies.of(double.class, VectorWidth.SHAPE);

  /** As many floats as {@link #D} has doubles. */
  static final VectorSpecies<Float> F =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.BITS / 2));

  /** Floats of the width in use, twice as many as {@link #D} has doubles. */
  static final VectorSpecies<Float> WHOLE_F = VectorSpecies.of(float.class, VectorWidth.SHAPE);

  static final int VL = D.length();
  static final int VL_F = WHOLE_F.length();

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

  /** The address of element i. */
  static long at(boolean f64, long x, int i) {
    return x + (long) i * (f64 ? Double.BYTES : Float.BYTES);
  }

  /** to ← x, n elements, as doubles. */
  static void widen(boolean f64, int n, long x, long to) {
    int i = 0;
    if (f64) {
      for (; i <= n - VL; i += VL) {
        long at = (long) i * Double.BYTES;
        DoubleVector.fromMemorySegment(D, ALL, (x & RANGE) + at, ORDER)
            .intoMemorySegment(ALL, (to & RANGE) + at, ORDER);
      }
    } else {
      for (; i <= n - VL; i += VL) {
        long at = (x & RANGE) + (long) i * Float.BYTES;
        ((DoubleVector)
                FloatVector.fromMemorySegment(F, ALL, at, ORDER)
                    .convertShape(VectorOperators.F2D, D, 0))
            .intoMemorySegment(ALL, (to & RANGE) + (long) i * Double.BYTES, ORDER);
      }
    }
    for (; i < n; i++) {
      ALL.set(JAVA_DOUBLE, to + (long) i * Double.BYTES, get(f64, x, i));
    }
  }
}
