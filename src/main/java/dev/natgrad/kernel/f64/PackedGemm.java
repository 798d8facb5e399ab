package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Gemm.A_BYTES;
import static dev.natgrad.kernel.f64.Gemm.B_BYTES;
import static dev.natgrad.kernel.f64.Gemm.KC;
import static dev.natgrad.kernel.f64.Gemm.at;
import static dev.natgrad.kernel.f64.Lanes.VL;

import dev.natgrad.kernel.ElementKernel;

/** The product with B packed into panels, and A packed, copied or as it lies. */
final class PackedGemm {
  private static final int MR = Tiles.MR;
  private static final int NR = Tiles.NR;

  /** Rows of a panel of A: whole vectors and whole tiles, of eight rows or of six. */
  private static final int PANEL_OF_A = Tiles.WIDE ? Math.max(MR, VL) : 3 * VL;

  private static final int MC = A_BYTES / (KC * Double.BYTES);

  /**
   * From so many columns on, rows of A whose distance is a multiple of this many bytes are copied
   * first: they share a part of the cache's sets, and are read often enough.
   */
  private static final int COPY_COLUMNS = 128;

  private static final int ALIAS = 512;

  /** Elements from row to row of the copy: a cache line more than a power of two. */
  private static final int COPY_STRIDE = KC + 64 / Double.BYTES;

  private static final int COPY_MC = A_BYTES / (COPY_STRIDE * Double.BYTES) / MR * MR;

  /** Blocks of depth that are packed at once. */
  private static final int MAX_BLOCKS = 4;

  private PackedGemm() {}

  /**
   * For a strip of columns of C: packs the strip of B, as much depth of it as has room, then adds
   * to the rows of C block by block, which stay in cache until they are finished.
   */
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
      long bias,
      ElementKernel map,
      long y,
      int ldy,
      long scratch) {
    long bp = scratch + A_BYTES;
    long tile = bp + B_BYTES;
    boolean packA = csa != 1 && n > 2 * NR;
    boolean copyA = csa == 1 && n >= COPY_COLUMNS && (long) rsa * Double.BYTES % ALIAS == 0;
    int kc = Math.min(KC, k);
    int depth = Math.min(k, MAX_BLOCKS * kc);
    int nc = B_BYTES / Double.BYTES / depth / NR * NR;
    for (int jc = 0; jc < n; jc += nc) {
      int ncCur = Math.min(nc, n - jc);
      int mc = Math.min(packA ? MC : COPY_MC, Finish.rows(ncCur));
      long biasCur = bias == 0 ? 0 : at(bias, 0, 0, jc, 1);
      for (int pg = 0; pg < k; pg += depth) {
        int depthCur = Math.min(depth, k - pg);
        packB(ncCur, depthCur, kc, at(b, pg, rsb, jc, csb), rsb, csb, bp, tile);
        double betaCur = pg == 0 ? beta : 1;
        for (int ic = 0; ic < m; ic += mc) {
          int mcCur = Math.min(mc, m - ic);
          long from = at(a, ic, rsa, pg, csa);
          long to = at(c, ic, ldc, jc, 1);
          if (packA) {
            packedRows(
                mcCur, ncCur, depthCur, kc, alpha, from, rsa, csa, betaCur, to, ldc, scratch);
          } else {
            rows(
                mcCur, ncCur, depthCur, kc, alpha, from, rsa, csa, copyA, betaCur, to, ldc,
                scratch);
          }
          if (pg + depth >= k) {
            Finish.run(mcCur, ncCur, biasCur, map, to, ldc, at(y, ic, ldy, jc, 1), ldy, tile);
          }
        }
      }
    }
  }

  /** Panels of B for each block of KC, one block after the other. */
  private static void packB(
      int nc, int depth, int kcMax, long b, int rsb, int csb, long bp, long packingScratch) {
    for (int pc = 0; pc < depth; pc += kcMax) {
      int kc = Math.min(kcMax, depth - pc);
      Packing.pack(
          nc, kc, NR, at(b, pc, rsb, 0, 1), csb, rsb, blockOfB(bp, nc, pc), packingScratch);
    }
  }

  private static long blockOfB(long bp, int nc, int pc) {
    return bp + (long) (nc + NR - 1) / NR * NR * pc * Double.BYTES;
  }

  /** Rows of C from a packed strip of B and A packed here. */
  private static void packedRows(
      int mc,
      int nc,
      int depth,
      int kcMax,
      double alpha,
      long a,
      int rsa,
      int csa,
      double beta,
      long c,
      int ldc,
      long scratch) {
    long bp = scratch + A_BYTES;
    for (int pc = 0; pc < depth; pc += kcMax) {
      int kc = Math.min(kcMax, depth - pc);
      double betaCur = pc == 0 ? beta : 1;
      long from = at(a, 0, 1, pc, csa);
      Packing.pack(mc, kc, PANEL_OF_A, from, rsa, csa, scratch, bp + B_BYTES);
      packedA(mc, nc, kc, alpha, scratch, blockOfB(bp, nc, pc), betaCur, c, ldc, bp + B_BYTES);
    }
  }

  /** The same with A as it lies, or copied: its rows then keep out of the way of each other. */
  private static void rows(
      int mc,
      int nc,
      int depth,
      int kcMax,
      double alpha,
      long a,
      int rsa,
      int csa,
      boolean copy,
      double beta,
      long c,
      int ldc,
      long scratch) {
    long bp = scratch + A_BYTES;
    int stride = copy ? COPY_STRIDE : rsa;
    for (int pc = 0; pc < depth; pc += kcMax) {
      int kc = Math.min(kcMax, depth - pc);
      double betaCur = pc == 0 ? beta : 1;
      long from = at(a, 0, 1, pc, csa);
      if (copy) {
        Packing.rows(mc, kc, from, rsa, scratch, COPY_STRIDE);
        from = scratch;
      }
      long panels = blockOfB(bp, nc, pc);
      rowsOfA(mc, nc, kc, alpha, from, stride, csa, panels, betaCur, c, ldc, bp + B_BYTES);
    }
  }

  /** C ← αAB + βC on packed blocks of A and B. */
  private static void packedA(
      int mc,
      int nc,
      int kc,
      double alpha,
      long ap,
      long bp,
      double beta,
      long c,
      int ldc,
      long tile) {
    for (int jr = 0; jr < nc; jr += NR) {
      long panel = bp + (long) jr * kc * Double.BYTES;
      int cols = Math.min(NR, nc - jr);
      for (int ir = 0; ir < mc; ir += PANEL_OF_A) {
        long rows = ap + (long) ir * kc * Double.BYTES;
        int count = Math.min(PANEL_OF_A, mc - ir);
        long to = at(c, ir, ldc, jr, 1);
        Tiles.column(
            true, count, cols, kc, alpha, rows, 1, PANEL_OF_A, panel, NR, beta, to, ldc, tile);
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
      int ldc,
      long tile) {
    for (int jr = 0; jr < nc; jr += NR) {
      long panel = bp + (long) jr * kc * Double.BYTES;
      int cols = Math.min(NR, nc - jr);
      long to = at(c, 0, ldc, jr, 1);
      Tiles.column(true, mc, cols, kc, alpha, a, rsa, csa, panel, NR, beta, to, ldc, tile);
    }
  }
}
