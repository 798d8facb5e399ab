package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Packing of gemm's operands into panels.
 *
 * <pre>
 *   panel of width w, depth d:   l0 l1 … l(w−1) | l0 l1 … l(w−1) | …      w·d elements
 *                                depth 0          depth 1
 * </pre>
 *
 * <p>A line is a row of A (w = mr) or a column of B (w = nr); lines beyond the last are zeros, so
 * the micro-kernels know no edges.
 */
final class Packing {
  private static final MemorySegment ALL = AddressSpace.ALL;

  /** Depth of the blocks in which lines are transposed: their target stays in the L1 cache. */
  private static final int BLOCK = 16;

  private Packing() {}

  /**
   * Packs lines × depth elements; element p of line l is x[l·ls + p·ps].
   *
   * @param ls distance of two lines in elements
   * @param ps distance of two elements of a line in elements
   */
  static void pack(int lines, int depth, int width, long x, long ls, long ps, long to) {
    for (int l = 0; l < lines; l += width) {
      int valid = Math.min(width, lines - l);
      long from = x + l * ls * Double.BYTES;
      long panel = to + (long) l * depth * Double.BYTES;
      if (ls == 1 && l + (width + VL - 1) / VL * VL <= lines) {
        copy(depth, width, from, ps, panel);
      } else {
        transpose(valid, depth, width, from, ls, ps, panel);
        if (valid < width) {
          pad(valid, depth, width, panel);
        }
      }
    }
  }

  /**
   * Lines side by side in memory. Whole vectors are copied: where the width is no multiple of them,
   * what they write beyond it is overwritten by the next depth or the next panel.
   */
  private static void copy(int depth, int width, long from, long ps, long panel) {
    int vectors = (width + VL - 1) / VL;
    long step = ps * Double.BYTES;
    for (int p = 0; p < depth; p++) {
      for (int v = 0; v < vectors; v++) {
        long at = (long) v * VL * Double.BYTES;
        DoubleVector.fromMemorySegment(S, ALL, (from + at) & RANGE, ORDER)
            .intoMemorySegment(ALL, (panel + at) & RANGE, ORDER);
      }
      from += step;
      panel += (long) width * Double.BYTES;
    }
  }

  private static void transpose(
      int valid, int depth, int width, long from, long ls, long ps, long panel) {
    long lineStep = ls * Double.BYTES;
    long step = ps * Double.BYTES;
    long toStep = (long) width * Double.BYTES;
    for (int p0 = 0; p0 < depth; p0 += BLOCK) {
      int count = Math.min(BLOCK, depth - p0);
      long x = from + p0 * step;
      long y = panel + p0 * toStep;
      int l = 0;
      for (; l <= valid - 4; l += 4) {
        fourLines(count, x + l * lineStep, lineStep, step, y + (long) l * Double.BYTES, toStep);
      }
      for (; l < valid; l++) {
        long at = x + l * lineStep;
        long to = y + (long) l * Double.BYTES;
        for (int p = 0; p < count; p++) {
          double v = ALL.get(JAVA_DOUBLE_UNALIGNED, (at + p * step) & RANGE);
          ALL.set(JAVA_DOUBLE_UNALIGNED, (to + p * toStep) & RANGE, v);
        }
      }
    }
  }

  private static void fourLines(
      int count, long from, long lineStep, long step, long to, long toStep) {
    long line = lineStep & RANGE;
    for (int p = 0; p < count; p++) {
      long x = (from + p * step) & RANGE;
      long x2 = (x + line + line) & RANGE;
      long y = (to + p * toStep) & RANGE;
      double v0 = ALL.get(JAVA_DOUBLE_UNALIGNED, x);
      double v1 = ALL.get(JAVA_DOUBLE_UNALIGNED, x + line);
      double v2 = ALL.get(JAVA_DOUBLE_UNALIGNED, x2);
      double v3 = ALL.get(JAVA_DOUBLE_UNALIGNED, x2 + line);
      ALL.set(JAVA_DOUBLE_UNALIGNED, y, v0);
      ALL.set(JAVA_DOUBLE_UNALIGNED, y + Double.BYTES, v1);
      ALL.set(JAVA_DOUBLE_UNALIGNED, y + 2 * Double.BYTES, v2);
      ALL.set(JAVA_DOUBLE_UNALIGNED, y + 3 * Double.BYTES, v3);
    }
  }

  private static void pad(int valid, int depth, int width, long panel) {
    for (int p = 0; p < depth; p++) {
      for (int l = valid; l < width; l++) {
        ALL.set(JAVA_DOUBLE_UNALIGNED, panel + ((long) p * width + l) * Double.BYTES, 0);
      }
    }
  }
}
