package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.wide.Wide.get;
import static dev.natgrad.kernel.wide.Wide.row;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Norms of m×n matrices of either precision.
 *
 * <p>Bits: a maximum has those of one of its numbers, whatever the order. A row's squares go to
 * lane j mod {@link #GROUP}, the lanes are added from first to last, and the last n mod GROUP
 * squares after them, in rows shorter than {@link #LEAST} all one after the other; a column's are
 * added from top to bottom.
 */
public final class RowNorms {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Logical lanes of a row's sum at every width. */
  private static final int GROUP = 8;

  private static final int VL = Wide.VL;

  /** Shorter rows are left to scalars, which need no compiled code to leave the heap alone. */
  private static final int LEAST = 32;

  private RowNorms() {}

  /** max |Aᵢⱼ|, or NaN if there is one; 0 if A is empty. */
  public static double largestAbsolute(boolean f64, int m, int n, long a, int lda) {
    double max = 0;
    for (int i = 0; i < m; i++) {
      max = Math.max(max, largest(f64, n, row(f64, a, lda, i)));
    }
    return max;
  }

  /** max |sᵢAᵢⱼ|, or NaN if there is one; 0 if A is empty. */
  public static double largestScaled(boolean f64, int m, int n, long s, long a, int lda) {
    double max = 0;
    for (int i = 0; i < m; i++) {
      max = Math.max(max, Math.abs(get(f64, s, i)) * largest(f64, n, row(f64, a, lda, i)));
    }
    return max;
  }

  private static double largest(boolean f64, int n, long row) {
    if (n >= LEAST) {
      return f64 ? largest64(n, row) : largest32(n, row);
    }
    double most = 0;
    for (int j = 0; j < n; j++) {
      most = Math.max(most, Math.abs(get(f64, row, j)));
    }
    return most;
  }

  private static double largest64(int n, long row) {
    int whole = n - n % VL;
    DoubleVector zero = DoubleVector.zero(Wide.D);
    DoubleVector most = zero;
    for (int j = 0; j < whole; j += VL) {
      long at = (row + (long) j * Double.BYTES) & RANGE;
      most = DoubleVector.fromMemorySegment(Wide.D, ALL, at, Wide.ORDER).abs().max(most);
    }
    double max = zero.max(most).reduceLanes(MAX);
    for (int j = whole; j < n; j++) {
      max = Math.max(max, Math.abs(get(true, row, j)));
    }
    return max;
  }

  private static double largest32(int n, long row) {
    int whole = n - n % Wide.VL_F;
    FloatVector zero = FloatVector.zero(Wide.WHOLE_F);
    FloatVector most = zero;
    for (int j = 0; j < whole; j += Wide.VL_F) {
      long at = (row + (long) j * Float.BYTES) & RANGE;
      most = FloatVector.fromMemorySegment(Wide.WHOLE_F, ALL, at, Wide.ORDER).abs().max(most);
    }
    double max = zero.max(most).reduceLanes(MAX);
    for (int j = whole; j < n; j++) {
      max = Math.max(max, Math.abs(get(false, row, j)));
    }
    return max;
  }

  /** maxᵢ ‖Aᵢ·‖₂, or NaN if there is one; 0 if A is empty. */
  public static double largestRowNorm(boolean f64, int m, int n, long a, int lda) {
    double max = 0;
    for (int i = 0; i < m; i++) {
      max = Math.max(max, squares(f64, n, row(f64, a, lda, i)));
    }
    return Math.sqrt(max);
  }

  /** toᵢ ← ‖Aᵢ·‖₂, m doubles. */
  public static void rowNorms(boolean f64, int m, int n, long a, int lda, long to) {
    for (int i = 0; i < m; i++) {
      long at = (to + (long) i * Double.BYTES) & RANGE;
      ALL.set(JAVA_DOUBLE, at, Math.sqrt(squares(f64, n, row(f64, a, lda, i))));
    }
  }

  private static double squares(boolean f64, int n, long row) {
    if (n >= LEAST) {
      return f64 ? squares64(n, row) : squares32(n, row);
    }
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum = Math.fma(get(f64, row, j), get(f64, row, j), sum);
    }
    return sum;
  }

  private static double squares64(int n, long row) {
    int whole = n - n % GROUP;
    DoubleVector zero = DoubleVector.zero(Wide.D);
    double sum = 0;
    for (int part = 0; part < GROUP; part += VL) {
      DoubleVector s = zero;
      for (int j = part; j < whole; j += GROUP) {
        long at = (row + (long) j * Double.BYTES) & RANGE;
        DoubleVector v = DoubleVector.fromMemorySegment(Wide.D, ALL, at, Wide.ORDER);
        s = v.fma(v, s);
      }
      DoubleVector lanes = zero.add(s);
      sum += lanes.lane(0);
      sum += lanes.lane(1);
      if (VL > 2) {
        sum += lanes.lane(2);
        sum += lanes.lane(3);
      }
      if (VL > 4) {
        sum += lanes.lane(4);
        sum += lanes.lane(5);
        sum += lanes.lane(6);
        sum += lanes.lane(7);
      }
    }
    for (int j = whole; j < n; j++) {
      sum = Math.fma(get(true, row, j), get(true, row, j), sum);
    }
    return sum;
  }

  private static double squares32(int n, long row) {
    int whole = n - n % GROUP;
    DoubleVector zero = DoubleVector.zero(Wide.D);
    double sum = 0;
    for (int part = 0; part < GROUP; part += VL) {
      DoubleVector s = zero;
      for (int j = part; j < whole; j += GROUP) {
        long at = (row + (long) j * Float.BYTES) & RANGE;
        DoubleVector v =
            (DoubleVector)
                FloatVector.fromMemorySegment(Wide.F, ALL, at, Wide.ORDER)
                    .convertShape(F2D, Wide.D, 0);
        s = v.fma(v, s);
      }
      DoubleVector lanes = zero.add(s);
      sum += lanes.lane(0);
      sum += lanes.lane(1);
      if (VL > 2) {
        sum += lanes.lane(2);
        sum += lanes.lane(3);
      }
      if (VL > 4) {
        sum += lanes.lane(4);
        sum += lanes.lane(5);
        sum += lanes.lane(6);
        sum += lanes.lane(7);
      }
    }
    for (int j = whole; j < n; j++) {
      sum = Math.fma(get(false, row, j), get(false, row, j), sum);
    }
    return sum;
  }

  /**
   * maxⱼ Σₖ (maxᵢ |Aᵢₖ|)·|Wₖⱼ|, A m×n, W n×p: a bound on every Σₖ |Aᵢₖ||Wₖⱼ| that knows the units
   * of each column of A. NaN gives NaN. {@code scratch} holds n + p doubles.
   */
  public static double scaledProduct(
      boolean f64, int m, int n, int p, long a, int lda, long w, int ldw, long scratch) {
    long sums = scratch + (long) n * Double.BYTES;
    for (int k = 0; k < n + p; k++) {
      set(scratch, k, 0);
    }
    for (int i = 0; i < m; i++) {
      raise(f64, n, row(f64, a, lda, i), scratch);
    }
    for (int k = 0; k < n; k++) {
      long row = row(f64, w, ldw, k);
      double scale = get(true, scratch, k);
      for (int j = 0; j < p; j++) {
        set(sums, j, get(true, sums, j) + scale * Math.abs(get(f64, row, j)));
      }
    }
    return largestAbsolute(true, 1, p, sums, p);
  }

  /** most ← max(most, |row|), n elements. */
  private static void raise(boolean f64, int n, long row, long most) {
    int whole = f64 ? 0 : n - n % VL;
    for (int j = 0; j < whole; j += VL) {
      long from = (row + (long) j * Float.BYTES) & RANGE;
      long at = (most + (long) j * Double.BYTES) & RANGE;
      ((DoubleVector)
              FloatVector.fromMemorySegment(Wide.F, ALL, from, Wide.ORDER)
                  .abs()
                  .convertShape(F2D, Wide.D, 0))
          .max(DoubleVector.fromMemorySegment(Wide.D, ALL, at, Wide.ORDER))
          .intoMemorySegment(ALL, at, Wide.ORDER);
    }
    for (int j = whole; j < n; j++) {
      set(most, j, Math.max(get(true, most, j), Math.abs(get(f64, row, j))));
    }
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /** maxⱼ ‖A·ⱼ‖₂, or NaN if there is one; 0 if A is empty. */
  public static double largestColumnNorm(boolean f64, int m, int n, long a, int lda) {
    int whole = n - n % VL;
    double max = 0;
    for (int j = 0; j < whole; j += VL) {
      max = Math.max(max, f64 ? columns64(m, j, a, lda) : columns32(m, j, a, lda));
    }
    for (int j = whole; j < n; j++) {
      double sum = 0;
      for (int i = 0; i < m; i++) {
        double v = get(f64, row(f64, a, lda, i), j);
        sum = Math.fma(v, v, sum);
      }
      max = Math.max(max, sum);
    }
    return Math.sqrt(max);
  }

  private static double columns64(int m, int j, long a, int lda) {
    DoubleVector zero = DoubleVector.zero(Wide.D);
    DoubleVector s = zero;
    for (int i = 0; i < m; i++) {
      long at = (row(true, a, lda, i) + (long) j * Double.BYTES) & RANGE;
      DoubleVector v = DoubleVector.fromMemorySegment(Wide.D, ALL, at, Wide.ORDER);
      s = v.fma(v, s);
    }
    return zero.max(s).reduceLanes(MAX);
  }

  private static double columns32(int m, int j, long a, int lda) {
    DoubleVector zero = DoubleVector.zero(Wide.D);
    DoubleVector s = zero;
    for (int i = 0; i < m; i++) {
      long at = (row(false, a, lda, i) + (long) j * Float.BYTES) & RANGE;
      DoubleVector v =
          (DoubleVector)
              FloatVector.fromMemorySegment(Wide.F, ALL, at, Wide.ORDER)
                  .convertShape(F2D, Wide.D, 0);
      s = v.fma(v, s);
    }
    return zero.max(s).reduceLanes(MAX);
  }
}
