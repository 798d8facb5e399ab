package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Elementwise kernels on n contiguous elements; y may be x. */
public final class Elementwise {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Elementwise() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /** y ← exp x. */
  public static void exp(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, Numbers.exp(get(x, i)));
    }
  }

  /** y ← ln x. */
  public static void log(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, Numbers.log(get(x, i)));
    }
  }

  /** y ← tanh x. */
  public static void tanh(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, Numbers.tanh(get(x, i)));
    }
  }

  /** y ← 1/(1 + e⁻ˣ). */
  public static void logistic(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, 1 / (1 + Numbers.exp(-get(x, i))));
    }
  }

  /** y ← ln(1 + eˣ). */
  public static void softplus(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      double v = get(x, i);
      set(y, i, Math.max(v, 0) + Numbers.log1p(Numbers.exp(-Math.abs(v))));
    }
  }

  /** y ← max(x, 0). */
  public static void relu(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, Math.max(get(x, i), 0));
    }
  }

  /** y ← √x. */
  public static void sqrt(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, Numbers.sqrt(get(x, i)));
    }
  }

  /** z ← x∘y; z may be x or y. */
  public static void hadamard(int n, long x, long y, long z) {
    for (int i = 0; i < n; i++) {
      set(z, i, get(x, i) * get(y, i));
    }
  }

  /** u ← u∘(1 − y²), the derivative of y = tanh x. */
  public static void tanhDerivative(int n, long y, long u) {
    for (int i = 0; i < n; i++) {
      double v = get(y, i);
      set(u, i, get(u, i) * Math.fma(-v, v, 1));
    }
  }

  /** u ← u∘y∘(1 − y), the derivative of y = logistic x. */
  public static void logisticDerivative(int n, long y, long u) {
    for (int i = 0; i < n; i++) {
      double v = get(y, i);
      set(u, i, get(u, i) * Math.fma(-v, v, v));
    }
  }

  /** u ← u∘(1 − e⁻ʸ), the derivative of y = softplus x. */
  public static void softplusDerivative(int n, long y, long u) {
    for (int i = 0; i < n; i++) {
      set(u, i, get(u, i) * -Numbers.expm1(-get(y, i)));
    }
  }

  /** u ← u where y &gt; 0, else 0: the derivative of y = relu x. */
  public static void reluDerivative(int n, long y, long u) {
    for (int i = 0; i < n; i++) {
      set(u, i, get(y, i) > 0 ? get(u, i) : 0);
    }
  }
}
