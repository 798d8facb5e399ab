package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.VL;

/**
 * The five loops of gemm around the micro-kernels.
 *
 * <p>Bits: every element of C is one chain of fma over p in blocks of {@link #KC}, each block
 * started from zero and added as fma(α, block, C). So neither the tile, the packing, mc nor nc can
 * change them, and both paths below give the same, also where they compute Cᵀ.
 */
final class Gemm {
  /**
   * Depth of a block. It decides rounding, so it is the same at every width and on every machine.
   * At 256 a panel of B, the largest thing the micro-kernel reads again, is 32 KiB at 512 bits.
   */
  static final int KC = 256;

  /** Bytes of the packed block of A: half of a 1 MiB L2 cache. */
  private static final int A_BYTES = 480 * 1024;

  /** Bytes of the packed block of B: a share of the L3 cache. */
  private static final int B_BYTES = 2 * 1024 * 1024;

  /** Rows of C that are computed as columns at once. */
  private static final int CHUNK = 512;

  /** Bytes of scratch that the product needs. */
  static final int SCRATCH_BYTES =
      A_BYTES + B_BYTES + Tiles.SCRATCH_BYTES + Packing.SCRATCH_BYTES + CHUNK * 64;

  private static final int MR = Tiles.MR;
  private static final int NR = Tiles.NR;
  private static final int MC = A_BYTES / (KC * Double.BYTES);

  /**
   * Rows of A that are read as they lie: fewer than MC, because with a row stride of a power of two
   * they share a part of the L2 cache's sets.
   */
  private static final int ROWS_MC = 96;

  /** From so many columns on, rows of A are copied first: they are then read often enough. */
  private static final int COPY_COLUMNS = 128;

  /** Elements from row to row of the copy: a cache line more than a power of two. */
  private static final int COPY_STRIDE = KC + 64 / Double.BYTES;

  private static final int COPY_MC = A_BYTES / (COPY_STRIDE * Double.BYTES) / MR * MR;

  private static final int NC = B_BYTES / (KC * Double.BYTES);

  /** Up to so many multiplications, packing costs more than it saves. */
  private static final long UNPACKED = 96L * 96 * 96;

  /** With so few rows a packed B would be read too seldom to pay for its packing. */
  private static final int FEW_ROWS = 32;

  private Gemm() {}

  /** See {@link Level3#gemm}; m, n, k ≥ 1. */
  static void run(
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
    if (csa != 1 && rsa == 1 && n < VL && m > VL) {
      transposed(m, n, k, alpha, a, csa, b, rsb, csb, beta, c, ldc, scratch);
    } else {
      product(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, scratch);
    }
  }

  /**
   * Cᵀ = BᵀAᵀ in scratch: the contiguous rows of Aᵀ fill the lanes that the few columns of B would
   * leave empty.
   */
  private static void transposed(
      int m,
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
      int ldc,
      long scratch) {
    long ct = scratch + A_BYTES + B_BYTES + Tiles.SCRATCH_BYTES + Packing.SCRATCH_BYTES;
    for (int i = 0; i < m; i += CHUNK) {
      int count = Math.min(CHUNK, m - i);
      long rows = at(c, i, ldc, 0, 1);
      if (beta != 0) {
        Packing.flip(count, n, rows, ldc, ct, CHUNK);
      }
      long lanes = at(a, i, 1, 0, 1);
      product(n, count, k, alpha, b, csb, rsb, lanes, csa, 1, beta, ct, CHUNK, scratch);
      Packing.flip(n, count, ct, CHUNK, rows, ldc);
    }
  }

  private static void product(
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
    if (m <= FEW_ROWS || (long) m * n * k <= UNPACKED) {
      unpacked(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, scratch);
    } else {
      blocked(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, scratch);
    }
  }

  private static void blocked(
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
    long bp = scratch + A_BYTES;
    boolean packA = csa != 1 && n > 2 * NR;
    boolean copyA = csa == 1 && n >= COPY_COLUMNS;
    for (int jc = 0; jc < n; jc += NC) {
      int ncCur = Math.min(NC, n - jc);
      for (int pc = 0; pc < k; pc += KC) {
        int kcCur = Math.min(KC, k - pc);
        double betaCur = pc == 0 ? beta : 1;
        Packing.pack(ncCur, kcCur, NR, at(b, pc, rsb, jc, csb), csb, rsb, bp, bp + B_BYTES);
        int mc = packA ? MC : copyA ? COPY_MC : ROWS_MC;
        for (int ic = 0; ic < m; ic += mc) {
          int mcCur = Math.min(mc, m - ic);
          long from = at(a, ic, rsa, pc, csa);
          long to = at(c, ic, ldc, jc, 1);
          if (packA) {
            Packing.pack(mcCur, kcCur, MR, from, rsa, csa, scratch, bp + B_BYTES);
            packedA(mcCur, ncCur, kcCur, alpha, scratch, bp, betaCur, to, ldc);
          } else if (copyA) {
            Packing.rows(mcCur, kcCur, from, rsa, scratch, COPY_STRIDE);
            rowsOfA(mcCur, ncCur, kcCur, alpha, scratch, COPY_STRIDE, 1, bp, betaCur, to, ldc);
          } else {
            rowsOfA(mcCur, ncCur, kcCur, alpha, from, rsa, csa, bp, betaCur, to, ldc);
          }
        }
      }
    }
  }

  /** C ← αAB + βC on packed blocks of A and B. */
  private static void packedA(
      int mc, int nc, int kc, double alpha, long ap, long bp, double beta, long c, int ldc) {
    long tile = bp + B_BYTES;
    for (int jr = 0; jr < nc; jr += NR) {
      long panel = bp + (long) jr * kc * Double.BYTES;
      int cols = Math.min(NR, nc - jr);
      for (int ir = 0; ir < mc; ir += MR) {
        long rows = ap + (long) ir * kc * Double.BYTES;
        int count = Math.min(MR, mc - ir);
        long to = at(c, ir, ldc, jr, 1);
        Tiles.column(count, cols, kc, alpha, rows, 1, MR, panel, NR, beta, to, ldc, tile);
      }
    }
  }

  /**
   * C ← αAB + βC on a packed block of B and A as it lies: the rows of a tile are few streams, and
   * with few columns a transposed A is read too seldom for packing.
   */
  private static void rowsOfA(
      int mc,
      int nc,
      int kc,
      double alpha,
      long a,
      int rsa,
      int csa,
      long bp,
      double beta,
      long c,
      int ldc) {
    long tile = bp + B_BYTES;
    for (int jr = 0; jr < nc; jr += NR) {
      long panel = bp + (long) jr * kc * Double.BYTES;
      int cols = Math.min(NR, nc - jr);
      long to = at(c, 0, ldc, jr, 1);
      Tiles.column(mc, cols, kc, alpha, a, rsa, csa, panel, NR, beta, to, ldc, tile);
    }
  }

  /** No packing but for a panel of B whose rows are not contiguous. */
  private static void unpacked(
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
    long bp = scratch + A_BYTES;
    long tile = bp + B_BYTES;
    for (int pc = 0; pc < k; pc += KC) {
      int kcCur = Math.min(KC, k - pc);
      double betaCur = pc == 0 ? beta : 1;
      long from = at(a, 0, rsa, pc, csa);
      for (int jr = 0; jr < n; jr += NR) {
        int cols = Math.min(NR, n - jr);
        long panel = at(b, pc, rsb, jr, csb);
        int panelStride = rsb;
        if (csb != 1 || (cols < NR && !Lanes.MASKS)) {
          Packing.pack(cols, kcCur, NR, panel, csb, rsb, bp, tile);
          panel = bp;
          panelStride = NR;
        }
        long to = at(c, 0, ldc, jr, 1);
        Tiles.column(
            m, cols, kcCur, alpha, from, rsa, csa, panel, panelStride, betaCur, to, ldc, tile);
      }
    }
  }

  private static long at(long x, int i, int rs, int j, int cs) {
    return x + ((long) i * rs + (long) j * cs) * Double.BYTES;
  }
}
