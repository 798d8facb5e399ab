package dev.natgrad.kernel.f32;

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

/**
 * Kernels on float data that compute or store in double; no f64 kernel has this shape.
 *
 * <p>Bits of the sum: element i goes to double lane i mod 16; then lanes i and i + 8 are added,
 * then halves as in the other reductions; the elements after the last 16 are added at the end, in
 * order.
 */
public final class MixedLevel1 {
  private static final MemorySegment ALL = AddressSpace.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, VectorWidth.SHAPE);

  /** As many floats as {@link #D} has doubles. */
  private static final VectorSpecies<Float> F =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.BITS / 2));

  private static final int VL = D.length();
  private static final int VB = D.vectorByteSize();
  private static final int FB = F.vectorByteSize();
  private static final int LANES = 16;

  private MixedLevel1() {}

  /** Returns xᵀy accumulated in double; 64 bytes of scratch. */
  public static double dsdot(int n, long x, long y, long scratch) {
    int whole = n - n % LANES;
    double tail = 0;
    for (int i = whole; i < n; i++) {
      long at = (long) i * Float.BYTES;
      tail =
          Math.fma(
              (double) ALL.get(JAVA_FLOAT, x + at), (double) ALL.get(JAVA_FLOAT, y + at), tail);
    }
    if (whole == 0) {
      return tail;
    }
    switch (VectorWidth.BITS) {
      case 512 -> lanes512(whole, x, y, scratch);
      case 256 -> lanes256(whole, x, y, scratch);
      default -> lanes128(whole, x, y, scratch);
    }
    return tree(scratch) + tail;
  }

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static double tree(long x) {
    double s0 = get(x, 0) + get(x, 4);
    double s1 = get(x, 1) + get(x, 5);
    double s2 = get(x, 2) + get(x, 6);
    double s3 = get(x, 3) + get(x, 7);
    return (s0 + s2) + (s1 + s3);
  }

  private static void lanes512(int n, long x, long y, long scratch) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    for (int i = 0; i < n; i += LANES) {
      long xi = (x + (long) i * Float.BYTES) & RANGE;
      long yi = (y + (long) i * Float.BYTES) & RANGE;
      FloatVector f = FloatVector.fromMemorySegment(F, ALL, xi, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(F, ALL, yi, ORDER);
      s0 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s0);
      f = FloatVector.fromMemorySegment(F, ALL, xi + FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + FB, ORDER);
      s1 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s1);
    }
    DoubleVector one = DoubleVector.broadcast(D, 1);
    one.fma(s0, s1).intoMemorySegment(ALL, scratch, ORDER);
  }

  private static void lanes256(int n, long x, long y, long scratch) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector s2 = DoubleVector.zero(D);
    DoubleVector s3 = DoubleVector.zero(D);
    for (int i = 0; i < n; i += LANES) {
      long xi = (x + (long) i * Float.BYTES) & RANGE;
      long yi = (y + (long) i * Float.BYTES) & RANGE;
      FloatVector f = FloatVector.fromMemorySegment(F, ALL, xi, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(F, ALL, yi, ORDER);
      s0 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s0);
      f = FloatVector.fromMemorySegment(F, ALL, xi + FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + FB, ORDER);
      s1 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s1);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 2 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 2 * FB, ORDER);
      s2 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s2);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 3 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 3 * FB, ORDER);
      s3 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s3);
    }
    DoubleVector one = DoubleVector.broadcast(D, 1);
    one.fma(s0, s2).intoMemorySegment(ALL, scratch, ORDER);
    one.fma(s1, s3).intoMemorySegment(ALL, scratch + VB, ORDER);
  }

  private static void lanes128(int n, long x, long y, long scratch) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector s2 = DoubleVector.zero(D);
    DoubleVector s3 = DoubleVector.zero(D);
    DoubleVector s4 = DoubleVector.zero(D);
    DoubleVector s5 = DoubleVector.zero(D);
    DoubleVector s6 = DoubleVector.zero(D);
    DoubleVector s7 = DoubleVector.zero(D);
    for (int i = 0; i < n; i += LANES) {
      long xi = (x + (long) i * Float.BYTES) & RANGE;
      long yi = (y + (long) i * Float.BYTES) & RANGE;
      FloatVector f = FloatVector.fromMemorySegment(F, ALL, xi, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(F, ALL, yi, ORDER);
      s0 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s0);
      f = FloatVector.fromMemorySegment(F, ALL, xi + FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + FB, ORDER);
      s1 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s1);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 2 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 2 * FB, ORDER);
      s2 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s2);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 3 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 3 * FB, ORDER);
      s3 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s3);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 4 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 4 * FB, ORDER);
      s4 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s4);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 5 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 5 * FB, ORDER);
      s5 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s5);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 6 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 6 * FB, ORDER);
      s6 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s6);
      f = FloatVector.fromMemorySegment(F, ALL, xi + 7 * FB, ORDER);
      g = FloatVector.fromMemorySegment(F, ALL, yi + 7 * FB, ORDER);
      s7 =
          ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0))
              .fma((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0), s7);
    }
    DoubleVector one = DoubleVector.broadcast(D, 1);
    one.fma(s0, s4).intoMemorySegment(ALL, scratch, ORDER);
    one.fma(s1, s5).intoMemorySegment(ALL, scratch + VB, ORDER);
    one.fma(s2, s6).intoMemorySegment(ALL, scratch + 2 * VB, ORDER);
    one.fma(s3, s7).intoMemorySegment(ALL, scratch + 3 * VB, ORDER);
  }
}
