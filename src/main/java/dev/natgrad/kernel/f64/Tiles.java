package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.MASKS;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/** Covers a column of C with tiles, each by the micro-kernel that fits it. */
final class Tiles {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** The only width whose machines have 32 vector registers for certain. */
  static final boolean WIDE = VB == 64;

  /** Rows of the largest tile. */
  static final int MR = WIDE ? Kernel8x2.MR : Kernel6x2.MR;

  /** Columns of the largest tile. */
  static final int NR = 2 * VL;

  /** Bytes of scratch: 8 rows of two 512-bit vectors. */
  static final int SCRATCH_BYTES = 8 * 2 * 64;

  /** Depth up to which the four chains of {@link Kernel4x1} overlap with those of the next tile. */
  static final int SHALLOW = 32;

  private static final long TILE_STEP = 2L * VB;

  private Tiles() {}

  /**
   * C ← αAB + βC, A rows×k, B k×cols, C rows×cols, cols ≤ {@link #NR}; β = 0 does not read C. All
   * strides in elements; the columns of B are contiguous.
   *
   * @param panel whether B is a packed panel, which may be read to whole vectors
   * @param tile {@link #SCRATCH_BYTES} bytes
   */
  static void column(
      boolean panel,
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
    // Vectors that overlap need no mask; only where C is read would they add twice. Eight chains
    // are faster than four where the product is deep, but with masks they only reach the tile.
    boolean direct = beta == 0 && (cols == NR || MASKS && (cols >= VL || k <= SHALLOW));
    long ra = (long) rsa * Double.BYTES;
    long ca = (long) csa * Double.BYTES;
    long rb = (long) rsb * Double.BYTES;
    long rc = (long) ldc * Double.BYTES;
    boolean wide = cols > VL && panel && k > SHALLOW;
    boolean two = cols == NR || wide || !MASKS || direct && cols > VL;
    int step = Kernel4x2.MR;
    if (cols <= VL) {
      step = direct && cols < VL ? Kernel4x1.MR : Kernel8x1.MR;
    }
    int count;
    for (int i = 0; i < rows; i += count) {
      count = two ? rows(rows - i) : Math.min(step, rows - i);
      long from = a + i * ra;
      long to = c + i * rc;
      if (WIDE && beta == 1 && cols == NR && count > Kernel6x2.MR) {
        Kernel8x2.add(count, k, alpha, from, ra, ca, b, rb, to, rc);
      } else if (direct && cols == NR) {
        whole(count, k, alpha, from, ra, ca, b, rb, to, rc);
      } else if (direct && cols > VL) {
        overlapping(count, cols, k, alpha, from, ra, ca, b, rb, to, rc);
      } else if (wide) {
        whole(count, k, 1, from, ra, ca, b, rb, tile, TILE_STEP);
        add(count, cols, alpha, tile, TILE_STEP, beta, to, rc);
      } else if (direct && cols == VL && count > Kernel4x1.MR) {
        Kernel8x1.run(count, k, alpha, from, ra, ca, b, rb, to, rc);
      } else if (direct) {
        Kernel4x1.masked(count, cols, k, alpha, from, ra, ca, b, rb, to, rc);
      } else {
        tile(count, cols, k, 1, from, ra, ca, b, rb, tile, TILE_STEP);
        add(count, cols, alpha, tile, TILE_STEP, beta, to, rc);
      }
    }
  }

  /**
   * Rows of the next tile of two vectors where so many are left: the last of them as fours and
   * sixes that leave the fewest rows empty. Seven and eight are two fours where no tile has eight.
   */
  static int rows(int left) {
    if (WIDE && left > MR && left <= Kernel6x2.MR + Kernel4x2.MR) {
      return Kernel6x2.MR;
    }
    boolean fours = !WIDE && left > MR && left <= 2 * Kernel4x2.MR;
    return fours ? Kernel4x2.MR : Math.min(MR, left);
  }

  /** Rows that tiles of two vectors compute for so many, those beyond the last among them. */
  static int rowsComputed(int rows) {
    int whole = Math.max(0, rows / MR - 1) * MR;
    int computed = whole;
    for (int left = rows - whole; left > 0; ) {
      int count = rows(left);
      computed += count > Kernel6x2.MR ? MR : count > Kernel4x2.MR ? Kernel6x2.MR : Kernel4x2.MR;
      left -= count;
    }
    return computed;
  }

  /** T ← αAB for one tile; its columns beyond cols, to whole vectors, hold anything. */
  private static void tile(
      int rows,
      int cols,
      int k,
      double alpha,
      long a,
      long ra,
      long ca,
      long b,
      long rb,
      long to,
      long rt) {
    if (cols == NR || !MASKS) {
      whole(rows, k, alpha, a, ra, ca, b, rb, to, rt);
    } else if (cols > VL) {
      Kernel4x2.masked(rows, cols, k, alpha, a, ra, ca, b, rb, to, rt);
    } else if (cols == VL) {
      Kernel8x1.run(rows, k, alpha, a, ra, ca, b, rb, to, rt);
    } else {
      Kernel8x1.masked(rows, cols, k, alpha, a, ra, ca, b, rb, to, rt);
    }
  }

  /** T ← αAB for one tile of two vectors. */
  static void whole(
      int rows, int k, double alpha, long a, long ra, long ca, long b, long rb, long to, long rt) {
    if (WIDE && rows > Kernel6x2.MR) {
      Kernel8x2.run(rows, k, alpha, a, ra, ca, b, rb, to, rt);
    } else if (rows > Kernel4x2.MR) {
      Kernel6x2.run(rows, k, alpha, a, ra, ca, b, rb, to, rt);
    } else {
      Kernel4x2.run(rows, k, alpha, a, ra, ca, b, rb, to, rt);
    }
  }

  /** The same for fewer columns: the vectors overlap. */
  static void overlapping(
      int rows,
      int cols,
      int k,
      double alpha,
      long a,
      long ra,
      long ca,
      long b,
      long rb,
      long to,
      long rt) {
    long second = (long) (cols - VL) * Double.BYTES;
    if (WIDE && rows > Kernel6x2.MR) {
      Kernel8x2.overlapping(rows, k, alpha, a, ra, ca, b, rb, to, rt, second);
    } else if (rows > Kernel4x2.MR) {
      Kernel6x2.overlapping(rows, k, alpha, a, ra, ca, b, rb, to, rt, second);
    } else {
      Kernel4x2.overlapping(rows, k, alpha, a, ra, ca, b, rb, to, rt, second);
    }
  }

  static void add(
      int rows, int cols, double alpha, long tile, long step, double beta, long c, long rc) {
    if (MASKS) {
      addVectors(rows, cols, alpha, tile, step, beta, c, rc);
    } else {
      int full = cols / VL * VL;
      addVectors(rows, full, alpha, tile, step, beta, c, rc);
      addScalars(rows, full, cols, alpha, tile, step, beta, c, rc);
    }
  }

  /** C ← α·tile + βC. */
  private static void addVectors(
      int rows, int cols, double alpha, long tile, long step, double beta, long c, long rc) {
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vb = DoubleVector.broadcast(S, beta);
    int full = cols / VL * VL;
    for (int i = 0; i < rows; i++) {
      long t = (tile + i * step) & RANGE;
      long y = (c + i * rc) & RANGE;
      int j = 0;
      for (; j < full; j += VL) {
        DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, t, ORDER);
        if (beta == 0) {
          v = v.mul(va);
        } else {
          v = v.fma(va, DoubleVector.fromMemorySegment(S, ALL, y, ORDER).mul(vb));
        }
        v.intoMemorySegment(ALL, y, ORDER);
        t = (t + VB) & RANGE;
        y = (y + VB) & RANGE;
      }
      if (MASKS && j < cols) {
        VectorMask<Double> last = S.indexInRange(j, cols);
        DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, t, ORDER);
        if (beta == 0) {
          v = v.mul(va);
        } else {
          v = v.fma(va, DoubleVector.fromMemorySegment(S, ALL, y, ORDER, last).mul(vb));
        }
        v.intoMemorySegment(ALL, y, ORDER, last);
      }
    }
  }

  private static void addScalars(
      int rows,
      int first,
      int cols,
      double alpha,
      long tile,
      long step,
      double beta,
      long c,
      long rc) {
    for (int j = first; j < cols; j++) {
      for (int i = 0; i < rows; i++) {
        long y = (c + i * rc + (long) j * Double.BYTES) & RANGE;
        double v =
            ALL.get(JAVA_DOUBLE_UNALIGNED, (tile + i * step + (long) j * Double.BYTES) & RANGE);
        ALL.set(
            JAVA_DOUBLE_UNALIGNED,
            y,
            beta == 0 ? v * alpha : Math.fma(v, alpha, ALL.get(JAVA_DOUBLE_UNALIGNED, y) * beta));
      }
    }
  }
}
