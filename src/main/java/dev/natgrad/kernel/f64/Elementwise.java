package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementwise kernels on n contiguous elements; an output may be an input itself.
 *
 * <p>Where a polynomial is involved the last elements go through scratch, 128 bytes, and the vector
 * body: so they have the same bits by construction, without a scalar copy of each polynomial. From
 * one vector up they are the last vector, most of whose elements are computed twice; it is put
 * aside before the others are overwritten. Elsewhere one operation ends the loop.
 */
public final class Elementwise {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** From the first scratch vector to the second, in bytes. */
  private static final int SECOND = 64;

  private Elementwise() {}

  /** A function on whole vectors: n is a multiple of VL. */
  private interface Body {
    void run(int n, long x, long y);
  }

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /**
   * Copies n &lt; VL elements to scratch. What follows them is zero: a whole vector is stored,
   * because no load can take from a store that is narrower before that has reached the cache.
   */
  private static void copyIn(int n, long from, long scratch) {
    if (VL == 2) {
      // One double: the masks of two C2 boxes on x86.
      set(scratch, 0, get(from, 0));
    } else {
      VectorMask<Double> mask = S.indexInRange(0, n);
      DoubleVector.fromMemorySegment(S, ALL, from & RANGE, ORDER, mask)
          .intoMemorySegment(ALL, scratch & RANGE, ORDER);
    }
  }

  /** Copies n &lt; VL elements from scratch. */
  private static void copyOut(int n, long scratch, long to) {
    if (VL == 2) {
      set(to, 0, get(scratch, 0));
    } else {
      DoubleVector.fromMemorySegment(S, ALL, scratch & RANGE, ORDER)
          .intoMemorySegment(ALL, to & RANGE, ORDER, S.indexInRange(0, n));
    }
  }

  private static void copyVector(long from, long to) {
    DoubleVector.fromMemorySegment(S, ALL, from & RANGE, ORDER)
        .intoMemorySegment(ALL, to & RANGE, ORDER);
  }

  private static void map(int n, long x, long y, long scratch, Body body) {
    int whole = S.loopBound(n);
    if (whole == n) {
      body.run(n, x, y);
    } else if (whole == 0) {
      copyIn(n, x, scratch);
      body.run(VL, scratch, scratch);
      copyOut(n, scratch, y);
    } else {
      long at = (long) (n - VL) * Double.BYTES;
      copyVector(x + at, scratch);
      body.run(whole, x, y);
      body.run(VL, scratch, scratch);
      copyVector(scratch, y + at);
    }
  }

  /** The same for a body that reads x and multiplies u, which is not x. */
  private static void multiply(int n, long x, long u, long scratch, Body body) {
    int whole = S.loopBound(n);
    long second = scratch + SECOND;
    if (whole == n) {
      body.run(n, x, u);
    } else if (whole == 0) {
      copyIn(n, x, scratch);
      copyIn(n, u, second);
      body.run(VL, scratch, second);
      copyOut(n, second, u);
    } else {
      long at = (long) (n - VL) * Double.BYTES;
      copyVector(x + at, scratch);
      copyVector(u + at, second);
      body.run(whole, x, u);
      body.run(VL, scratch, second);
      copyVector(second, u + at);
    }
  }

  /** y ← exp x. */
  public static void exp(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Exponentials::exp);
  }

  /** y ← exp x − 1. */
  public static void expm1(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Exponentials::expm1);
  }

  /** y ← ln x. */
  public static void log(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Logarithms::log);
  }

  /** y ← ln(1 + x). */
  public static void log1p(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Logarithms::log1p);
  }

  /** y ← tanh x. */
  public static void tanh(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Exponentials::tanh);
  }

  /** y ← 1/(1 + exp(−x)). */
  public static void logistic(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Exponentials::logistic);
  }

  /** y ← ln(1 + exp x). */
  public static void softplus(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Logarithms::softplus);
  }

  /** y ← x/(1 + exp(−x)). */
  public static void silu(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Silu::silu);
  }

  /** y ← xΦ(x). */
  public static void gelu(int n, long x, long y, long scratch) {
    map(n, x, y, scratch, Gelu::gelu);
  }

  /** u ← u·(1 − exp(−y)), the derivative of y = softplus x; y ≥ 0. */
  public static void softplusDerivative(int n, long y, long u, long scratch) {
    multiply(n, y, u, scratch, Exponentials::softplusDerivative);
  }

  /** u ← u·(σ + xσ(1 − σ)), σ = logistic x. */
  public static void siluDerivative(int n, long x, long u, long scratch) {
    multiply(n, x, u, scratch, Silu::siluDerivative);
  }

  /** u ← u·(Φ(x) + xφ(x)). */
  public static void geluDerivative(int n, long x, long u, long scratch) {
    multiply(n, x, u, scratch, Gelu::geluDerivative);
  }

  /** y ← x where x &gt; 0 or NaN, else +0. */
  public static void relu(int n, long x, long y) {
    int whole = S.loopBound(n);
    DoubleVector zero = DoubleVector.broadcast(S, 0);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER);
      v.max(zero).intoMemorySegment(ALL, y + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(y, i, Math.max(get(x, i), 0));
    }
  }

  /** z ← x∘y. */
  public static void hadamard(int n, long x, long y, long z) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER);
      DoubleVector w = DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER);
      v.mul(w).intoMemorySegment(ALL, z + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(z, i, get(x, i) * get(y, i));
    }
  }

  /** u ← u∘(1 − y²), the derivative of y = tanh x. */
  public static void tanhDerivative(int n, long y, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER);
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, u + at, ORDER);
      g.mul(v.neg().lanewise(FMA, v, 1)).intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(y, i);
      set(u, i, get(u, i) * Math.fma(-v, v, 1));
    }
  }

  /** u ← u∘y∘(1 − y), the derivative of y = logistic x. */
  public static void logisticDerivative(int n, long y, long u) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER);
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, u + at, ORDER);
      g.mul(v.neg().lanewise(FMA, v, v)).intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      double v = get(y, i);
      set(u, i, get(u, i) * Math.fma(-v, v, v));
    }
  }

  /** u ← +0 where y ≤ 0, else u: the derivative of y = relu x. */
  public static void reluDerivative(int n, long y, long u) {
    int whole = S.loopBound(n);
    DoubleVector zero = DoubleVector.broadcast(S, 0);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER);
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, u + at, ORDER);
      // All bits where the number is above 0, without a mask (Exponentials says why).
      LongVector positive =
          v.max(zero).abs().reinterpretAsLongs().neg().lanewise(ASHR, Double.SIZE - 1);
      g.reinterpretAsLongs()
          .and(positive)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, get(y, i) <= 0 ? 0 : get(u, i));
    }
  }
}
