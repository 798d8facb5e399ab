package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Triangular solves and the Cholesky factor by recursive halving: all but blocks of {@link #LEAF}
 * rows is gemm. Where a matrix is halved depends on its order alone.
 */
final class Triangular {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Largest order that is not halved. */
  private static final int LEAF = 32;

  /** Columns of a right-hand side that are transposed at once. */
  private static final int CHUNK = 128;

  /** Bytes of scratch beyond gemm's: one leaf, or LEAF×CHUNK elements. */
  static final int SCRATCH_BYTES = LEAF * CHUNK * Double.BYTES;

  /** Bytes of a row of a leaf in scratch. */
  private static final long ROW = LEAF * Double.BYTES;

  private Triangular() {}

  private static long at(long x, int i, long rs, int j, long cs) {
    return x + (i * rs + j * cs) * Double.BYTES;
  }

  private static double get(long address) {
    return ALL.get(JAVA_DOUBLE, address);
  }

  private static void set(long address, double value) {
    ALL.set(JAVA_DOUBLE, address, value);
  }

  /** The first part of a halved order: a multiple of the leaf. */
  private static int half(int n) {
    return (n / 2 + LEAF - 1) / LEAF * LEAF;
  }

  /**
   * B ← T⁻¹B, T n×n with any strides, B n×m row-major.
   *
   * @param forward T is lower triangular, so the first row of B is solved first
   */
  static void solveLeft(
      boolean forward, int n, int m, long t, int rst, int cst, long b, int ldb, long scratch) {
    if (n <= LEAF) {
      leaf(forward, n, m, t, rst, cst, b, ldb);
      return;
    }
    int h = half(n);
    int r = n - h;
    long b2 = at(b, h, ldb, 0, 0);
    long t22 = at(t, h, rst, h, cst);
    if (forward) {
      solveLeft(true, h, m, t, rst, cst, b, ldb, scratch);
      long t21 = at(t, h, rst, 0, 0);
      Level3.gemm(r, m, h, -1, t21, rst, cst, b, ldb, 1, 1, b2, ldb, scratch);
      solveLeft(true, r, m, t22, rst, cst, b2, ldb, scratch);
    } else {
      solveLeft(false, r, m, t22, rst, cst, b2, ldb, scratch);
      long t12 = at(t, 0, 0, h, cst);
      Level3.gemm(h, m, r, -1, t12, rst, cst, b2, ldb, 1, 1, b, ldb, scratch);
      solveLeft(false, h, m, t, rst, cst, b, ldb, scratch);
    }
  }

  /**
   * B ← BT⁻¹, T n×n with any strides, B m×n row-major.
   *
   * @param forward T is upper triangular, so the first column of B is solved first
   */
  static void solveRight(
      boolean forward, int n, int m, long t, int rst, int cst, long b, int ldb, long scratch) {
    if (n <= LEAF) {
      rightLeaf(forward, n, m, t, rst, cst, b, ldb, scratch + Gemm.SCRATCH_BYTES);
      return;
    }
    int h = half(n);
    int r = n - h;
    long b2 = at(b, 0, 0, h, 1);
    long t22 = at(t, h, rst, h, cst);
    if (forward) {
      solveRight(true, h, m, t, rst, cst, b, ldb, scratch);
      long t12 = at(t, 0, 0, h, cst);
      Level3.gemm(m, r, h, -1, b, ldb, 1, t12, rst, cst, 1, b2, ldb, scratch);
      solveRight(true, r, m, t22, rst, cst, b2, ldb, scratch);
    } else {
      solveRight(false, r, m, t22, rst, cst, b2, ldb, scratch);
      long t21 = at(t, h, rst, 0, 0);
      Level3.gemm(m, h, r, -1, b2, ldb, 1, t21, rst, cst, 1, b, ldb, scratch);
      solveRight(false, h, m, t, rst, cst, b, ldb, scratch);
    }
  }

  /** Bᵀ ← T⁻ᵀBᵀ on transposed chunks of B, so that the lanes run along its rows. */
  private static void rightLeaf(
      boolean forward, int n, int m, long t, int rst, int cst, long b, int ldb, long chunk) {
    for (int i = 0; i < m; i += CHUNK) {
      int count = Math.min(CHUNK, m - i);
      long rows = at(b, i, ldb, 0, 0);
      for (int r = 0; r < count; r++) {
        for (int j = 0; j < n; j++) {
          set(at(chunk, j, CHUNK, r, 1), get(at(rows, r, ldb, j, 1)));
        }
      }
      leaf(forward, n, count, t, cst, rst, chunk, CHUNK);
      for (int r = 0; r < count; r++) {
        for (int j = 0; j < n; j++) {
          set(at(rows, r, ldb, j, 1), get(at(chunk, j, CHUNK, r, 1)));
        }
      }
    }
  }

  private static void leaf(
      boolean forward, int n, int m, long t, int rst, int cst, long b, int ldb) {
    for (int step = 0; step < n; step++) {
      int i = forward ? step : n - 1 - step;
      int done = forward ? 0 : i + 1;
      solveRow(
          m,
          step,
          at(t, i, rst, done, cst),
          (long) cst * Double.BYTES,
          get(at(t, i, rst, i, cst)),
          at(b, done, ldb, 0, 0),
          (long) ldb * Double.BYTES,
          at(b, i, ldb, 0, 0));
    }
  }

  /** y ← (y − Σ tⱼ·(row j of X))/d, over the given number of rows of m elements. */
  private static void solveRow(
      int m, int rows, long t, long tStep, double d, long x, long xStep, long y) {
    DoubleVector vd = DoubleVector.broadcast(S, d);
    DoubleVector one = DoubleVector.broadcast(S, 1);
    int c = 0;
    for (; c <= m - VL; c += VL) {
      long at = (long) c * Double.BYTES;
      long yc = (y + at) & RANGE;
      DoubleVector sum = DoubleVector.fromMemorySegment(S, ALL, yc, ORDER);
      for (int j = 0; j < rows; j++) {
        DoubleVector tj = DoubleVector.broadcast(S, -get((t + j * tStep) & RANGE));
        sum =
            DoubleVector.fromMemorySegment(S, ALL, (x + at + j * xStep) & RANGE, ORDER)
                .fma(tj, sum);
      }
      one.mul(sum).div(vd).intoMemorySegment(ALL, yc, ORDER);
    }
    for (; c < m; c++) {
      long at = (long) c * Double.BYTES;
      double sum = get(y + at);
      for (int j = 0; j < rows; j++) {
        sum = Math.fma(get(x + at + j * xStep), -get(t + j * tStep), sum);
      }
      set(y + at, sum / d);
    }
  }

  /** See {@link Level3#potrf}. */
  static int factor(int n, long a, int lda, long scratch) {
    if (n <= LEAF) {
      return factorLeaf(n, a, lda, scratch + Gemm.SCRATCH_BYTES);
    }
    int h = half(n);
    int r = n - h;
    int done = factor(h, a, lda, scratch);
    if (done < h) {
      return done;
    }
    long a21 = at(a, h, lda, 0, 0);
    long a22 = at(a, h, lda, h, 1);
    // L21 = A21·L11⁻ᵀ: the upper triangular L11ᵀ is L11 with its strides swapped.
    solveRight(true, h, r, a, 1, lda, a21, lda, scratch);
    SymmetricProduct.run(true, r, h, -1, a21, lda, 1, 1, a22, lda, scratch);
    return h + factor(r, a22, lda, scratch);
  }

  /** On the transpose in scratch, whose rows are the columns of L: contiguous. */
  private static int factorLeaf(int n, long a, int lda, long u) {
    Level1.fill(LEAF * LEAF, 0, u);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        set(at(u, j, LEAF, i, 1), get(at(a, i, lda, j, 1)));
      }
    }
    int done = factorUpper(n, u);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        set(at(a, i, lda, j, 1), get(at(u, j, LEAF, i, 1)));
      }
    }
    return done;
  }

  /** U ← the upper triangular factor of A = UᵀU; the lower triangle of U is left undefined. */
  private static int factorUpper(int n, long u) {
    for (int j = 0; j < n; j++) {
      for (int c = j - j % VL; c < n; c += VL) {
        reduce(j, at(u, 0, 0, j, 1), at(u, 0, 0, c, 1), at(u, j, LEAF, c, 1));
      }
      double d = get(at(u, j, LEAF, j, 1));
      if (!(d > 0)) {
        return j;
      }
      d = Math.sqrt(d);
      DoubleVector vd = DoubleVector.broadcast(S, d);
      for (int c = j - j % VL; c < n; c += VL) {
        long y = at(u, j, LEAF, c, 1) & RANGE;
        DoubleVector.fromMemorySegment(S, ALL, y, ORDER).div(vd).intoMemorySegment(ALL, y, ORDER);
      }
      set(at(u, j, LEAF, j, 1), d);
    }
    return n;
  }

  /** y ← y − Σ tₚ·(row p of X) over rows of LEAF elements; four chains hide the latency. */
  private static void reduce(int rows, long t, long x, long y) {
    long to = y & RANGE;
    DoubleVector s0 = DoubleVector.fromMemorySegment(S, ALL, to, ORDER);
    DoubleVector s1 = DoubleVector.zero(S);
    DoubleVector s2 = DoubleVector.zero(S);
    DoubleVector s3 = DoubleVector.zero(S);
    int p = 0;
    for (; p <= rows - 4; p += 4) {
      long tp = t + (long) p * LEAF * Double.BYTES;
      long xp = (x + (long) p * LEAF * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xp, ORDER)
              .fma(DoubleVector.broadcast(S, -get(tp)), s0);
      s1 =
          DoubleVector.fromMemorySegment(S, ALL, xp + ROW, ORDER)
              .fma(DoubleVector.broadcast(S, -get(tp + ROW)), s1);
      s2 =
          DoubleVector.fromMemorySegment(S, ALL, xp + 2 * ROW, ORDER)
              .fma(DoubleVector.broadcast(S, -get(tp + 2 * ROW)), s2);
      s3 =
          DoubleVector.fromMemorySegment(S, ALL, xp + 3 * ROW, ORDER)
              .fma(DoubleVector.broadcast(S, -get(tp + 3 * ROW)), s3);
    }
    for (; p < rows; p++) {
      long xp = (x + (long) p * LEAF * Double.BYTES) & RANGE;
      s0 =
          DoubleVector.fromMemorySegment(S, ALL, xp, ORDER)
              .fma(DoubleVector.broadcast(S, -get(t + (long) p * LEAF * Double.BYTES)), s0);
    }
    DoubleVector one = DoubleVector.broadcast(S, 1);
    one.fma(one.fma(s0, s1), one.fma(s2, s3)).intoMemorySegment(ALL, to, ORDER);
  }
}
