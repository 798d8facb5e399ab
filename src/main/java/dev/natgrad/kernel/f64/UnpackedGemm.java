package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Gemm.A_BYTES;
import static dev.natgrad.kernel.f64.Gemm.B_BYTES;
import static dev.natgrad.kernel.f64.Gemm.KC;
import static dev.natgrad.kernel.f64.Gemm.at;
import static dev.natgrad.kernel.f64.Lanes.VL;

import dev.natgrad.kernel.ElementKernel;

/** The product with both operands as they lie: little work, or a block of A that stays in L2. */
final class UnpackedGemm {
  private static final int NR = Tiles.NR;

  private UnpackedGemm() {}

  /** No packing but for a panel of B whose rows are not contiguous. */
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
    long tile = scratch + A_BYTES + B_BYTES;
    int mc = map == null && bias == 0 ? m : Finish.rows(n);
    for (int ic = 0; ic < m; ic += mc) {
      int mcCur = Math.min(mc, m - ic);
      long from = at(a, ic, rsa, 0, 1);
      long to = at(c, ic, ldc, 0, 1);
      rows(mcCur, n, k, alpha, from, rsa, csa, b, rsb, csb, beta, to, ldc, scratch);
      Finish.run(mcCur, n, bias, map, to, ldc, at(y, ic, ldy, 0, 1), ldy, tile);
    }
  }

  private static void rows(
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
        boolean packed = csb != 1 || (cols < NR && !Lanes.MASKS);
        if (packed) {
          Packing.pack(cols, kcCur, NR, panel, csb, rsb, bp, tile);
          panel = bp;
          panelStride = NR;
        }
        long to = at(c, 0, ldc, jr, 1);
        Tiles.column(
            packed,
            m,
            cols,
            kcCur,
            alpha,
            from,
            rsa,
            csa,
            panel,
            panelStride,
            betaCur,
            to,
            ldc,
            tile);
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
    int whole = Lanes.MASKS && left <= VL ? VL : NR;
    return n < whole || !written ? Math.min(NR, left) : whole;
  }
}
