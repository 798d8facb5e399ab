package dev.natgrad.kernel.f64;

import dev.natgrad.kernel.ElementKernel;

/**
 * What a product does to rows of C that are finished, while they are in cache: C ← C + 1bᵀ, then a
 * function of its elements.
 */
final class Finish {
  /** Elements of C in one go, so that the function finds in L1 what the bias has written. */
  private static final int ELEMENTS = (16 << 10) / Double.BYTES;

  /** Bytes of C that are finished at once: a part of the L2 cache. */
  private static final int BLOCK_BYTES = 160 << 10;

  private Finish() {}

  /** Rows of C, a multiple of a tile's, that stay in cache until they are finished. */
  static int rows(int cols) {
    return Math.max(1, BLOCK_BYTES / Double.BYTES / cols / Tiles.MR) * Tiles.MR;
  }

  /**
   * Finishes C, m×n.
   *
   * @param bias address of n elements; 0 for none
   * @param map run on the elements of C and of Y; null for none
   * @param y address of Y, which may be C
   */
  static void run(
      int m, int n, long bias, ElementKernel map, long c, int ldc, long y, int ldy, long scratch) {
    if (bias == 0 && map == null) {
      return;
    }
    boolean dense = ldc == n && (ldy == n || map == null);
    int block = dense ? Math.max(1, ELEMENTS / n) : 1;
    for (int i = 0; i < m; i += block) {
      int count = Math.min(block, m - i);
      long rows = c + (long) i * ldc * Double.BYTES;
      if (bias != 0) {
        Level2.addToRows(count, n, 1, bias, rows, ldc);
      }
      if (map != null) {
        map.run(count * n, rows, y + (long) i * ldy * Double.BYTES, scratch);
      }
    }
  }
}
