package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Gemm.A_BYTES;
import static dev.natgrad.kernel.f64.Gemm.B_BYTES;
import static dev.natgrad.kernel.f64.Lanes.MASKS;
import static dev.natgrad.kernel.f64.Lanes.VL;

/**
 * The product of small matrices that is only written, not added: what {@link Gemm}, {@link
 * UnpackedGemm} and {@link Tiles} would choose, chosen and called in one method, because the calls
 * from one to the next, of 18 arguments each, cost more than the smallest products.
 */
public final class SmallGemm {
  private static final int NR = Tiles.NR;

  /** Rows, columns and depth up to which the calls are worth sparing. */
  private static final int SMALL = 64;

  private SmallGemm() {}

  /**
   * C ← αAB as {@link Level3#gemm}, where that is small; the columns of B are contiguous.
   *
   * @return whether it was computed
   */
  public static boolean run(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int rsb,
      long c,
      int ldc) {
    if (!fits(m, n, k, csa, rsb)) {
      return false;
    }
    if (n < VL) {
      masked(m, n, k, alpha, a, rsa, csa, b, rsb, c, ldc);
    } else {
      whole(m, n, k, alpha, a, rsa, csa, b, rsb, c, ldc);
    }
    return true;
  }

  /**
   * The same where the rows of B are contiguous.
   *
   * @param csb distance of two columns of B
   */
  static boolean packed(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int csb,
      long c,
      int ldc,
      long scratch) {
    if (!fits(m, n, k, csa, 1)) {
      return false;
    }
    long panel = scratch + A_BYTES;
    for (int j = 0; j < n; ) {
      int cols = columns(n, n - j);
      int first = Math.min(j, n - cols);
      long from = b + (long) first * csb * Double.BYTES;
      long to = c + (long) first * Double.BYTES;
      Packing.pack(cols, k, NR, from, csb, 1, panel, panel + B_BYTES);
      if (cols < VL) {
        masked(m, cols, k, alpha, a, rsa, csa, panel, NR, to, ldc);
      } else {
        whole(m, cols, k, alpha, a, rsa, csa, panel, NR, to, ldc);
      }
      j = first + cols;
    }
    return true;
  }

  /** Not where rows of A fill the lanes that the last columns would leave empty, nor sets of L1. */
  private static boolean fits(int m, int n, int k, int csa, int rsb) {
    return MASKS
        && m <= SMALL
        && n <= SMALL
        && k <= SMALL
        && m > 1
        && n > 1
        && k > 0
        && (n >= VL || k <= Tiles.SHALLOW)
        && (csa == 1 || m <= VL || n % NR == 0 || n == VL)
        && (m <= Gemm.FEW_ROWS || rsb % (Gemm.SETS / Double.BYTES) != 0);
  }

  /** As in {@link UnpackedGemm}: the last panel takes some columns before it along. */
  private static int columns(int n, int left) {
    int whole = left > VL ? NR : VL;
    return n < whole ? left : whole;
  }

  /** Fewer columns than a vector has lanes. */
  private static void masked(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int rsb,
      long c,
      int ldc) {
    long ra = (long) rsa * Double.BYTES;
    long ca = (long) csa * Double.BYTES;
    long rb = (long) rsb * Double.BYTES;
    long rc = (long) ldc * Double.BYTES;
    for (int i = 0; i < m; i += Kernel4x1.MR) {
      int count = Math.min(Kernel4x1.MR, m - i);
      Kernel4x1.masked(count, n, k, alpha, a + i * ra, ra, ca, b, rb, c + i * rc, rc);
    }
  }

  /** Whole vectors, of which two may overlap. */
  private static void whole(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      long b,
      int rsb,
      long c,
      int ldc) {
    long ra = (long) rsa * Double.BYTES;
    long ca = (long) csa * Double.BYTES;
    long rb = (long) rsb * Double.BYTES;
    long rc = (long) ldc * Double.BYTES;
    for (int j = 0; j < n; ) {
      int cols = columns(n, n - j);
      int first = Math.min(j, n - cols);
      long panel = b + (long) first * Double.BYTES;
      int count;
      for (int i = 0; i < m; i += count) {
        count = cols > VL ? Tiles.rows(m - i) : Math.min(Kernel8x1.MR, m - i);
        long from = a + i * ra;
        long to = c + i * rc + (long) first * Double.BYTES;
        if (cols == NR) {
          Tiles.whole(count, k, alpha, from, ra, ca, panel, rb, to, rc);
        } else if (cols > VL) {
          Tiles.overlapping(count, cols, k, alpha, from, ra, ca, panel, rb, to, rc);
        } else if (count > Kernel4x1.MR) {
          Kernel8x1.run(count, k, alpha, from, ra, ca, panel, rb, to, rc);
        } else {
          Kernel4x1.masked(count, VL, k, alpha, from, ra, ca, panel, rb, to, rc);
        }
      }
      j = first + cols;
    }
  }
}
