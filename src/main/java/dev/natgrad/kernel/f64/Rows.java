package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.GROUP;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Kernels that work on each row of an m×n matrix by itself; scratch has 128 bytes.
 *
 * <p>Rows are often short, so whatever needs no sum runs over all rows at once where they have no
 * gaps between them. Sums have a fixed order, hence the same bits at every width.
 */
public final class Rows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** From the first scratch block to the second, in bytes. */
  private static final int SECOND = 64;

  /** Elements of the rows that softmax takes at once, few enough to stay in the first cache. */
  private static final int CHUNK = 2048;

  private Rows() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /**
   * yᵢ ← ln Σⱼ exp Aᵢⱼ, as max + ln Σⱼ exp(Aᵢⱼ − max); where the maximum is infinite, as ln Σⱼ exp
   * Aᵢⱼ. The maximum is found twice, as only y is there to store a number a row.
   */
  public static void logSumExp(int m, int n, long a, int lda, long y, long scratch) {
    for (int i = 0; i < m; i++) {
      long row = a + (long) i * lda * Double.BYTES;
      set(y, i, sumExp(n, finiteMax(n, row, scratch), row, scratch));
    }
    Elementwise.log(m, y, y, scratch);
    for (int i = 0; i < m; i++) {
      long row = a + (long) i * lda * Double.BYTES;
      set(y, i, finiteMax(n, row, scratch) + get(y, i));
    }
  }

  /** Each row of P ← the softmax of the row of A; P may be A. */
  public static void softmax(int m, int n, long a, int lda, long p, int ldp, long scratch) {
    int group = Math.max(1, CHUNK / n);
    for (int i = 0; i < m; i += group) {
      int rows = Math.min(group, m - i);
      long from = a + (long) i * lda * Double.BYTES;
      long to = p + (long) i * ldp * Double.BYTES;
      for (int r = 0; r < rows; r++) {
        long row = from + (long) r * lda * Double.BYTES;
        subtract(n, max(n, row, scratch), row, to + (long) r * ldp * Double.BYTES);
      }
      if (n == ldp) {
        Elementwise.exp(rows * n, to, to, scratch);
      } else {
        for (int r = 0; r < rows; r++) {
          long row = to + (long) r * ldp * Double.BYTES;
          Elementwise.exp(n, row, row, scratch);
        }
      }
      for (int r = 0; r < rows; r++) {
        long row = to + (long) r * ldp * Double.BYTES;
        divide(n, Level1.sum(n, row, scratch), row);
      }
    }
  }

  /**
   * U ← αP∘(T − row sums of P∘T): the softmax's Jacobian times T; U may be T. Exactly 0 in constant
   * rows of T.
   */
  public static void softmaxProduct(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu, long scratch) {
    int i = 0;
    while (i < m) {
      long pi = p + (long) i * ldp * Double.BYTES;
      long ti = t + (long) i * ldt * Double.BYTES;
      long ui = u + (long) i * ldu * Double.BYTES;
      int varied = varied(m - i, n, ti, ldt);
      if (varied > 0) {
        centreOnMean(varied, n, alpha, pi, ldp, ti, ldt, ui, ldu, scratch);
        i += varied;
      } else {
        centreOnFirst(n, alpha, pi, ti, ui);
        i++;
      }
    }
  }

  /** Returns how many rows come before the first that is constant. */
  private static int varied(int m, int n, long t, int ldt) {
    int i = 0;
    while (i < m && !constant(n, t + (long) i * ldt * Double.BYTES)) {
      i++;
    }
    return i;
  }

  /**
   * Whether all elements are one number, which then is their mean under any probabilities: not so
   * as Σpt is rounded, and what is left would stand in the null space of the softmax's Jacobian.
   * Rows that are not constant nearly always show it by their last element.
   */
  static boolean constant(int n, long x) {
    for (int i = n - 1; i > 0; i--) {
      if (get(x, i) != get(x, 0)) {
        return false;
      }
    }
    return n > 0;
  }

  /** Rows in a method of their own, as C2 has just enough room for them. */
  private static void centreOnMean(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu, long scratch) {
    for (int i = 0; i < m; i++) {
      long pi = p + (long) i * ldp * Double.BYTES;
      long ti = t + (long) i * ldt * Double.BYTES;
      long ui = u + (long) i * ldu * Double.BYTES;
      centre(n, alpha, Level1.dot(n, pi, ti, scratch), pi, ti, ui);
    }
  }

  /** What an infinite element makes of its row must not depend on the way: hence no plain 0. */
  private static void centreOnFirst(int n, double alpha, long p, long t, long u) {
    double mean = get(t, 0);
    for (int i = 0; i < n; i++) {
      set(u, i, alpha * get(p, i) * (get(t, i) - mean));
    }
  }

  /** Each row uᵢ ← α(sᵢᵀtᵢ)sᵢ + βuᵢ; β = 0 does not read U. */
  public static void outerProduct(
      int m,
      int n,
      double alpha,
      long s,
      int lds,
      long t,
      int ldt,
      double beta,
      long u,
      int ldu,
      long scratch) {
    for (int i = 0; i < m; i++) {
      long si = s + (long) i * lds * Double.BYTES;
      long ti = t + (long) i * ldt * Double.BYTES;
      double dot = Level1.dot(n, si, ti, scratch);
      Level1.axpby(n, alpha * dot, si, beta, u + (long) i * ldu * Double.BYTES);
    }
  }

  private static double finiteMax(int n, long x, long scratch) {
    double max = max(n, x, scratch);
    return Math.abs(max) <= Double.MAX_VALUE ? max : 0;
  }

  /** Returns the largest of n ≥ 1 elements, NaN if any is. */
  private static double max(int n, long x, long scratch) {
    int whole = S.loopBound(n);
    double max = get(x, n - 1);
    if (whole > 0) {
      DoubleVector first = DoubleVector.fromMemorySegment(S, ALL, x, ORDER);
      DoubleVector lanes = first;
      for (int i = VL; i < whole; i += VL) {
        long at = (long) i * Double.BYTES;
        lanes = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER).max(lanes);
      }
      first.max(lanes).intoMemorySegment(ALL, scratch, ORDER);
      for (int l = 0; l < VL; l++) {
        max = Math.max(max, get(scratch, l));
      }
    }
    for (int i = whole; i < n; i++) {
      max = Math.max(max, get(x, i));
    }
    return max;
  }

  /**
   * Returns Σ exp(xᵢ − shift): in order where one block holds it, else element i into sum i mod
   * GROUP and the sums in a tree.
   */
  private static double sumExp(int n, double shift, long x, long scratch) {
    if (n <= GROUP) {
      subtract(n, shift, x, scratch);
      Exponentials.exp(S.loopBound(n + VL - 1), scratch, scratch);
      double sum = get(scratch, 0);
      for (int j = 1; j < n; j++) {
        sum += get(scratch, j);
      }
      return sum;
    }
    long terms = scratch + SECOND;
    fill(0, scratch);
    for (int i = 0; i < n; i += GROUP) {
      int count = Math.min(GROUP, n - i);
      if (count < GROUP) {
        fill(Double.NEGATIVE_INFINITY, terms);
      }
      subtract(count, shift, x + (long) i * Double.BYTES, terms);
      Exponentials.exp(GROUP, terms, terms);
      add(terms, scratch);
    }
    for (int width = GROUP / 2; width > 0; width /= 2) {
      for (int l = 0; l < width; l++) {
        set(scratch, l, get(scratch, l) + get(scratch, l + width));
      }
    }
    return get(scratch, 0);
  }

  /** One block ← value everywhere. */
  private static void fill(double value, long x) {
    for (int l = 0; l < GROUP; l++) {
      set(x, l, value);
    }
  }

  /** One block y ← x + y. */
  private static void add(long x, long y) {
    for (int l = 0; l < GROUP; l += VL) {
      long at = (long) l * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER)
          .add(DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y ← x − shift; y may be x. */
  private static void subtract(int n, double shift, long x, long y) {
    int whole = S.loopBound(n);
    DoubleVector vs = DoubleVector.broadcast(S, shift);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER)
          .sub(vs)
          .intoMemorySegment(ALL, y + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(y, i, get(x, i) - shift);
    }
  }

  /** x ← x/divisor. */
  private static void divide(int n, double divisor, long x) {
    int whole = S.loopBound(n);
    DoubleVector vd = DoubleVector.broadcast(S, divisor);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER)
          .div(vd)
          .intoMemorySegment(ALL, x + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(x, i, get(x, i) / divisor);
    }
  }

  /** u ← αp∘(t − mean); u may be t. */
  private static void centre(int n, double alpha, double mean, long p, long t, long u) {
    int whole = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vm = DoubleVector.broadcast(S, mean);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, p + at, ORDER)
          .mul(va)
          .mul(DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER).sub(vm))
          .intoMemorySegment(ALL, u + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(u, i, alpha * get(p, i) * (get(t, i) - mean));
    }
  }
}
