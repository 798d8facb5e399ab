package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Matrix-matrix kernels; a transposition is a pair of strides (row, column), in elements. */
public final class Level3 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Bytes of scratch that {@link #gemm} and the kernels built on it need. */
  public static final long SCRATCH_BYTES = Gemm.SCRATCH_BYTES;

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
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      scale(m, n, beta, c, ldc);
      return;
    }
    Gemm.run(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, scratch);
  }

  /** C ← βC; β = 0 does not read C. */
  private static void scale(int m, int n, double beta, long c, int ldc) {
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
    for (int i = 0; i < n; i++) {
      int from = lower ? 0 : i;
      int count = lower ? i + 1 : n - i;
      gemm(
          1,
          count,
          k,
          alpha,
          a + (long) i * rsa * Double.BYTES,
          rsa,
          csa,
          a + (long) from * rsa * Double.BYTES,
          csa,
          rsa,
          beta,
          c + ((long) i * ldc + from) * Double.BYTES,
          ldc,
          scratch);
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
    int order = left ? m : n;
    int others = left ? n : m;
    boolean forward = (lower != transposed) == left;
    for (int o = 0; o < others; o++) {
      for (int step = 0; step < order; step++) {
        int i = forward ? step : order - 1 - step;
        double sum = alpha * get(b, left ? (long) i * ldb + o : (long) o * ldb + i);
        for (int q = 0; q < step; q++) {
          int j = forward ? q : order - 1 - q;
          boolean ijEntry = left != transposed;
          long at = ijEntry ? (long) i * ldt + j : (long) j * ldt + i;
          sum = Math.fma(-get(t, at), get(b, left ? (long) j * ldb + o : (long) o * ldb + j), sum);
        }
        set(b, left ? (long) i * ldb + o : (long) o * ldb + i, sum / get(t, (long) i * ldt + i));
      }
    }
  }

  /**
   * The lower Cholesky factor in place: A = LLᵀ, only the lower triangle is read and written.
   *
   * @return n on success, else the first column whose pivot is not positive
   */
  public static int potrf(int n, long a, int lda, long scratch) {
    for (int j = 0; j < n; j++) {
      for (int i = j; i < n; i++) {
        double sum = get(a, (long) i * lda + j);
        for (int p = 0; p < j; p++) {
          sum = Math.fma(-get(a, (long) i * lda + p), get(a, (long) j * lda + p), sum);
        }
        if (i == j) {
          if (!(sum > 0)) {
            return j;
          }
          set(a, (long) j * lda + j, Numbers.sqrt(sum));
        } else {
          set(a, (long) i * lda + j, sum / get(a, (long) j * lda + j));
        }
      }
    }
    return n;
  }
}
