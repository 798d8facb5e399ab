package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.SQRT;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Scores and products with diagonal Fisher matrices on n contiguous elements; an output may be an
 * input itself. Body and tail do the same IEEE operations in the same order.
 */
public final class FamilyProducts {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private FamilyProducts() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /** u ← α·p∘(1 − p)∘t. */
  public static void bernoulliProduct(int n, double alpha, long p, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, p + at, ORDER);
      v.neg()
          .lanewise(FMA, v, v)
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(p, i);
      set(u, i, Math.fma(-v, v, v) * alpha * get(t, i));
    }
  }

  /** u ← α·√(p∘(1 − p))∘t. */
  public static void bernoulliFactor(int n, double alpha, long p, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, p + at, ORDER);
      v.neg()
          .lanewise(FMA, v, v)
          .lanewise(SQRT)
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(p, i);
      set(u, i, Numbers.sqrt(Math.fma(-v, v, v)) * alpha * get(t, i));
    }
  }

  /** u ← α·m∘t. */
  public static void product(int n, double alpha, long m, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER)
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(m, i) * alpha * get(t, i));
    }
  }

  /** u ← α·√m∘t. */
  public static void rootProduct(int n, double alpha, long m, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER)
          .lanewise(SQRT)
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, Numbers.sqrt(get(m, i)) * alpha * get(t, i));
    }
  }

  /** u ← α(m − y). */
  public static void difference(int n, double alpha, long m, long y, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER)
          .sub(DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER))
          .mul(va)
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, (get(m, i) - get(y, i)) * alpha);
    }
  }

  /** u ← α(m − y)/m. */
  public static void relativeDifference(int n, double alpha, long m, long y, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER);
      v.sub(DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER))
          .div(v)
          .mul(va)
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      set(u, i, (v - get(y, i)) / v * alpha);
    }
  }

  /**
   * u ← α(m − y)·r/(r + m), both divided by s = max(m, 1) first: r/(r + m) alone has no digits left
   * in float where m is large and r small.
   */
  public static void dampedDifference(int n, double alpha, double r, long m, long y, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vr = DoubleVector.broadcast(S, r);
    DoubleVector one = DoubleVector.broadcast(S, 1);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER);
      v.sub(DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER))
          .div(v.max(one))
          .mul(vr.div(v.add(vr).div(v.max(one))))
          .mul(va)
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      double s = Math.max(v, 1);
      set(u, i, (v - get(y, i)) / s * (r / ((v + r) / s)) * alpha);
    }
  }

  /**
   * u ← α·(m·r/(r + m))∘t, as l/(1 + l/h) of the lesser l and the greater h of both: nothing that
   * counts leaves the range of float.
   */
  public static void dampedProduct(int n, double alpha, double r, long m, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vr = DoubleVector.broadcast(S, r);
    DoubleVector one = DoubleVector.broadcast(S, 1);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER);
      DoubleVector least = v.min(vr);
      least
          .div(least.div(v.max(vr)).add(one))
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      double least = Math.min(v, r);
      set(u, i, least / (least / Math.max(v, r) + 1) * alpha * get(t, i));
    }
  }

  /** u ← α·√(m·r/(r + m))∘t, as {@link #dampedProduct}. */
  public static void dampedRootProduct(int n, double alpha, double r, long m, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vr = DoubleVector.broadcast(S, r);
    DoubleVector one = DoubleVector.broadcast(S, 1);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER);
      DoubleVector least = v.min(vr);
      least
          .div(least.div(v.max(vr)).add(one))
          .lanewise(SQRT)
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      double least = Math.min(v, r);
      set(u, i, Numbers.sqrt(least / (least / Math.max(v, r) + 1)) * alpha * get(t, i));
    }
  }

  /** u ← α(m − y)/v and s ← ½α(1 − (m − y)²/v): the score of mean m and log-variance ln v. */
  public static void gaussianScore(int n, double alpha, long m, long v, long y, long u, long s) {
    int whole = S.loopBound(n);
    double half = alpha / 2;
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vh = DoubleVector.broadcast(S, half);
    DoubleVector one = DoubleVector.broadcast(S, 1);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector d =
          DoubleVector.fromMemorySegment(S, ALL, m + at, ORDER)
              .sub(DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER));
      DoubleVector scaled = d.div(DoubleVector.fromMemorySegment(S, ALL, v + at, ORDER));
      scaled.mul(va).intoMemorySegment(ALL, u + at, ORDER);
      d.mul(scaled).neg().add(one).mul(vh).intoMemorySegment(ALL, s + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double d = get(m, i) - get(y, i);
      double scaled = d / get(v, i);
      set(u, i, scaled * alpha);
      set(s, i, (-(d * scaled) + 1) * half);
    }
  }

  /** u ← αt/v. */
  public static void quotient(int n, double alpha, long v, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER)
          .div(DoubleVector.fromMemorySegment(S, ALL, v + at, ORDER))
          .mul(va)
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(t, i) / get(v, i) * alpha);
    }
  }

  /** u ← αt/√v. */
  public static void rootQuotient(int n, double alpha, long v, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER)
          .div(DoubleVector.fromMemorySegment(S, ALL, v + at, ORDER).lanewise(SQRT))
          .mul(va)
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(t, i) / Numbers.sqrt(get(v, i)) * alpha);
    }
  }

  /** u ← αt. */
  public static void scale(int n, double alpha, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER)
          .mul(va)
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(t, i) * alpha);
    }
  }
}
