package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
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

  private static DoubleVector load(long x, int i) {
    return DoubleVector.fromMemorySegment(S, ALL, x + (long) i * Double.BYTES, ORDER);
  }

  private static void store(DoubleVector v, long x, int i) {
    v.intoMemorySegment(ALL, x + (long) i * Double.BYTES, ORDER);
  }

  /** u ← α·m∘t. */
  public static void product(int n, double alpha, long m, long t, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      store(load(m, i).mul(alpha).mul(load(t, i)), u, i);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(m, i) * alpha * get(t, i));
    }
  }

  /** u ← α·√m∘t. */
  public static void rootProduct(int n, double alpha, long m, long t, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      store(load(m, i).lanewise(SQRT).mul(alpha).mul(load(t, i)), u, i);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, Numbers.sqrt(get(m, i)) * alpha * get(t, i));
    }
  }

  /** u ← α(m − y). */
  public static void difference(int n, double alpha, long m, long y, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      store(load(m, i).sub(load(y, i)).mul(alpha), u, i);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, (get(m, i) - get(y, i)) * alpha);
    }
  }

  /** u ← α(m − y)/m. */
  public static void relativeDifference(int n, double alpha, long m, long y, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      DoubleVector v = load(m, i);
      store(v.sub(load(y, i)).div(v).mul(alpha), u, i);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      set(u, i, (v - get(y, i)) / v * alpha);
    }
  }

  /** u ← α(m − y)·r/(r + m). */
  public static void dampedDifference(int n, double alpha, double r, long m, long y, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      DoubleVector v = load(m, i);
      store(v.sub(load(y, i)).mul(DoubleVector.broadcast(S, r).div(v.add(r))).mul(alpha), u, i);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      set(u, i, (v - get(y, i)) * (r / (v + r)) * alpha);
    }
  }

  /** u ← α·(m·r/(r + m))∘t. */
  public static void dampedProduct(int n, double alpha, double r, long m, long t, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      DoubleVector v = load(m, i);
      store(v.mul(DoubleVector.broadcast(S, r).div(v.add(r))).mul(alpha).mul(load(t, i)), u, i);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      set(u, i, v * (r / (v + r)) * alpha * get(t, i));
    }
  }

  /** u ← α·√(m·r/(r + m))∘t. */
  public static void dampedRootProduct(int n, double alpha, double r, long m, long t, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      DoubleVector v = load(m, i);
      store(
          v.mul(DoubleVector.broadcast(S, r).div(v.add(r)))
              .lanewise(SQRT)
              .mul(alpha)
              .mul(load(t, i)),
          u,
          i);
    }
    for (int i = whole; i < n; i++) {
      double v = get(m, i);
      set(u, i, Numbers.sqrt(v * (r / (v + r))) * alpha * get(t, i));
    }
  }

  /** u ← α(m − y)/v and s ← ½α(1 − (m − y)²/v): the score of mean m and log-variance ln v. */
  public static void gaussianScore(int n, double alpha, long m, long v, long y, long u, long s) {
    int whole = S.loopBound(n);
    double half = alpha / 2;
    for (int i = 0; i < whole; i += VL) {
      DoubleVector d = load(m, i).sub(load(y, i));
      DoubleVector scaled = d.div(load(v, i));
      store(scaled.mul(alpha), u, i);
      store(d.mul(scaled).neg().add(1).mul(half), s, i);
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
    for (int i = 0; i < whole; i += VL) {
      store(load(t, i).div(load(v, i)).mul(alpha), u, i);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(t, i) / get(v, i) * alpha);
    }
  }

  /** u ← αt/√v. */
  public static void rootQuotient(int n, double alpha, long v, long t, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      store(load(t, i).div(load(v, i).lanewise(SQRT)).mul(alpha), u, i);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(t, i) / Numbers.sqrt(get(v, i)) * alpha);
    }
  }

  /** u ← αt. */
  public static void scale(int n, double alpha, long t, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      store(load(t, i).mul(alpha), u, i);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(t, i) * alpha);
    }
  }
}
