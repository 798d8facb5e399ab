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
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Packing of gemm's operands into panels.
 *
 * <pre>
 *   panel of width w, depth d:   l0 l1 … l(w−1) | l0 l1 … l(w−1) | …      w·d elements
 *                                depth 0          depth 1
 * </pre>
 *
 * <p>A line is a row of A or a column of B; w is a multiple of the vectors' lanes. Lines beyond the
 * last are zeros where {@link Lanes#MASKS} is false, and else anything: the micro-kernels mask
 * them, leave them out, or compute columns that nobody reads.
 */
final class Packing {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Bytes of scratch. */
  static final int SCRATCH_BYTES = Transposition.SCRATCH_BYTES;

  /** Depth from which lines that are to be transposed are fetched before. */
  private static final int LONG = 64;

  /** Bytes from the first to the last of VL such lines: nearer ones are in cache soon enough. */
  private static final int APART = 16 * 1024;

  /** Panels of lines side by side that are packed without: they are most of a row anyway. */
  private static final int FEW = 2;

  /** Bytes of more panels that are fetched at once: a part of L2. */
  private static final int FETCHED = 128 * 1024;

  private Packing() {}

  /**
   * Packs lines × depth elements; element p of line l is x[l·ls + p·ps], and ls or ps is 1.
   *
   * @param ls distance of two lines in elements
   * @param ps distance of two elements of a line in elements
   * @param scratch {@link #SCRATCH_BYTES} bytes
   */
  static void pack(
      int lines, int depth, int width, long x, long ls, long ps, long to, long scratch) {
    int fetched = FETCHED / (width * depth * Double.BYTES) * width;
    for (int l = 0; l < lines; l += width) {
      int valid = Math.min(width, lines - l);
      long from = x + l * ls * Double.BYTES;
      if (ls == 1 && lines > FEW * width && fetched > width && l % fetched == 0) {
        fetch(depth, Math.min(fetched, lines - l), from, ps * Double.BYTES, scratch);
      }
      long panel = to + (long) l * depth * Double.BYTES;
      if (ls == 1 && valid == width) {
        copy(depth, width, from, ps, panel);
      } else if (ls == 1 && MASKS) {
        copyMasked(valid, depth, width, from, ps, panel);
      } else if (ps == 1 && MASKS) {
        transpose(valid, depth, width, from, ls, panel, scratch);
      } else {
        scalars(valid, depth, width, from, ls, ps, panel);
      }
    }
  }

  /**
   * Reads rows one after the other, because the order of packing, a piece of each row in turn,
   * keeps the processor from fetching ahead: out of memory every piece is waited for. What it reads
   * goes to scratch, combined, only lest it be left out.
   */
  private static void fetch(int rows, int cols, long x, long rowBytes, long scratch) {
    LongVector none = DoubleVector.zero(S).reinterpretAsLongs();
    LongVector a = none;
    LongVector b = none;
    int whole = cols - cols % (4 * VL);
    for (int i = 0; i < rows; i++) {
      long row = x + i * rowBytes;
      for (int j = 0; j < whole; j += 4 * VL) {
        long at = (row + (long) j * Double.BYTES) & RANGE;
        a = DoubleVector.fromMemorySegment(S, ALL, at, ORDER).reinterpretAsLongs().or(a);
        b = DoubleVector.fromMemorySegment(S, ALL, at + VB, ORDER).reinterpretAsLongs().or(b);
        a = DoubleVector.fromMemorySegment(S, ALL, at + 2 * VB, ORDER).reinterpretAsLongs().or(a);
        b = DoubleVector.fromMemorySegment(S, ALL, at + 3 * VB, ORDER).reinterpretAsLongs().or(b);
      }
    }
    none.or(a).or(b).reinterpretAsDoubles().intoMemorySegment(ALL, scratch & RANGE, ORDER);
  }

  /** Lines side by side in memory. */
  private static void copy(int depth, int width, long from, long ps, long panel) {
    long step = ps * Double.BYTES;
    long bytes = (long) width * Double.BYTES;
    for (int p = 0; p < depth; p++) {
      for (long at = 0; at < bytes; at += VB) {
        DoubleVector.fromMemorySegment(S, ALL, (from + at) & RANGE, ORDER)
            .intoMemorySegment(ALL, (panel + at) & RANGE, ORDER);
      }
      from += step;
      panel += bytes;
    }
  }

  /** The same where the panel has fewer lines than its width. */
  private static void copyMasked(int valid, int depth, int width, long from, long ps, long panel) {
    long step = ps * Double.BYTES;
    for (int l = 0; l < valid; l += VL) {
      VectorMask<Double> lines = S.indexInRange(l, valid);
      for (int p = 0; p < depth; p++) {
        long x = from + p * step + (long) l * Double.BYTES;
        long y = panel + ((long) p * width + l) * Double.BYTES;
        DoubleVector.fromMemorySegment(S, ALL, x & RANGE, ORDER, lines)
            .intoMemorySegment(ALL, y & RANGE, ORDER);
      }
    }
  }

  /** Copies rows of depth elements; the rows of the copy are stride elements apart. */
  static void rows(int rows, int depth, long x, long rs, long to, int stride) {
    for (int i = 0; i < rows; i++) {
      long from = x + i * rs * Double.BYTES;
      long y = to + (long) i * stride * Double.BYTES;
      int p = 0;
      for (; p <= depth - VL; p += VL) {
        DoubleVector.fromMemorySegment(S, ALL, (from + (long) p * Double.BYTES) & RANGE, ORDER)
            .intoMemorySegment(ALL, (y + (long) p * Double.BYTES) & RANGE, ORDER);
      }
      for (; p < depth; p++) {
        double v = ALL.get(JAVA_DOUBLE_UNALIGNED, (from + (long) p * Double.BYTES) & RANGE);
        ALL.set(JAVA_DOUBLE_UNALIGNED, (y + (long) p * Double.BYTES) & RANGE, v);
      }
    }
  }

  /** Y ← Xᵀ, X rows×cols; strides in elements. */
  static void flip(int rows, int cols, long x, int ldx, long y, int ldy) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        long from = (x + ((long) i * ldx + j) * Double.BYTES) & RANGE;
        long to = (y + ((long) j * ldy + i) * Double.BYTES) & RANGE;
        ALL.set(JAVA_DOUBLE_UNALIGNED, to, ALL.get(JAVA_DOUBLE_UNALIGNED, from));
      }
    }
  }

  /** Contiguous lines, in squares of VL × VL; few lines that are left over one by one. */
  private static void transpose(
      int valid, int depth, int width, long from, long ls, long panel, long scratch) {
    long step = ls * Double.BYTES;
    long panelStep = (long) width * Double.BYTES;
    int l = 0;
    for (; valid - l > VL / 4; l += VL) {
      if (depth >= LONG && VL * step >= APART) {
        fetch(Math.min(VL, valid - l), depth, from + l * step, step, scratch);
      }
      Transposition.run(
          Math.min(VL, valid - l),
          depth,
          from + l * step,
          step,
          panel + (long) l * Double.BYTES,
          panelStep,
          scratch);
    }
    if (l < valid) {
      long x = from + l * step;
      flip(valid - l, depth, x, (int) ls, panel + (long) l * Double.BYTES, width);
    }
  }

  private static void scalars(
      int valid, int depth, int width, long from, long ls, long ps, long panel) {
    long lineStep = ls * Double.BYTES;
    long step = ps * Double.BYTES;
    for (int p = 0; p < depth; p++) {
      long x = from + p * step;
      long y = panel + (long) p * width * Double.BYTES;
      for (int l = 0; l < valid; l++) {
        double v = ALL.get(JAVA_DOUBLE_UNALIGNED, (x + l * lineStep) & RANGE);
        ALL.set(JAVA_DOUBLE_UNALIGNED, (y + (long) l * Double.BYTES) & RANGE, v);
      }
      for (int l = valid; l < width; l++) {
        ALL.set(JAVA_DOUBLE_UNALIGNED, (y + (long) l * Double.BYTES) & RANGE, 0);
      }
    }
  }
}
