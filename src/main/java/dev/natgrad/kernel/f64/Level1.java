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

/**
 * Vector kernels on n contiguous elements; x and y are addresses, checked by the caller.
 *
 * <p>Reductions take 128 bytes of scratch. Their lanes are summed as {@link DotLanes} and {@link
 * Tree} say; fewer elements than one group are added in order. Sums of chunks of {@link #CHUNK}
 * elements are added in order.
 */
public final class Level1 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /**
   * Elements that are summed at once: few, so that sums of long vectors, which are rare, call the
   * kernels often enough to have them compiled whole, and not their loops alone: vectors before and
   * after those would be objects.
   */
  private static final int CHUNK = 8192;

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
    int i = 0;
    for (; i < n - CHUNK; i += CHUNK) {
      long at = (long) i * Double.BYTES;
      sum += dotChunk(CHUNK, x + at, y + at, scratch);
    }
    long at = (long) i * Double.BYTES;
    return sum + dotChunk(n - i, x + at, y + at, scratch);
  }

  private static double dotChunk(int n, long x, long y, long scratch) {
    if (n >= GROUP) {
      DotLanes.run(n, x, y, scratch);
      return Tree.sum(scratch);
    }
    double tail = 0;
    for (int i = 0; i < n; i++) {
      tail = Math.fma(get(x, i), get(y, i), tail);
    }
    return tail;
  }

  /** Returns Σ xᵢ. */
  public static double sum(int n, long x, long scratch) {
    double sum = 0;
    int i = 0;
    for (; i < n - CHUNK; i += CHUNK) {
      long at = (long) i * Double.BYTES;
      sum += sumChunk(CHUNK, x + at, scratch);
    }
    long at = (long) i * Double.BYTES;
    return sum + sumChunk(n - i, x + at, scratch);
  }

  private static double sumChunk(int n, long x, long scratch) {
    if (n >= GROUP) {
      SumLanes.run(n, x, scratch);
      return Tree.sum(scratch);
    }
    double tail = 0;
    for (int i = 0; i < n; i++) {
      tail += get(x, i);
    }
    return tail;
  }

  /** Returns Σ |xᵢ|. */
  public static double asum(int n, long x, long scratch) {
    double sum = 0;
    int i = 0;
    for (; i < n - CHUNK; i += CHUNK) {
      long at = (long) i * Double.BYTES;
      sum += asumChunk(CHUNK, x + at, scratch);
    }
    long at = (long) i * Double.BYTES;
    return sum + asumChunk(n - i, x + at, scratch);
  }

  private static double asumChunk(int n, long x, long scratch) {
    if (n >= GROUP) {
      AbsLanes.run(n, x, scratch);
      return Tree.sum(scratch);
    }
    double tail = 0;
    for (int i = 0; i < n; i++) {
      tail += Math.abs(get(x, i));
    }
    return tail;
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
    int at = iamax(n, x);
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
  public static int iamax(int n, long x) {
    return FirstLargest.index(n, x);
  }

  /** y ← αx + y. */
  public static void axpy(int n, double alpha, long x, long y) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    if (n < VL) {
      for (int i = 0; i < n; i++) {
        set(y, i, Math.fma(alpha, get(x, i), get(y, i)));
      }
      return;
    }
    // The last vector overlaps the one before; it is computed from the old y, so it has its bits.
    long end = (long) (n - VL) * Double.BYTES;
    long xEnd = (x + end) & RANGE;
    long yEnd = (y + end) & RANGE;
    DoubleVector last =
        DoubleVector.fromMemorySegment(S, ALL, xEnd, ORDER)
            .fma(va, DoubleVector.fromMemorySegment(S, ALL, yEnd, ORDER));
    for (int i = 0; i < n - VL; i += VL) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      DoubleVector.fromMemorySegment(S, ALL, xi, ORDER)
          .fma(va, DoubleVector.fromMemorySegment(S, ALL, yi, ORDER))
          .intoMemorySegment(ALL, yi, ORDER);
    }
    last.intoMemorySegment(ALL, yEnd, ORDER);
  }

  /** y ← αx + βy; β = 0 does not read y. */
  public static void axpby(int n, double alpha, long x, double beta, long y) {
    if (beta == 0) {
      scaled(n, alpha, x, y);
      return;
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vb = DoubleVector.broadcast(S, beta);
    if (n < VL) {
      for (int i = 0; i < n; i++) {
        set(y, i, Math.fma(beta, get(y, i), alpha * get(x, i)));
      }
      return;
    }
    long end = (long) (n - VL) * Double.BYTES;
    long xEnd = (x + end) & RANGE;
    long yEnd = (y + end) & RANGE;
    DoubleVector last =
        DoubleVector.fromMemorySegment(S, ALL, yEnd, ORDER)
            .fma(vb, DoubleVector.fromMemorySegment(S, ALL, xEnd, ORDER).mul(va));
    for (int i = 0; i < n - VL; i += VL) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      DoubleVector.fromMemorySegment(S, ALL, yi, ORDER)
          .fma(vb, DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).mul(va))
          .intoMemorySegment(ALL, yi, ORDER);
    }
    last.intoMemorySegment(ALL, yEnd, ORDER);
  }

  /** x ← αx. */
  public static void scal(int n, double alpha, long x) {
    scaled(n, alpha, x, x);
  }

  /** y ← αx. */
  private static void scaled(int n, double alpha, long x, long y) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    if (n < VL) {
      for (int i = 0; i < n; i++) {
        set(y, i, alpha * get(x, i));
      }
      return;
    }
    long end = (long) (n - VL) * Double.BYTES;
    long xEnd = (x + end) & RANGE;
    long yEnd = (y + end) & RANGE;
    DoubleVector last = DoubleVector.fromMemorySegment(S, ALL, xEnd, ORDER).mul(va);
    for (int i = 0; i < n - VL; i += VL) {
      long xi = (x + (long) i * Double.BYTES) & RANGE;
      long yi = (y + (long) i * Double.BYTES) & RANGE;
      DoubleVector.fromMemorySegment(S, ALL, xi, ORDER).mul(va).intoMemorySegment(ALL, yi, ORDER);
    }
    last.intoMemorySegment(ALL, yEnd, ORDER);
  }

  /** y ← x. */
  public static void copy(int n, long x, long y) {
    MemorySegment.copy(ALL, x, ALL, y, (long) n * Double.BYTES);
  }

  /** x ← α everywhere. */
  public static void fill(int n, double alpha, long x) {
    if (n < VL) {
      for (int i = 0; i < n; i++) {
        set(x, i, alpha);
      }
      return;
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < n - VL; i += VL) {
      va.intoMemorySegment(ALL, (x + (long) i * Double.BYTES) & RANGE, ORDER);
    }
    va.intoMemorySegment(ALL, (x + (long) (n - VL) * Double.BYTES) & RANGE, ORDER);
  }
}
