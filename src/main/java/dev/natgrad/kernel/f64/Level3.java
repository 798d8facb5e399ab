package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.ElementKernel;
import java.lang.foreign.MemorySegment;

/** Matrix-matrix kernels; a transposition is a pair of strides (row, column), in elements. */
public final class Level3 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Bytes of scratch that {@link #gemm} and the kernels built on it need. */
  public static final long SCRATCH_BYTES = Gemm.SCRATCH_BYTES + Triangular.SCRATCH_BYTES;

  /** The depth of the blocks that gemm sums in, one after another. */
  public static final int DEPTH = Gemm.KC;

  /** A product with one row or column is matrix-vector products of at most this depth. */
  private static final int VECTOR_DEPTH = 1 << 16;

  private Level3() {}

  private static double get(long x, long i) {
    return ALL.get(JAVA_DOUBLE, x + i * Double.BYTES);
  }

  private static void set(long x, long i, double value) {
    ALL.set(JAVA_DOUBLE, x + i * Double.BYTES, value);
  }

  /** C ← αAB + βC, C m×n row-major; A and B have strides (rs, cs). β = 0 does not read C. */
  public static void gemm(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int rsb,
      int csb,
      double beta,
      long c,
      int ldc,
      long scratch) {
    gemm(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, 0, null, c, ldc, scratch);
  }

  /**
   * The same, and C + 1bᵀ and then a function of its elements, block by block, each once it is
   * finished.
   *
   * @param bias address of b, n elements; 0 for none
   * @param map run on the elements of C and of Y; null for none
   * @param y address of Y, m×n, which may be C
   */
  public static void gemm(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int rsb,
      int csb,
      double beta,
      long c,
      int ldc,
      long bias,
      ElementKernel map,
      long y,
      int ldy,
      long scratch) {
    if (m == 0 || n == 0) {
      return;
    }
    if (k > 0 && n > 1 && m > 1) {
      if (csb != 1 && beta == 0 && bias == 0 && map == null) {
        if (SmallGemm.packed(m, n, k, alpha, a, rsa, csa, b, csb, c, ldc, scratch)) {
          return;
        }
      }
      Gemm.run(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
      return;
    }
    if (k == 0) {
      scale(m, n, beta, c, ldc);
    }
    for (int pc = 0; pc < k; pc += VECTOR_DEPTH) {
      int depth = Math.min(VECTOR_DEPTH, k - pc);
      long ap = a + (long) pc * csa * Double.BYTES;
      long bp = b + (long) pc * rsb * Double.BYTES;
      double betaCur = pc == 0 ? beta : 1;
      if (n == 1) {
        columnProduct(m, depth, alpha, ap, rsa, csa, bp, rsb, betaCur, c, ldc, scratch);
      } else {
        rowProduct(n, depth, alpha, ap, csa, bp, rsb, csb, betaCur, c, scratch);
      }
    }
    Finish.run(m, n, bias, map, c, ldc, y, ldy, scratch);
  }

  /** One column of C; what is not contiguous is gathered in scratch. */
  private static void columnProduct(
      int m,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int rsb,
      double beta,
      long c,
      int ldc,
      long scratch) {
    long x = scratch + Level2.SCRATCH_BYTES;
    long y = x + (long) VECTOR_DEPTH * Double.BYTES;
    x = rsb == 1 ? b : gather(k, b, rsb, x);
    if (csa == 1) {
      Level2.gemv(m, k, alpha, a, rsa, x, beta, c, ldc, scratch);
    } else if (ldc == 1) {
      Level2.gemvTransposed(k, m, alpha, a, csa, x, 1, beta, c);
    } else {
      for (int i = 0; i < m; i += VECTOR_DEPTH) {
        int count = Math.min(VECTOR_DEPTH, m - i);
        long rows = a + (long) i * Double.BYTES;
        long column = c + (long) i * ldc * Double.BYTES;
        if (beta != 0) {
          gather(count, column, ldc, y);
        }
        Level2.gemvTransposed(k, count, alpha, rows, csa, x, 1, beta, y);
        for (int r = 0; r < count; r++) {
          set(column, (long) r * ldc, get(y, r));
        }
      }
    }
  }

  /** One row of C. */
  private static void rowProduct(
      int n,
      int k,
      double alpha,
      long a,
      int csa,
      long b,
      int rsb,
      int csb,
      double beta,
      long c,
      long scratch) {
    if (csb == 1) {
      Level2.gemvTransposed(k, n, alpha, b, rsb, a, csa, beta, c);
    } else {
      long x = csa == 1 ? a : gather(k, a, csa, scratch + Level2.SCRATCH_BYTES);
      Level2.gemv(n, k, alpha, b, csb, x, beta, c, 1, scratch);
    }
  }

  private static long gather(int n, long x, int incx, long to) {
    for (int i = 0; i < n; i++) {
      set(to, i, get(x, (long) i * incx));
    }
    return to;
  }

  /** C ← βC; β = 0 does not read C. */
  static void scale(int m, int n, double beta, long c, int ldc) {
    for (int i = 0; i < m; i++) {
      long row = c + (long) i * ldc * Double.BYTES;
      if (beta == 0) {
        Level1.fill(n, 0, row);
      } else {
        Level1.scal(n, beta, row);
      }
    }
  }

  /** The chosen triangle of C ← αAAᵀ + βC, A n×k with strides (rs, cs), C n×n. */
  public static void syrk(
      boolean lower,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      double beta,
      long c,
      int ldc,
      long scratch) {
    if (n > 0) {
      SymmetricProduct.run(lower, n, k, alpha, a, rsa, csa, beta, c, ldc, scratch);
    }
  }

  /**
   * B ← αT⁻¹B (left) or αBT⁻¹ (right), B m×n, T triangular, transposed on request; the other
   * triangle of T is not read.
   */
  public static void trsm(
      boolean left,
      boolean lower,
      boolean transposed,
      int m,
      int n,
      double alpha,
      long t,
      int ldt,
      long b,
      int ldb,
      long scratch) {
    if (m == 0 || n == 0) {
      return;
    }
    if (alpha != 1) {
      for (int i = 0; i < m; i++) {
        Level1.scal(n, alpha, b + (long) i * ldb * Double.BYTES);
      }
    }
    boolean lowerNow = lower != transposed;
    int rst = transposed ? 1 : ldt;
    int cst = transposed ? ldt : 1;
    if (left) {
      Triangular.solveLeft(lowerNow, m, n, t, rst, cst, b, ldb, scratch);
    } else {
      Triangular.solveRight(!lowerNow, n, m, t, rst, cst, b, ldb, scratch);
    }
  }

  /**
   * The lower Cholesky factor in place: A = LLᵀ, only the lower triangle is read and written.
   *
   * @return n on success, else the first column whose pivot is not positive
   */
  public static int potrf(int n, long a, int lda, long scratch) {
    return Triangular.factor(n, a, lda, scratch);
  }
}
