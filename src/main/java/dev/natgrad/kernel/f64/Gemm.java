package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * The five loops of gemm around the micro-kernel.
 *
 * <p>Bits: every element of C is one chain of fma over p in blocks of {@link #KC}, each block
 * started from zero and added as fma(α, block, C). So neither the tile, the packing, mc nor nc can
 * change them, and both paths below give the same.
 */
final class Gemm {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /**
   * Depth of a block. It decides rounding, so it is the same at every width and on every machine.
   * At 256 a panel of B, the largest thing the micro-kernel reads again, is 32 KiB at 512 bits.
   */
  static final int KC = 256;

  /** Bytes of the packed block of A: half of a 1 MiB L2 cache. */
  private static final int A_BYTES = 480 * 1024;

  /** Bytes of the packed block of B: a share of the L3 cache. */
  private static final int B_BYTES = 2 * 1024 * 1024;

  /** Bytes of the largest tile: 4 rows of two 512-bit vectors. */
  private static final int TILE_BYTES = Kernel4x2.MR * 2 * 64;

  /** Bytes of scratch that the product needs. */
  static final int SCRATCH_BYTES = A_BYTES + B_BYTES + TILE_BYTES;

  private static final int MR = Kernel4x2.MR;
  private static final int NR = 2 * VL;
  private static final int MC = A_BYTES / (KC * Double.BYTES);

  /**
   * Rows of A that are read as they lie: fewer than MC, because with a row stride of a power of two
   * they share a part of the L2 cache's sets.
   */
  private static final int ROWS_MC = 96;

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
    boolean packA = csa != 1;
    for (int jc = 0; jc < n; jc += NC) {
      int ncCur = Math.min(NC, n - jc);
      for (int pc = 0; pc < k; pc += KC) {
        int kcCur = Math.min(KC, k - pc);
        double betaCur = pc == 0 ? beta : 1;
        Packing.pack(ncCur, kcCur, NR, at(b, pc, rsb, jc, csb), csb, rsb, bp);
        int mc = packA ? MC : ROWS_MC;
        for (int ic = 0; ic < m; ic += mc) {
          int mcCur = Math.min(mc, m - ic);
          long from = at(a, ic, rsa, pc, csa);
          long to = at(c, ic, ldc, jc, 1);
          if (packA) {
            Packing.pack(mcCur, kcCur, MR, from, rsa, csa, scratch);
            packedA(mcCur, ncCur, kcCur, alpha, scratch, bp, betaCur, to, ldc);
          } else {
            rowsOfA(mcCur, ncCur, kcCur, alpha, from, rsa, bp, betaCur, to, ldc);
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
        tile4(count, cols, kc, alpha, rows, 1, MR, panel, NR, beta, to, ldc, tile);
      }
    }
  }

  /**
   * C ← αAB + βC on a packed block of B and rows of A as they lie: four streams need no packing.
   */
  private static void rowsOfA(
      int mc,
      int nc,
      int kc,
      double alpha,
      long a,
      int rsa,
      long bp,
      double beta,
      long c,
      int ldc) {
    long tile = bp + B_BYTES;
    for (int jr = 0; jr < nc; jr += NR) {
      long panel = bp + (long) jr * kc * Double.BYTES;
      int cols = Math.min(NR, nc - jr);
      for (int ir = 0; ir < mc; ir += MR) {
        int rows = Math.min(MR, mc - ir);
        long from = at(a, ir, rsa, 0, 1);
        long to = at(c, ir, ldc, jr, 1);
        tile4(rows, cols, kc, alpha, from, rsa, 1, panel, NR, beta, to, ldc, tile);
      }
    }
  }

  /** No packing but for a panel of B that is transposed or narrower than the tile. */
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
      for (int jr = 0; jr < n; jr += NR) {
        int cols = Math.min(NR, n - jr);
        long panel = at(b, pc, rsb, jr, csb);
        int panelStride = rsb;
        if (csb != 1 || cols < NR) {
          Packing.pack(cols, kcCur, NR, panel, csb, rsb, bp);
          panel = bp;
          panelStride = NR;
        }
        for (int ir = 0; ir < m; ir += MR) {
          int rows = Math.min(MR, m - ir);
          long from = at(a, ir, rsa, pc, csa);
          long to = at(c, ir, ldc, jr, 1);
          tile4(
              rows, cols, kcCur, alpha, from, rsa, csa, panel, panelStride, betaCur, to, ldc, tile);
        }
      }
    }
  }

  private static void tile4(
      int rows,
      int cols,
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
      long tile) {
    long ra = (long) rsa * Double.BYTES;
    long ca = (long) csa * Double.BYTES;
    long rb = (long) rsb * Double.BYTES;
    if (rows == MR && cols == NR) {
      Kernel4x2.run(rows, k, alpha, a, ra, ca, b, rb, beta, c, (long) ldc * Double.BYTES);
    } else {
      Kernel4x2.run(rows, k, 1, a, ra, ca, b, rb, 0, tile, (long) NR * Double.BYTES);
      addTile(rows, cols, alpha, tile, beta, c, ldc);
    }
  }

  /** C ← α·tile + βC, rows×cols of a tile NR wide; β = 0 does not read C. */
  private static void addTile(
      int rows, int cols, double alpha, long tile, double beta, long c, int ldc) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vb = DoubleVector.broadcast(S, beta);
    for (int i = 0; i < rows; i++) {
      long t = tile + (long) i * NR * Double.BYTES;
      long y = c + (long) i * ldc * Double.BYTES;
      int j = 0;
      for (; j <= cols - VL; j += VL) {
        long at = (long) j * Double.BYTES;
        DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, t + at, ORDER);
        if (beta == 0) {
          v.mul(va).intoMemorySegment(ALL, y + at, ORDER);
        } else {
          v.fma(va, DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER).mul(vb))
              .intoMemorySegment(ALL, y + at, ORDER);
        }
      }
      for (; j < cols; j++) {
        long at = (long) j * Double.BYTES;
        double v = ALL.get(JAVA_DOUBLE_UNALIGNED, t + at);
        ALL.set(
            JAVA_DOUBLE_UNALIGNED,
            y + at,
            beta == 0
                ? v * alpha
                : Math.fma(v, alpha, ALL.get(JAVA_DOUBLE_UNALIGNED, y + at) * beta));
      }
    }
  }

  private static long at(long x, int i, int rs, int j, int cs) {
    return x + ((long) i * rs + (long) j * cs) * Double.BYTES;
  }
}
