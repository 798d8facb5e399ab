package dev.natgrad.kernel.f64;

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

/**
 * Elementwise kernels on n contiguous elements; an output may be an input itself.
 *
 * <p>Where a polynomial is involved the tail goes through scratch, 128 bytes, and the vector body:
 * so it has the same bits by construction, without a scalar copy of each polynomial. What the
 * unused lanes of the scratch hold is computed upon and dropped. Elsewhere one operation ends the
 * loop.
 */
public final class Elementwise {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** From the first scratch vector to the second, in bytes. */
  private static final int SECOND = 64;

  private Elementwise() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  private static void copy(int n, long from, long to) {
    for (int i = 0; i < n; i++) {
      set(to, i, get(from, i));
    }
  }

  /** y ← exp x. */
  public static void exp(int n, long x, long y, long scratch) {
    int whole = S.loopBound(n);
    Exponentials.exp(whole, x, y);
    if (whole < n) {
      long at = (long) whole * Double.BYTES;
      copy(n - whole, x + at, scratch);
      Exponentials.exp(VL, scratch, scratch);
      copy(n - whole, scratch, y + at);
    }
  }

  /** y ← ln x. */
  public static void log(int n, long x, long y, long scratch) {
    int whole = S.loopBound(n);
    Logarithms.log(whole, x, y);
    if (whole < n) {
      long at = (long) whole * Double.BYTES;
      copy(n - whole, x + at, scratch);
      Logarithms.log(VL, scratch, scratch);
      copy(n - whole, scratch, y + at);
    }
  }

  /** y ← tanh x. */
  public static void tanh(int n, long x, long y, long scratch) {
    int whole = S.loopBound(n);
    Exponentials.tanh(whole, x, y);
    if (whole < n) {
      long at = (long) whole * Double.BYTES;
      copy(n - whole, x + at, scratch);
      Exponentials.tanh(VL, scratch, scratch);
      copy(n - whole, scratch, y + at);
    }
  }

  /** y ← 1/(1 + exp(−x)). */
  public static void logistic(int n, long x, long y, long scratch) {
    int whole = S.loopBound(n);
    Exponentials.logistic(whole, x, y);
    if (whole < n) {
      long at = (long) whole * Double.BYTES;
      copy(n - whole, x + at, scratch);
      Exponentials.logistic(VL, scratch, scratch);
      copy(n - whole, scratch, y + at);
    }
  }

  /** y ← ln(1 + exp x). */
  public static void softplus(int n, long x, long y, long scratch) {
    int whole = S.loopBound(n);
    Logarithms.softplus(whole, x, y);
    if (whole < n) {
      long at = (long) whole * Double.BYTES;
      copy(n - whole, x + at, scratch);
      Logarithms.softplus(VL, scratch, scratch);
      copy(n - whole, scratch, y + at);
    }
  }

  /** u ← u·(1 − exp(−y)), the derivative of y = softplus x; y ≥ 0. */
  public static void softplusDerivative(int n, long y, long u, long scratch) {
    int whole = S.loopBound(n);
    Exponentials.softplusDerivative(whole, y, u);
    if (whole < n) {
      long at = (long) whole * Double.BYTES;
      copy(n - whole, y + at, scratch);
      copy(n - whole, u + at, scratch + SECOND);
      Exponentials.softplusDerivative(VL, scratch, scratch + SECOND);
      copy(n - whole, scratch + SECOND, u + at);
    }
  }

  /** y ← x where x &gt; 0 or NaN, else +0. */
  public static void relu(int n, long x, long y) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER);
      v.max(0).intoMemorySegment(ALL, y + at, ORDER);
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
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER);
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, u + at, ORDER);
      // All bits where the number is above 0, without a mask (Exponentials says why).
      LongVector positive =
          v.max(0).abs().reinterpretAsLongs().neg().lanewise(ASHR, Double.SIZE - 1);
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
