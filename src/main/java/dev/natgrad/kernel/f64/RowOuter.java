package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** The outer product of each row of A, m×p, with the same row of D, m×q. */
public final class RowOuter {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private RowOuter() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  private static long row(long a, int lda, int i) {
    return a + (long) i * lda * Double.BYTES;
  }

  /** Each row of G, m×pq, ← the p×q matrix adᵀ row by row. */
  public static void outer(int m, int p, int q, long a, int lda, long d, int ldd, long g, int ldg) {
    for (int i = 0; i < m; i++) {
      long ai = row(a, lda, i);
      long di = row(d, ldd, i);
      long gi = row(g, ldg, i);
      if (q == 1) {
        double factor = get(di, 0);
        for (int j = 0; j < p; j++) {
          set(gi, j, get(ai, j) * factor);
        }
      } else {
        for (int j = 0; j < p; j++) {
          double factor = get(ai, j);
          long block = row(gi, q, j);
          for (int k = 0; k < q; k++) {
            set(block, k, factor * get(di, k));
          }
        }
      }
    }
  }
}
