package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.VL;

import dev.natgrad.kernel.ElementKernel;

/**
 * The five loops of gemm around the micro-kernels.
 *
 * <p>Bits: every element of C is one chain of fma over p in blocks of {@link #KC}, each block
 * started from zero and added as fma(α, block, C). So neither the tile, the packing, mc nor nc can
 * change them, and both paths below give the same, also where they compute Cᵀ.
 */
final class Gemm {
  /**
   * Depth of a block but for the last: a panel of B, which the micro-kernel reads again for every
   * tile, is then 32 KiB at 512 bits and stays in L1. Whoever sums in several calls, a multiple of
   * it in each, has the bits of one.
   */
  static final int KC = 256;

  /** Bytes of the packed block of A: half of a 1 MiB L2 cache. */
  private static final int A_BYTES = 480 * 1024;

  /** Bytes of the packed block of B: a share of the L3 cache. */
  private static final int B_BYTES = 4 * 1024 * 1024;

  /** Rows of C that are computed as columns at once. */
  private static final int CHUNK = 512;

  /** Bytes of scratch that the product needs. */
  static final int SCRATCH_BYTES =
      A_BYTES + B_BYTES + Tiles.SCRATCH_BYTES + Packing.SCRATCH_BYTES + CHUNK * 64;

  private static final int MR = Tiles.MR;
  private static final int NR = Tiles.NR;

  /** Rows of a panel of A: whole vectors, so of one tile or two. */
  private static final int PANEL_OF_A = Math.max(MR, VL);

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

  /** Bytes of a block of A up to which it stays in L2 while panel after panel of B passes. */
  private static final long RESIDENT = 512 * 1024;

  /** Bytes of the cache lines that the depth of a tile may touch in operands as they lie. */
  private static final long TOUCHED = 64 * 1024;

  private static final int LINE = 64;

  /** Rows of B whose distance is a multiple of this many bytes share two sets of L1. */
  private static final int SETS = 4096;

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
      long bias,
      ElementKernel map,
      long y,
      int ldy,
      long scratch) {
    if (csa != 1 && rsa == 1 && n < VL && m > VL) {
      transposed(m, n, k, alpha, a, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    } else if (m <= FEW_ROWS || stays(m, k, rsa, csa, rsb, csb)) {
      unpacked(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    } else {
      blocked(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    }
  }

  /**
   * Whether packing would cost more than it saves: a block of A stays in L2, and the lines of both
   * operands that a tile reads stay near enough.
   */
  private static boolean stays(int m, int k, int rsa, int csa, int rsb, int csb) {
    int depth = Math.min(k, KC);
    boolean aliased = csb == 1 && (long) rsb * Double.BYTES % SETS == 0;
    int lines = csb == 1 ? lines(NR, rsb) : NR * Double.BYTES / LINE;
    lines += csa == 1 ? 0 : lines(MR, csa);
    return (long) m * depth * Double.BYTES <= RESIDENT
        && !aliased
        && (long) depth * lines * LINE <= TOUCHED;
  }

  /** The most cache lines of n elements side by side, at a distance from the next of so many. */
  private static int lines(int n, int distance) {
    int whole = (n * Double.BYTES + LINE - 1) / LINE;
    return (long) distance * Double.BYTES % LINE == 0 ? whole : whole + 1;
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
      long bias,
      ElementKernel map,
      long y,
      int ldy,
      long scratch) {
    long tile = scratch + A_BYTES + B_BYTES;
    long ct = tile + Tiles.SCRATCH_BYTES + Packing.SCRATCH_BYTES;
    for (int i = 0; i < m; i += CHUNK) {
      int count = Math.min(CHUNK, m - i);
      long rows = at(c, i, ldc, 0, 1);
      if (beta != 0) {
        Packing.flip(count, n, rows, ldc, ct, CHUNK);
      }
      long lanes = at(a, i, 1, 0, 1);
      run(
          n, count, k, alpha, b, csb, rsb, lanes, csa, 1, beta, ct, CHUNK, 0, null, ct, CHUNK,
          scratch);
      Packing.flip(n, count, ct, CHUNK, rows, ldc);
      Finish.run(count, n, bias, map, rows, ldc, at(y, i, ldy, 0, 1), ldy, tile);
    }
  }

  /**
   * For a strip of columns of C: packs the strip of B, as much depth of it as has room, then adds
   * to the rows of C block by block, which stay in cache until they are finished.
   */
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
          } else if (copyA) {
            copiedRows(mcCur, ncCur, depthCur, kc, alpha, from, rsa, betaCur, to, ldc, scratch);
          } else {
            rows(mcCur, ncCur, depthCur, kc, alpha, from, rsa, csa, betaCur, to, ldc, scratch);
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

  /** The same where the rows of A are contiguous: they are copied out of the way of each other. */
  private static void copiedRows(
      int mc,
      int nc,
      int depth,
      int kcMax,
      double alpha,
      long a,
      int rsa,
      double beta,
      long c,
      int ldc,
      long scratch) {
    long bp = scratch + A_BYTES;
    for (int pc = 0; pc < depth; pc += kcMax) {
      int kc = Math.min(kcMax, depth - pc);
      double betaCur = pc == 0 ? beta : 1;
      Packing.rows(mc, kc, at(a, 0, 1, pc, 1), rsa, scratch, COPY_STRIDE);
      rowsOfA(
          mc,
          nc,
          kc,
          alpha,
          scratch,
          COPY_STRIDE,
          1,
          blockOfB(bp, nc, pc),
          betaCur,
          c,
          ldc,
          bp + B_BYTES);
    }
  }

  /** The same with A as it lies. */
  private static void rows(
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
      rowsOfA(
          mc, nc, kc, alpha, from, rsa, csa, blockOfB(bp, nc, pc), betaCur, c, ldc, bp + B_BYTES);
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
        Tiles.column(count, cols, kc, alpha, rows, 1, PANEL_OF_A, panel, NR, beta, to, ldc, tile);
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
      long bias,
      ElementKernel map,
      long y,
      int ldy,
      long scratch) {
    long tile = scratch + A_BYTES + B_BYTES;
    int mc = map == null && bias == 0 ? m : Finish.rows(n);
    for (int ic = 0; ic < m; ic += mc) {
      int mcCur = Math.min(mc, m - ic);
      long from = at(a, ic, rsa, 0, 1);
      long to = at(c, ic, ldc, 0, 1);
      unpackedRows(mcCur, n, k, alpha, from, rsa, csa, b, rsb, csb, beta, to, ldc, scratch);
      Finish.run(mcCur, n, bias, map, to, ldc, at(y, ic, ldy, 0, 1), ldy, tile);
    }
  }

  private static void unpackedRows(
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
    int kc = Math.min(KC, k);
    for (int pc = 0; pc < k; pc += kc) {
      int kcCur = Math.min(kc, k - pc);
      double betaCur = pc == 0 ? beta : 1;
      long from = at(a, 0, rsa, pc, csa);
      for (int j = 0; j < n; ) {
        int cols = columns(n, n - j, betaCur == 0);
        int jr = Math.min(j, n - cols);
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
        j = jr + cols;
      }
    }
  }

  /**
   * Columns of the next panel where so many are left of n. Where C is only written, the last take
   * some before them along, which get the same bits once more: whole vectors need no mask and go
   * straight to C.
   */
  private static int columns(int n, int left, boolean written) {
    if (left >= NR || !written) {
      return Math.min(NR, left);
    }
    int whole = Lanes.MASKS && (left <= VL || n < NR) ? VL : NR;
    return n < whole ? left : whole;
  }

  private static long at(long x, int i, int rs, int j, int cs) {
    return x + ((long) i * rs + (long) j * cs) * Double.BYTES;
  }
}
