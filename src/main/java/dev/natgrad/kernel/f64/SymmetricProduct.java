package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Gemm.A_BYTES;
import static dev.natgrad.kernel.f64.Gemm.B_BYTES;
import static dev.natgrad.kernel.f64.Gemm.KC;
import static dev.natgrad.kernel.f64.Gemm.at;
import static dev.natgrad.kernel.f64.Lanes.VL;

/**
 * The product of a matrix with its own transpose: large orders by halving, where all but the
 * triangles is gemm; the triangles from one packed copy of A, which is left and right operand at
 * once, tile by tile into a square in scratch.
 *
 * <p>Bits: those of {@link Gemm}, whatever is halved.
 */
final class SymmetricProduct {
  private static final int NR = Tiles.NR;

  /**
   * Largest order that is not halved: its square takes the place of gemm's block of A, and stays in
   * L2 beside the panels.
   */
  private static final int UNHALVED = 192;

  private SymmetricProduct() {}

  /** The first part of a halved order: whole tiles. */
  private static int half(int n) {
    return (n / 2 + NR - 1) / NR * NR;
  }

  /** See {@link Level3#syrk}; n ≥ 1. */
  static void run(
      boolean lower,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      double beta,
      long c,
      int ldc,
      long scratch) {
    if (k == 0) {
      scaleTriangle(lower, n, beta, c, ldc);
      return;
    }
    if (n <= UNHALVED) {
      triangle(lower, n, k, alpha, a, rsa, csa, beta, c, ldc, scratch);
      return;
    }
    int h = half(n);
    long a2 = at(a, h, rsa, 0, 0);
    long c22 = at(c, h, ldc, h, 1);
    run(lower, h, k, alpha, a, rsa, csa, beta, c, ldc, scratch);
    if (lower) {
      long c21 = at(c, h, ldc, 0, 1);
      Level3.gemm(n - h, h, k, alpha, a2, rsa, csa, a, csa, rsa, beta, c21, ldc, scratch);
    } else {
      long c12 = at(c, 0, ldc, h, 1);
      Level3.gemm(h, n - h, k, alpha, a, rsa, csa, a2, csa, rsa, beta, c12, ldc, scratch);
    }
    run(lower, n - h, k, alpha, a2, rsa, csa, beta, c22, ldc, scratch);
  }

  private static void triangle(
      boolean lower,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
      int csa,
      double beta,
      long c,
      int ldc,
      long square) {
    long panels = square + A_BYTES;
    long tile = panels + B_BYTES;
    int side = (n + NR - 1) / NR * NR;
    if (beta != 0) {
      copyTriangle(lower, n, c, ldc, square, side);
    }
    for (int pc = 0; pc < k; pc += KC) {
      int kc = Math.min(KC, k - pc);
      Packing.pack(n, kc, NR, at(a, 0, rsa, pc, csa), rsa, csa, panels, tile);
      tiles(lower, n, side, kc, alpha, panels, pc == 0 ? beta : 1, square, tile);
    }
    copyTriangle(lower, n, square, side, c, ldc);
  }

  /** Panel by panel; what a tile has beyond the triangle or the order may hold anything. */
  private static void tiles(
      boolean lower,
      int n,
      int side,
      int kc,
      double alpha,
      long panels,
      double beta,
      long square,
      long tile) {
    for (int j = 0; j < n; j += NR) {
      long b = at(panels, j, kc, 0, 0);
      int end = lower ? n : j;
      for (int i = lower ? j + NR : 0; i < end; i += NR) {
        int rows = Math.min(NR, n - i);
        long a = at(panels, i, kc, 0, 0);
        long to = at(square, i, side, j, 1);
        Tiles.column(true, rows, NR, kc, alpha, a, 1, NR, b, NR, beta, to, side, tile);
      }
      // Of the square on the diagonal a quarter is beyond the triangle.
      int upper = Math.min(VL, n - j);
      int first = lower ? VL : NR;
      long to = at(square, j, side, j, 1);
      Tiles.column(true, upper, first, kc, alpha, b, 1, NR, b, NR, beta, to, side, tile);
      int below = Math.min(VL, n - j - upper);
      if (below > 0) {
        int skipped = lower ? 0 : VL;
        long a = at(b, 0, 0, VL, 1);
        to = at(square, j + VL, side, j + skipped, 1);
        Tiles.column(
            true,
            below,
            NR - skipped,
            kc,
            alpha,
            a,
            1,
            NR,
            at(b, 0, 0, skipped, 1),
            NR,
            beta,
            to,
            side,
            tile);
      }
    }
  }

  private static void scaleTriangle(boolean lower, int n, double beta, long c, int ldc) {
    for (int i = 0; i < n; i++) {
      int first = lower ? 0 : i;
      Level3.scale(1, lower ? i + 1 : n - i, beta, at(c, i, ldc, first, 1), ldc);
    }
  }

  private static void copyTriangle(boolean lower, int n, long from, int ldf, long to, int ldt) {
    for (int i = 0; i < n; i++) {
      int first = lower ? 0 : i;
      int count = lower ? i + 1 : n - i;
      Packing.rows(1, count, at(from, i, ldf, first, 1), 0, at(to, i, ldt, first, 1), 0);
    }
  }
}
