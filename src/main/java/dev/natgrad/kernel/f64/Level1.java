package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Vector kernels on n contiguous elements; x and y are addresses, checked by the caller. */
public final class Level1 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Level1() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /** Returns xᵀy. */
  public static double dot(int n, long x, long y, long scratch) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum = Math.fma(get(x, i), get(y, i), sum);
    }
    return sum;
  }

  /** Returns Σ xᵢ. */
  public static double sum(int n, long x, long scratch) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += get(x, i);
    }
    return sum;
  }

  /** Returns Σ |xᵢ|. */
  public static double asum(int n, long x, long scratch) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.abs(get(x, i));
    }
    return sum;
  }

  /** Returns ‖x‖₂ without overflow or underflow of the squares. */
  public static double nrm2(int n, long x, long scratch) {
    double max = 0;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(get(x, i)));
    }
    if (max == 0 || !(max <= Double.MAX_VALUE)) {
      return max;
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double scaled = get(x, i) / max;
      sum = Math.fma(scaled, scaled, sum);
    }
    return max * Numbers.sqrt(sum);
  }

  /** Returns the first index of the largest |xᵢ|, the first NaN if there is one, −1 if n = 0. */
  public static int iamax(int n, long x) {
    int at = -1;
    double max = -1;
    for (int i = 0; i < n; i++) {
      double a = Math.abs(get(x, i));
      if (a != a) {
        return i;
      }
      if (a > max) {
        max = a;
        at = i;
      }
    }
    return at;
  }

  /** y ← αx + y. */
  public static void axpy(int n, double alpha, long x, long y) {
    for (int i = 0; i < n; i++) {
      set(y, i, Math.fma(alpha, get(x, i), get(y, i)));
    }
  }

  /** y ← αx + βy; β = 0 does not read y. */
  public static void axpby(int n, double alpha, long x, double beta, long y) {
    for (int i = 0; i < n; i++) {
      double ax = alpha * get(x, i);
      set(y, i, beta == 0 ? ax : Math.fma(beta, get(y, i), ax));
    }
  }

  /** x ← αx. */
  public static void scal(int n, double alpha, long x) {
    for (int i = 0; i < n; i++) {
      set(x, i, alpha * get(x, i));
    }
  }

  /** y ← x. */
  public static void copy(int n, long x, long y) {
    MemorySegment.copy(ALL, x, ALL, y, (long) n * Double.BYTES);
  }

  /** x ← α everywhere. */
  public static void fill(int n, double alpha, long x) {
    for (int i = 0; i < n; i++) {
      set(x, i, alpha);
    }
  }
}
