package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Kernels that work on each row of an m×n matrix by itself. */
public final class Rows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Rows() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  /** yᵢ ← ln Σⱼ exp Aᵢⱼ, without overflow. */
  public static void logSumExp(int m, int n, long a, int lda, long y) {
    for (int i = 0; i < m; i++) {
      long row = a + (long) i * lda * Double.BYTES;
      double max = max(n, row);
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += Numbers.exp(get(row, j) - max);
      }
      set(y, i, max + Numbers.log(sum));
    }
  }

  /** Each row of P ← the softmax of the row of A; P may be A. */
  public static void softmax(int m, int n, long a, int lda, long p, int ldp) {
    for (int i = 0; i < m; i++) {
      long row = a + (long) i * lda * Double.BYTES;
      long out = p + (long) i * ldp * Double.BYTES;
      double max = max(n, row);
      double sum = 0;
      for (int j = 0; j < n; j++) {
        double e = Numbers.exp(get(row, j) - max);
        set(out, j, e);
        sum += e;
      }
      for (int j = 0; j < n; j++) {
        set(out, j, get(out, j) / sum);
      }
    }
  }

  /** U ← α(P∘T − P·(row sums of P∘T)): the softmax's Jacobian times T; U may be T. */
  public static void softmaxProduct(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu) {
    for (int i = 0; i < m; i++) {
      long pi = p + (long) i * ldp * Double.BYTES;
      long ti = t + (long) i * ldt * Double.BYTES;
      long ui = u + (long) i * ldu * Double.BYTES;
      double mean = 0;
      for (int j = 0; j < n; j++) {
        mean = Math.fma(get(pi, j), get(ti, j), mean);
      }
      for (int j = 0; j < n; j++) {
        set(ui, j, alpha * get(pi, j) * (get(ti, j) - mean));
      }
    }
  }

  /** Each row uᵢ ← α(sᵢᵀtᵢ)sᵢ + βuᵢ; β = 0 does not read U. */
  public static void outerProduct(
      int m, int n, double alpha, long s, int lds, long t, int ldt, double beta, long u, int ldu) {
    for (int i = 0; i < m; i++) {
      long si = s + (long) i * lds * Double.BYTES;
      long ti = t + (long) i * ldt * Double.BYTES;
      double dot = 0;
      for (int j = 0; j < n; j++) {
        dot = Math.fma(get(si, j), get(ti, j), dot);
      }
      Level1.axpby(n, alpha * dot, si, beta, u + (long) i * ldu * Double.BYTES);
    }
  }

  private static double max(int n, long row) {
    double max = get(row, 0);
    for (int j = 1; j < n; j++) {
      max = Math.max(max, get(row, j));
    }
    return max;
  }
}
