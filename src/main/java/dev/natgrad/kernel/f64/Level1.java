package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector kernels on n contiguous elements; x and y are addresses, checked by the caller.
 *
 * <p>Reductions take 64 bytes of scratch. Their lanes are summed as {@link DotLanes} and {@link
 * Tree} say; the elements after the last group are added at the end, in order.
 */
public final class Level1 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Level1() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  private static int whole(int n) {
    return n - n % GROUP;
  }

  /** Returns xᵀy. */
  public static double dot(int n, long x, long y, long scratch) {
    int whole = whole(n);
    double tail = 0;
    for (int i = whole; i < n; i++) {
      tail = Math.fma(get(x, i), get(y, i), tail);
    }
    if (whole == 0) {
      return tail;
    }
    DotLanes.run(whole, x, y, scratch);
    return Tree.sum(scratch) + tail;
  }

  /** Returns Σ xᵢ. */
  public static double sum(int n, long x, long scratch) {
    int whole = whole(n);
    double tail = 0;
    for (int i = whole; i < n; i++) {
      tail += get(x, i);
    }
    if (whole == 0) {
      return tail;
    }
    SumLanes.run(whole, x, scratch);
    return Tree.sum(scratch) + tail;
  }

  /** Returns Σ |xᵢ|. */
  public static double asum(int n, long x, long scratch) {
    int whole = whole(n);
    double tail = 0;
    for (int i = whole; i < n; i++) {
      tail += Math.abs(get(x, i));
    }
    if (whole == 0) {
      return tail;
    }
    AbsLanes.run(whole, x, scratch);
    return Tree.sum(scratch) + tail;
  }

  /**
   * Returns ‖x‖₂ without overflow or underflow of the squares: the plain sum of squares where it is
   * far from both, else a second pass over x scaled by a power of two, which is exact. The sum
   * decides, and it has the same bits everywhere.
   */
  public static double nrm2(int n, long x, long scratch) {
    double squares = dot(n, x, x, scratch);
    if (squares >= Ranges.SQUARES_MIN && squares <= Ranges.SQUARES_MAX) {
      return Math.sqrt(squares);
    }
    int at = iamax(n, x, scratch);
    double max = at < 0 ? 0 : Math.abs(get(x, at));
    if (max == 0 || !(max <= Double.MAX_VALUE)) {
      return max;
    }
    double scale = Ranges.scaleFor(max);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double scaled = get(x, i) * scale;
      sum = Math.fma(scaled, scaled, sum);
    }
    return Math.sqrt(sum) / scale;
  }

  /** Returns the first index of the largest |xᵢ|, the first NaN if there is one, −1 if n = 0. */
  public static int iamax(int n, long x, long scratch) {
    double max = maxAbs(n, x, scratch);
    for (int i = 0; i < n; i++) {
      double a = Math.abs(get(x, i));
      if (a == max || a != a) {
        return i;
      }
    }
    return -1;
  }

  /** Returns max |xᵢ|, NaN if one is NaN: exact, so the order of the lanes does not matter. */
  private static double maxAbs(int n, long x, long scratch) {
    DoubleVector lanes = DoubleVector.zero(S);
    int i = 0;
    for (; i <= n - VL; i += VL) {
      long at = (x + (long) i * Double.BYTES) & RANGE;
      lanes =
          lanes.lanewise(
              VectorOperators.MAX, DoubleVector.fromMemorySegment(S, ALL, at, ORDER).abs());
    }
    lanes.intoMemorySegment(ALL, scratch, ORDER);
    double max = 0;
    for (int j = 0; j < VL; j++) {
      max = Math.max(max, get(scratch, j));
    }
    for (; i < n; i++) {
      max = Math.max(max, Math.abs(get(x, i)));
    }
    return max;
  }

  /** y ← αx + y. */
  public static void axpy(int n, double alpha, long x, long y) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    int i = 0;
    for (; i <= n - VL; i += VL) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
          .fma(va, DoubleVector.fromMemorySegment(S, ALL, yi, ORDER))
          .intoMemorySegment(ALL, yi, ORDER);
    }
    for (; i < n; i++) {
      set(y, i, Math.fma(alpha, get(x, i), get(y, i)));
    }
  }

  /** y ← αx + βy; β = 0 does not read y. */
  public static void axpby(int n, double alpha, long x, double beta, long y) {
    if (beta == 0) {
      scaled(n, alpha, x, y);
      return;
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vb = DoubleVector.broadcast(S, beta);
    int i = 0;
    for (; i <= n - VL; i += VL) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      DoubleVector.fromMemorySegment(S, ALL, yi, ORDER)
          .fma(vb, DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).mul(va))
          .intoMemorySegment(ALL, yi, ORDER);
    }
    for (; i < n; i++) {
      set(y, i, Math.fma(beta, get(y, i), alpha * get(x, i)));
    }
  }

  /** x ← αx. */
  public static void scal(int n, double alpha, long x) {
    scaled(n, alpha, x, x);
  }

  /** y ← αx. */
  private static void scaled(int n, double alpha, long x, long y) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    int i = 0;
    for (; i <= n - VL; i += VL) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).mul(va).intoMemorySegment(ALL, yi, ORDER);
    }
    for (; i < n; i++) {
      set(y, i, alpha * get(x, i));
    }
  }

  /** y ← x. */
  public static void copy(int n, long x, long y) {
    MemorySegment.copy(ALL, x, ALL, y, (long) n * Double.BYTES);
  }

  /** x ← α everywhere. */
  public static void fill(int n, double alpha, long x) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    int i = 0;
    for (; i <= n - VL; i += VL) {
      va.intoMemorySegment(ALL, (x + (long) i * Double.BYTES) & RANGE, ORDER);
    }
    for (; i < n; i++) {
      set(x, i, alpha);
    }
  }
}
