package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Gemm.A_BYTES;
import static dev.natgrad.kernel.f64.Gemm.B_BYTES;
import static dev.natgrad.kernel.f64.Gemm.KC;
import static dev.natgrad.kernel.f64.Gemm.at;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.ElementKernel;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/** The product of no more columns than half a vector has lanes: two rows of C share a vector. */
final class NarrowGemm {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private static final int NR = RowPairs.NR;
  private static final int MR = RowPairs.MR;

  /** Rows whose products stay in L1 until they are added to C. */
  private static final int BLOCK = 64;

  /** Bytes from row to row of the products. */
  private static final long ROW = VB / 2;

  private NarrowGemm() {}

  /**
   * Whether rows share vectors here: where one instruction permutes two of them, the rows of A are
   * contiguous, and there are enough of them for the packing of B.
   */
  static boolean fits(int m, int n, int k, int csa, int csb) {
    int least = csb == 1 ? MR : 4 * MR;
    return Tiles.WIDE && csa == 1 && n <= NR && k >= VL && m >= least;
  }

  /** See {@link Level3#gemm}; where it {@link #fits}. */
  static void run(
      int m,
      int n,
      int k,
      double alpha,
      long a,
      int rsa,
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
    long panel = scratch + A_BYTES;
    long products = panel + (long) KC * VB;
    long tile = panel + B_BYTES;
    long ra = (long) rsa * Double.BYTES;
    long rc = (long) ldc * Double.BYTES;
    for (int pc = 0; pc < k; pc += KC) {
      int kc = Math.min(KC, k - pc);
      long block = at(b, pc, rsb, 0, csb);
      if (csb == 1) {
        pack(n, kc, block, rsb, panel);
      } else {
        packColumns(n, kc, block, rsb, csb, panel);
      }
      double betaCur = pc == 0 ? beta : 1;
      long from = at(a, 0, rsa, pc, 1);
      for (int i = 0; i < m; i += BLOCK) {
        int rows = Math.min(BLOCK, m - i);
        for (int r = 0; r < rows; r += MR) {
          RowPairs.run(
              Math.min(MR, rows - r), kc, from + (i + r) * ra, ra, panel, products + r * ROW);
        }
        Tiles.add(rows, n, alpha, products, ROW, betaCur, c + i * rc, rc);
      }
    }
    Finish.run(m, n, bias, map, c, ldc, y, ldy, tile);
  }

  /** Each row of B twice in a vector; lanes without a column are zero. */
  private static void pack(int n, int kc, long b, int rsb, long panel) {
    VectorMask<Double> valid = S.indexInRange(0, n);
    LongVector twice = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1).and(NR - 1);
    for (int p = 0; p < kc; p++) {
      long row = (b + (long) p * rsb * Double.BYTES) & RANGE;
      LongVector x = DoubleVector.fromMemorySegment(S, ALL, row, ORDER, valid).reinterpretAsLongs();
      twice.selectFrom(x).intoMemorySegment(ALL, (panel + (long) p * VB) & RANGE, ORDER);
    }
  }

  /** The same where the rows of B are not contiguous. */
  private static void packColumns(int n, int kc, long b, int rsb, int csb, long panel) {
    for (int j = 0; j < NR; j++) {
      long to = panel + (long) j * Double.BYTES;
      for (int p = 0; p < kc; p++) {
        double x = j < n ? ALL.get(JAVA_DOUBLE_UNALIGNED, at(b, p, rsb, j, csb) & RANGE) : 0;
        ALL.set(JAVA_DOUBLE_UNALIGNED, (to + (long) p * VB) & RANGE, x);
        ALL.set(JAVA_DOUBLE_UNALIGNED, (to + (long) p * VB + VB / 2) & RANGE, x);
      }
    }
  }
}
