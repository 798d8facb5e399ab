package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/** Adam's update of n parameters in one pass. */
public final class AdamUpdate {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private AdamUpdate() {}

  /** m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g∘g, θ ← θ − αm/(√v + δ). */
  public static void apply(
      int n,
      double alpha,
      double beta1,
      double beta2,
      double delta,
      long g,
      long m,
      long v,
      long theta) {
    double rest1 = 1 - beta1;
    double rest2 = 1 - beta2;
    int bound = n - n % Lanes.VL;
    DoubleVector b1 = DoubleVector.broadcast(Lanes.S, beta1);
    DoubleVector r1 = DoubleVector.broadcast(Lanes.S, rest1);
    DoubleVector b2 = DoubleVector.broadcast(Lanes.S, beta2);
    DoubleVector r2 = DoubleVector.broadcast(Lanes.S, rest2);
    DoubleVector va = DoubleVector.broadcast(Lanes.S, alpha);
    DoubleVector vd = DoubleVector.broadcast(Lanes.S, delta);
    for (int i = 0; i < bound; i += Lanes.VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector gi = DoubleVector.fromMemorySegment(Lanes.S, ALL, g + at, Lanes.ORDER);
      DoubleVector mi = DoubleVector.fromMemorySegment(Lanes.S, ALL, m + at, Lanes.ORDER);
      DoubleVector vi = DoubleVector.fromMemorySegment(Lanes.S, ALL, v + at, Lanes.ORDER);
      DoubleVector ti = DoubleVector.fromMemorySegment(Lanes.S, ALL, theta + at, Lanes.ORDER);
      mi = mi.mul(b1).add(gi.mul(r1));
      vi = vi.mul(b2).add(gi.mul(gi).mul(r2));
      mi.intoMemorySegment(ALL, m + at, Lanes.ORDER);
      vi.intoMemorySegment(ALL, v + at, Lanes.ORDER);
      ti.sub(mi.mul(va).div(vi.sqrt().add(vd))).intoMemorySegment(ALL, theta + at, Lanes.ORDER);
    }
    for (int i = bound; i < n; i++) {
      long at = (long) i * Double.BYTES;
      double gi = ALL.get(JAVA_DOUBLE, g + at);
      double mi = ALL.get(JAVA_DOUBLE, m + at) * beta1 + gi * rest1;
      double vi = ALL.get(JAVA_DOUBLE, v + at) * beta2 + gi * gi * rest2;
      ALL.set(JAVA_DOUBLE, m + at, mi);
      ALL.set(JAVA_DOUBLE, v + at, vi);
      ALL.set(
          JAVA_DOUBLE,
          theta + at,
          ALL.get(JAVA_DOUBLE, theta + at) - mi * alpha / (Numbers.sqrt(vi) + delta));
    }
  }
}
