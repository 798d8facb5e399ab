package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

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
    long end = row(d, ldd, m - 1) + (long) q * Double.BYTES;
    for (int i = 0; i < m; i++) {
      long ai = row(a, lda, i);
      long di = row(d, ldd, i);
      long gi = row(g, ldg, i);
      if (q == 1) {
        scale(p, get(di, 0), ai, gi);
      } else {
        // Fewer entries than a vector are read with what follows, and the next block overwrites
        // that; as long as it all lies inside of D and of the row.
        int whole = q > 0 && q < VL && di + VB <= end ? few(p, q, ai, di, gi) : 0;
        for (int j = whole; j < p; j++) {
          scale(q, get(ai, j), di, row(gi, q, j));
        }
      }
    }
  }

  /** As many blocks of q &lt; VL entries as have a vector's room in the row; returns how many. */
  private static int few(int p, int q, long a, long d, long g) {
    int blocks = Math.max(0, p * q - VL + q) / q;
    DoubleVector vd = DoubleVector.fromMemorySegment(S, ALL, d & RANGE, ORDER);
    for (int j = 0; j < blocks; j++) {
      vd.mul(get(a, j)).intoMemorySegment(ALL, row(g, q, j) & RANGE, ORDER);
    }
    return blocks;
  }

  /** y ← αx; the last vector may overlap the one before. */
  private static void scale(int n, double alpha, long x, long y) {
    if (n < VL) {
      for (int i = 0; i < n; i++) {
        set(y, i, get(x, i) * alpha);
      }
      return;
    }
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    for (int i = 0; i < n; i += VL) {
      long at = (long) Math.min(i, n - VL) * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, (x + at) & RANGE, ORDER)
          .mul(va)
          .intoMemorySegment(ALL, (y + at) & RANGE, ORDER);
    }
  }
}
