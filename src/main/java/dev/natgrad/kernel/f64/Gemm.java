package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.VL;

import dev.natgrad.kernel.ElementKernel;

/**
 * The product of two matrices: which way it goes through the caches.
 *
 * <p>Bits: every element of C is one chain of fma over p in blocks of {@link #KC}, each block
 * started from zero and added as fma(α, block, C). So neither the tile, the packing, mc nor nc can
 * change them, and {@link PackedGemm} and {@link UnpackedGemm} give the same, also where they
 * compute Cᵀ.
 */
final class Gemm {
  /**
   * Depth of a block but for the last: a panel of B, which the micro-kernel reads again for every
   * tile, is then 32 KiB at 512 bits and stays in L1. Whoever sums in several calls, a multiple of
   * it in each, has the bits of one.
   */
  static final int KC = 256;

  /** Bytes of the packed block of A: half of a 1 MiB L2 cache. */
  static final int A_BYTES = 480 * 1024;

  /** Bytes of the packed block of B: a share of the L3 cache. */
  static final int B_BYTES = 4 * 1024 * 1024;

  /** Rows of C that are computed as columns at once. */
  private static final int CHUNK = 512;

  private static final int MR = Tiles.MR;
  private static final int NR = Tiles.NR;

  /** Bytes of scratch that the product needs. */
  static final int SCRATCH_BYTES =
      A_BYTES + B_BYTES + Tiles.SCRATCH_BYTES + Packing.SCRATCH_BYTES + CHUNK * NR * Double.BYTES;

  /** Bytes of a block of A up to which it stays in L2 while panel after panel of B passes. */
  private static final long RESIDENT = 512 * 1024;

  /**
   * Bytes of the cache lines that the depth of a tile may touch in operands as they lie, those of A
   * counted half: they pass once. Less than L1 has, or twice that where tiles of 512-bit vectors
   * take long enough for lines from L2.
   */
  private static final long TOUCHED = (Tiles.WIDE ? 56 : 28) * 1024;

  private static final int LINE = 64;

  /**
   * Rows of B whose distance is a multiple of this many bytes share so few sets of L1 that a panel
   * comes from L2. Tiles of 512-bit vectors take long enough for that from two rows of lines.
   */
  static final int SETS = Tiles.WIDE ? 4096 : 2048;

  /** With so few rows a packed B would be read too seldom to pay for its packing. */
  static final int FEW_ROWS = 32;

  /** Rows from which on it pays to go through A once more for a few columns. */
  private static final int MANY_ROWS = 96;

  /** Time of a vector operation beside another on the same element of A, and of one alone. */
  private static final int PAIRED = 5;

  private static final int SINGLE = 7;

  /** Vector operations in whose time an element of Cᵀ is put into C. */
  private static final int FLIP = 3;

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
    int left = n % NR;
    if (n > NR && left > 0 && standApart(m, left, k, rsa, csa, csb)) {
      int j = n - left;
      run(m, j, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
      run(
          m,
          left,
          k,
          alpha,
          a,
          rsa,
          csa,
          at(b, 0, 0, j, csb),
          rsb,
          csb,
          beta,
          at(c, 0, 0, j, 1),
          ldc,
          bias == 0 ? 0 : at(bias, 0, 0, j, 1),
          map,
          at(y, 0, 0, j, 1),
          ldy,
          scratch);
    } else if (NarrowGemm.fits(m, n, k, csa, csb)) {
      NarrowGemm.run(m, n, k, alpha, a, rsa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    } else if (fillLanes(m, n, k, rsa, csa)) {
      transposed(m, n, k, alpha, a, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    } else {
      direct(m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    }
  }

  /** The columns of B in the lanes. */
  private static void direct(
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
    if (m <= FEW_ROWS || stays(m, k, rsa, csa, rsb, csb)) {
      UnpackedGemm.run(
          m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    } else {
      PackedGemm.run(
          m, n, k, alpha, a, rsa, csa, b, rsb, csb, beta, c, ldc, bias, map, y, ldy, scratch);
    }
  }

  /**
   * Whether the last columns of B, fewer than a panel, take less time in a product of their own.
   */
  private static boolean standApart(int m, int n, int k, int rsa, int csa, int csb) {
    return m >= MANY_ROWS && NarrowGemm.fits(m, n, k, csa, csb) || fillLanes(m, n, k, rsa, csa);
  }

  /**
   * Whether columns of B, fewer than a panel, take less time as rows of {@link #transposed}: as
   * columns they would cost as much as whole vectors.
   */
  private static boolean fillLanes(int m, int n, int k, int rsa, int csa) {
    if (csa == 1 || rsa != 1 || m <= VL || n >= NR) {
      return false;
    }
    long inLanes = time(n, m, k) + (long) FLIP * m * n;
    return inLanes < time(m, n, k);
  }

  /** Vector operations in whose time tiles compute m×n; a single vector lacks the other's work. */
  private static long time(int m, int n, int k) {
    int single = n % NR > 0 && n % NR <= VL ? SINGLE : 0;
    int pairs = (n - (single > 0 ? n % NR : 0) + NR - 1) / NR;
    return (long) Tiles.rowsComputed(m) * k * (2 * PAIRED * pairs + single) / PAIRED;
  }

  /**
   * Whether packing would cost more than it saves: a block of A stays in L2, and the lines of both
   * operands that a tile reads stay near enough.
   */
  private static boolean stays(int m, int k, int rsa, int csa, int rsb, int csb) {
    int depth = Math.min(k, KC);
    boolean aliased = csb == 1 && (long) rsb * Double.BYTES % SETS == 0;
    int lines = csb == 1 ? 2 * lines(NR, rsb) : 2 * NR * Double.BYTES / LINE;
    lines += csa == 1 ? 0 : lines(MR, csa);
    return (long) m * depth * Double.BYTES <= RESIDENT
        && !aliased
        && (long) depth * lines * LINE / 2 <= TOUCHED;
  }

  /** The most cache lines of n elements side by side, at a distance from the next of so many. */
  private static int lines(int n, int distance) {
    int whole = (n * Double.BYTES + LINE - 1) / LINE;
    return (long) distance * Double.BYTES % LINE == 0 ? whole : whole + 1;
  }

  /**
   * Cᵀ = BᵀAᵀ in scratch: the contiguous rows of Aᵀ fill the lanes that the columns of B, fewer
   * than a panel, would leave empty.
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
      direct(
          n, count, k, alpha, b, csb, rsb, lanes, csa, 1, beta, ct, CHUNK, 0, null, ct, CHUNK,
          scratch);
      Packing.flip(n, count, ct, CHUNK, rows, ldc);
      Finish.run(count, n, bias, map, rows, ldc, at(y, i, ldy, 0, 1), ldy, tile);
    }
  }

  /** The address of element (i, j). */
  static long at(long x, int i, int rs, int j, int cs) {
    return x + ((long) i * rs + (long) j * cs) * Double.BYTES;
  }
}
