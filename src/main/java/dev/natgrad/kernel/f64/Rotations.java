package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/** Plane rotations of pairs of rows. */
public final class Rotations {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Rotations() {}

  /** (x, y) ← (cx − sy, sx + cy), n elements each. */
  public static void apply(int n, double c, double s, long x, long y) {
    int bound = n - n % Lanes.VL;
    DoubleVector vc = DoubleVector.broadcast(Lanes.S, c);
    DoubleVector vs = DoubleVector.broadcast(Lanes.S, s);
    for (int i = 0; i < bound; i += Lanes.VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector xi = DoubleVector.fromMemorySegment(Lanes.S, ALL, x + at, Lanes.ORDER);
      DoubleVector yi = DoubleVector.fromMemorySegment(Lanes.S, ALL, y + at, Lanes.ORDER);
      xi.mul(vc).sub(yi.mul(vs)).intoMemorySegment(ALL, x + at, Lanes.ORDER);
      xi.mul(vs).add(yi.mul(vc)).intoMemorySegment(ALL, y + at, Lanes.ORDER);
    }
    for (int i = bound; i < n; i++) {
      long at = (long) i * Double.BYTES;
      double xi = ALL.get(JAVA_DOUBLE, x + at);
      double yi = ALL.get(JAVA_DOUBLE, y + at);
      ALL.set(JAVA_DOUBLE, x + at, xi * c - yi * s);
      ALL.set(JAVA_DOUBLE, y + at, xi * s + yi * c);
    }
  }
}
