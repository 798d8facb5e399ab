package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Products with a diagonal or softmax matrix in each row of m×n matrices; U may be T. */
public final class OutputRows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private OutputRows() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  private static long row(long a, int lda, int i) {
    return a + (long) i * lda * Double.BYTES;
  }

  /** Whether the rows follow each other without gaps, so that all are one of m·n elements. */
  private static boolean joined(int m, int n, int first, int second, int third) {
    return first == n && second == n && third == n && (long) m * n <= Integer.MAX_VALUE;
  }

  /** U ← αT. */
  public static void scale(int m, int n, double alpha, long t, int ldt, long u, int ldu) {
    if (joined(m, n, ldt, ldt, ldu)) {
      FamilyProducts.scale(m * n, alpha, t, u);
      return;
    }
    for (int i = 0; i < m; i++) {
      FamilyProducts.scale(n, alpha, row(t, ldt, i), row(u, ldu, i));
    }
  }

  /** U ← α(A − B); U may be A or B. */
  public static void difference(
      int m, int n, double alpha, long a, int lda, long b, int ldb, long u, int ldu) {
    if (joined(m, n, lda, ldb, ldu)) {
      FamilyProducts.difference(m * n, alpha, a, b, u);
      return;
    }
    for (int i = 0; i < m; i++) {
      FamilyProducts.difference(n, alpha, row(a, lda, i), row(b, ldb, i), row(u, ldu, i));
    }
  }

  /** U ← αP∘(1 − P)∘T. */
  public static void bernoulliProduct(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu) {
    if (joined(m, n, ldp, ldt, ldu)) {
      FamilyProducts.bernoulliProduct(m * n, alpha, p, t, u);
      return;
    }
    for (int i = 0; i < m; i++) {
      FamilyProducts.bernoulliProduct(n, alpha, row(p, ldp, i), row(t, ldt, i), row(u, ldu, i));
    }
  }

  /** U ← α√(P∘(1 − P))∘T. */
  public static void bernoulliFactor(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu) {
    if (joined(m, n, ldp, ldt, ldu)) {
      FamilyProducts.bernoulliFactor(m * n, alpha, p, t, u);
      return;
    }
    for (int i = 0; i < m; i++) {
      FamilyProducts.bernoulliFactor(n, alpha, row(p, ldp, i), row(t, ldt, i), row(u, ldu, i));
    }
  }

  /** Each row u ← α(√p∘t − p(√p)ᵀt). */
  public static void softmaxFactor(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu) {
    for (int i = 0; i < m; i++) {
      long pi = row(p, ldp, i);
      long ti = row(t, ldt, i);
      long ui = row(u, ldu, i);
      double dot = 0;
      for (int j = 0; j < n; j++) {
        dot = Math.fma(Numbers.sqrt(get(pi, j)), get(ti, j), dot);
      }
      for (int j = 0; j < n; j++) {
        double root = Numbers.sqrt(get(pi, j));
        set(ui, j, alpha * root * Math.fma(-root, dot, get(ti, j)));
      }
    }
  }

  private static double mean(int n, long p, long t) {
    double mean = 0;
    for (int j = 0; j < n; j++) {
      mean = Math.fma(get(p, j), get(t, j), mean);
    }
    return mean;
  }

  /** Each row u ← α√p∘(t − pᵀt); exactly 0 where t is constant, as {@link Rows#softmaxProduct}. */
  public static void softmaxFactorTranspose(
      int m, int n, double alpha, long p, int ldp, long t, int ldt, long u, int ldu) {
    for (int i = 0; i < m; i++) {
      long pi = row(p, ldp, i);
      long ti = row(t, ldt, i);
      long ui = row(u, ldu, i);
      double mean = Rows.constant(n, ti) ? get(ti, 0) : mean(n, pi, ti);
      for (int j = 0; j < n; j++) {
        set(ui, j, alpha * Numbers.sqrt(get(pi, j)) * (get(ti, j) - mean));
      }
    }
  }
}
