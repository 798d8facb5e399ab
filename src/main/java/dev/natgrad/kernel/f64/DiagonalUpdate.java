package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/** One-pass updates of a diagonal matrix held as n entries. */
public final class DiagonalUpdate {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private DiagonalUpdate() {}

  /** d ← keep·d + add·q∘q. */
  public static void accumulateSquares(int n, double keep, double add, long q, long d) {
    int bound = n - n % Lanes.VL;
    DoubleVector vk = DoubleVector.broadcast(Lanes.S, keep);
    DoubleVector va = DoubleVector.broadcast(Lanes.S, add);
    for (int i = 0; i < bound; i += Lanes.VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector qi = DoubleVector.fromMemorySegment(Lanes.S, ALL, q + at, Lanes.ORDER);
      DoubleVector di = DoubleVector.fromMemorySegment(Lanes.S, ALL, d + at, Lanes.ORDER);
      di.mul(vk).add(qi.mul(qi).mul(va)).intoMemorySegment(ALL, d + at, Lanes.ORDER);
    }
    for (int i = bound; i < n; i++) {
      long at = (long) i * Double.BYTES;
      double qi = ALL.get(JAVA_DOUBLE, q + at);
      ALL.set(JAVA_DOUBLE, d + at, ALL.get(JAVA_DOUBLE, d + at) * keep + qi * qi * add);
    }
  }

  /**
   * out ← 1/max(αd + shift, least), least the smallest normal number, and 0 where αd + shift is 0.
   */
  public static void invert(int n, double alpha, long d, double shift, long out) {
    int bound = n - n % Lanes.VL;
    DoubleVector va = DoubleVector.broadcast(Lanes.S, alpha);
    DoubleVector vs = DoubleVector.broadcast(Lanes.S, shift);
    DoubleVector least = DoubleVector.broadcast(Lanes.S, Double.MIN_NORMAL);
    DoubleVector most = DoubleVector.broadcast(Lanes.S, Double.MAX_VALUE);
    DoubleVector one = DoubleVector.broadcast(Lanes.S, 1);
    for (int i = 0; i < bound; i += Lanes.VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector s =
          DoubleVector.fromMemorySegment(Lanes.S, ALL, d + at, Lanes.ORDER).mul(va).add(vs);
      // 0 for 0, else 1: a mask costs fifty times as much where vectors have two lanes. Squared,
      // since a sum below 0, by a negative α or shift, would else make it −∞.
      DoubleVector large = s.mul(most);
      DoubleVector some = large.mul(large).mul(most).min(one);
      one.div(s.max(least)).mul(some).intoMemorySegment(ALL, out + at, Lanes.ORDER);
    }
    for (int i = bound; i < n; i++) {
      long at = (long) i * Double.BYTES;
      double s = ALL.get(JAVA_DOUBLE, d + at) * alpha + shift;
      ALL.set(JAVA_DOUBLE, out + at, s == 0 ? 0 : 1 / Math.max(s, Double.MIN_NORMAL));
    }
  }
}
