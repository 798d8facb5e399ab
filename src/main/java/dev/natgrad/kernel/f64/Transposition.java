package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VB;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Transposes up to VL lines, in squares of VL × VL. An element of a square is at (row, lane); a
 * stage moves the top bit of the lane to the bottom of the row and that of the row to the bottom of
 * the lane, so log₂ VL equal stages exchange the two.
 */
final class Transposition {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private static final int LOG2_VL = Integer.numberOfTrailingZeros(VL);

  private static final long SQUARE_BYTES = (long) VL * VB;

  /** Squares that go through scratch at once: together they stay in L1 beside what they become. */
  private static final int STRIP = 8;

  /** Bytes of scratch: a strip of squares of the largest vectors. */
  static final int SCRATCH_BYTES = STRIP * Lanes.GROUP * 64;

  private Transposition() {}

  /**
   * Y ← Xᵀ, X lines×depth.
   *
   * @param lines rows of X, 1…VL
   * @param step bytes from row to row of X
   * @param toStep bytes from row to row of Y, whose rows are written to whole vectors
   */
  static void run(int lines, int depth, long from, long step, long to, long toStep, long scratch) {
    int whole = depth / VL;
    for (int s = 0; s < whole; s += STRIP) {
      int squares = Math.min(STRIP, whole - s);
      strip(lines, squares, from + (long) s * VB, step, to + s * VL * toStep, toStep, scratch);
    }
    int left = depth - whole * VL;
    if (whole > 0 && left > 0) {
      // The last square takes some rows before it along, which get the same once more: no mask.
      int p = depth - VL;
      strip(lines, 1, from + (long) p * Double.BYTES, step, to + p * toStep, toStep, scratch);
    } else if (left > 0) {
      square(lines, left, from, step, to, toStep, scratch);
    }
  }

  /**
   * Squares side by side. Up to eight lanes they stay in registers; sixteen rows would not, and go
   * through scratch between two pairs of stages.
   */
  private static void strip(
      int lines, int squares, long from, long step, long to, long toStep, long scratch) {
    long after = VL * toStep;
    if (VL == 4) {
      fours(lines, squares, from, step, VB, to, toStep, after);
    } else if (VL == 8) {
      eights(lines, squares, from, step, to, toStep);
    } else {
      fours(lines, squares, from, step, VB, scratch, VB, SQUARE_BYTES);
      fours(VL, squares, scratch, VB, SQUARE_BYTES, to, toStep, after);
    }
  }

  /** Two stages at once, of the rows i, i + VL/4, i + VL/2 and i + 3VL/4 of all squares. */
  private static void fours(
      int rows,
      int squares,
      long from,
      long step,
      long squareStep,
      long to,
      long toStep,
      long toSquareStep) {
    LongVector lane = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1);
    // Lanes of two vectors in turn, a₀ b₀ a₁ b₁ …, and the same of their upper halves.
    LongVector low = lane.lanewise(LSHR, 1).add(lane.and(1).lanewise(LSHL, LOG2_VL));
    LongVector high = low.add(VL / 2);
    long z1 = toStep & RANGE;
    long z2 = (2 * toStep) & RANGE;
    long z3 = (3 * toStep) & RANGE;
    for (int t = 0; t < squares * (VL / 4); t++) {
      int i = t % (VL / 4);
      long square = from + t / (VL / 4) * squareStep;
      long x = (square + Math.min(i, rows - 1) * step) & RANGE;
      LongVector a = DoubleVector.fromMemorySegment(S, ALL, x, ORDER).reinterpretAsLongs();
      x = (square + Math.min(i + VL / 4, rows - 1) * step) & RANGE;
      LongVector b = DoubleVector.fromMemorySegment(S, ALL, x, ORDER).reinterpretAsLongs();
      x = (square + Math.min(i + VL / 2, rows - 1) * step) & RANGE;
      LongVector c = DoubleVector.fromMemorySegment(S, ALL, x, ORDER).reinterpretAsLongs();
      x = (square + Math.min(i + 3 * VL / 4, rows - 1) * step) & RANGE;
      LongVector d = DoubleVector.fromMemorySegment(S, ALL, x, ORDER).reinterpretAsLongs();
      long z = (to + t / (VL / 4) * toSquareStep + 4 * i * toStep) & RANGE;
      LongVector ac = low.selectFrom(a, c);
      LongVector bd = low.selectFrom(b, d);
      low.selectFrom(ac, bd).intoMemorySegment(ALL, z, ORDER);
      high.selectFrom(ac, bd).intoMemorySegment(ALL, z + z1, ORDER);
      ac = high.selectFrom(a, c);
      bd = high.selectFrom(b, d);
      low.selectFrom(ac, bd).intoMemorySegment(ALL, z + z2, ORDER);
      high.selectFrom(ac, bd).intoMemorySegment(ALL, z + z3, ORDER);
    }
  }

  /** All three stages of eight lanes, in registers. */
  private static void eights(int rows, int squares, long from, long step, long to, long toStep) {
    LongVector lane = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1);
    // Lanes of two vectors in turn, a₀ b₀ a₁ b₁ …, and the same of their upper halves.
    LongVector low = lane.lanewise(LSHR, 1).add(lane.and(1).lanewise(LSHL, LOG2_VL));
    LongVector high = low.add(VL / 2);
    long x1 = (Math.min(1, rows - 1) * step) & RANGE;
    long x2 = (Math.min(2, rows - 1) * step) & RANGE;
    long x3 = (Math.min(3, rows - 1) * step) & RANGE;
    long x4 = (Math.min(4, rows - 1) * step) & RANGE;
    long x5 = (Math.min(5, rows - 1) * step) & RANGE;
    long x6 = (Math.min(6, rows - 1) * step) & RANGE;
    long x7 = (Math.min(7, rows - 1) * step) & RANGE;
    long z1 = toStep & RANGE;
    long z2 = (2 * toStep) & RANGE;
    long z3 = (3 * toStep) & RANGE;
    long z4 = (4 * toStep) & RANGE;
    long z5 = (5 * toStep) & RANGE;
    long z6 = (6 * toStep) & RANGE;
    long z7 = (7 * toStep) & RANGE;
    for (int s = 0; s < squares; s++) {
      long x = (from + (long) s * VB) & RANGE;
      long z = (to + 8 * s * toStep) & RANGE;
      LongVector a = DoubleVector.fromMemorySegment(S, ALL, x, ORDER).reinterpretAsLongs();
      LongVector e = DoubleVector.fromMemorySegment(S, ALL, x + x4, ORDER).reinterpretAsLongs();
      LongVector b = DoubleVector.fromMemorySegment(S, ALL, x + x1, ORDER).reinterpretAsLongs();
      LongVector f = DoubleVector.fromMemorySegment(S, ALL, x + x5, ORDER).reinterpretAsLongs();
      LongVector c = DoubleVector.fromMemorySegment(S, ALL, x + x2, ORDER).reinterpretAsLongs();
      LongVector g = DoubleVector.fromMemorySegment(S, ALL, x + x6, ORDER).reinterpretAsLongs();
      LongVector d = DoubleVector.fromMemorySegment(S, ALL, x + x3, ORDER).reinterpretAsLongs();
      LongVector h = DoubleVector.fromMemorySegment(S, ALL, x + x7, ORDER).reinterpretAsLongs();
      LongVector u0 = low.selectFrom(a, e);
      LongVector u1 = high.selectFrom(a, e);
      LongVector u2 = low.selectFrom(b, f);
      LongVector u3 = high.selectFrom(b, f);
      LongVector u4 = low.selectFrom(c, g);
      LongVector u5 = high.selectFrom(c, g);
      LongVector u6 = low.selectFrom(d, h);
      LongVector u7 = high.selectFrom(d, h);
      LongVector v0 = low.selectFrom(u0, u4);
      LongVector v1 = high.selectFrom(u0, u4);
      LongVector v2 = low.selectFrom(u1, u5);
      LongVector v3 = high.selectFrom(u1, u5);
      LongVector v4 = low.selectFrom(u2, u6);
      LongVector v5 = high.selectFrom(u2, u6);
      LongVector v6 = low.selectFrom(u3, u7);
      LongVector v7 = high.selectFrom(u3, u7);
      low.selectFrom(v0, v4).intoMemorySegment(ALL, z, ORDER);
      high.selectFrom(v0, v4).intoMemorySegment(ALL, z + z1, ORDER);
      low.selectFrom(v1, v5).intoMemorySegment(ALL, z + z2, ORDER);
      high.selectFrom(v1, v5).intoMemorySegment(ALL, z + z3, ORDER);
      low.selectFrom(v2, v6).intoMemorySegment(ALL, z + z4, ORDER);
      high.selectFrom(v2, v6).intoMemorySegment(ALL, z + z5, ORDER);
      low.selectFrom(v3, v7).intoMemorySegment(ALL, z + z6, ORDER);
      high.selectFrom(v3, v7).intoMemorySegment(ALL, z + z7, ORDER);
    }
  }

  /**
   * Transposes up to VL lines of up to VL elements. An element is at (row, lane); a stage moves the
   * top bit of the lane to the bottom of the row and that of the row to the bottom of the lane, so
   * log₂ VL equal stages exchange the two.
   */
  private static void square(
      int lines, int depth, long from, long step, long to, long toStep, long scratch) {
    long source = from;
    long sourceStep = step;
    long next = scratch;
    int rows = lines;
    int lanes = depth;
    int bits = VL;
    while (bits > 4) {
      stages(rows, lanes, source, sourceStep, VL, next, VB);
      rows = VL;
      lanes = VL;
      source = next;
      sourceStep = VB;
      next = next == scratch ? scratch + SQUARE_BYTES : scratch;
      bits >>= 2;
    }
    if (bits == 4) {
      stages(rows, lanes, source, sourceStep, depth, to, toStep);
    } else {
      stage(rows, lanes, source, sourceStep, depth, to, toStep);
    }
  }

  /** Rows 2i and 2i + 1 of the result interleave the rows i and i + VL/2. */
  private static void stage(
      int rows, int lanes, long from, long step, int results, long to, long toStep) {
    VectorMask<Double> valid = S.indexInRange(0, lanes);
    LongVector lane = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1);
    // Lanes of two vectors in turn, a₀ b₀ a₁ b₁ …, and the same of their upper halves.
    LongVector low = lane.lanewise(LSHR, 1).add(lane.and(1).lanewise(LSHL, LOG2_VL));
    LongVector high = low.add(VL / 2);
    for (int i = 0; 2 * i < results; i++) {
      long x = (from + Math.min(i, rows - 1) * step) & RANGE;
      long y = (from + Math.min(i + VL / 2, rows - 1) * step) & RANGE;
      LongVector a = DoubleVector.fromMemorySegment(S, ALL, x, ORDER, valid).reinterpretAsLongs();
      LongVector b = DoubleVector.fromMemorySegment(S, ALL, y, ORDER, valid).reinterpretAsLongs();
      long z = (to + 2 * i * toStep) & RANGE;
      low.selectFrom(a, b).intoMemorySegment(ALL, z, ORDER);
      if (2 * i + 1 < results) {
        high.selectFrom(a, b).intoMemorySegment(ALL, (z + toStep) & RANGE, ORDER);
      }
    }
  }

  /** Two stages at once, on the rows i, i + VL/4, i + VL/2 and i + 3VL/4. */
  private static void stages(
      int rows, int lanes, long from, long step, int results, long to, long toStep) {
    VectorMask<Double> valid = S.indexInRange(0, lanes);
    LongVector lane = DoubleVector.zero(S).reinterpretAsLongs().addIndex(1);
    // Lanes of two vectors in turn, a₀ b₀ a₁ b₁ …, and the same of their upper halves.
    LongVector low = lane.lanewise(LSHR, 1).add(lane.and(1).lanewise(LSHL, LOG2_VL));
    LongVector high = low.add(VL / 2);
    for (int i = 0; 4 * i < results; i++) {
      long x = (from + Math.min(i, rows - 1) * step) & RANGE;
      LongVector a = DoubleVector.fromMemorySegment(S, ALL, x, ORDER, valid).reinterpretAsLongs();
      x = (from + Math.min(i + VL / 4, rows - 1) * step) & RANGE;
      LongVector b = DoubleVector.fromMemorySegment(S, ALL, x, ORDER, valid).reinterpretAsLongs();
      x = (from + Math.min(i + VL / 2, rows - 1) * step) & RANGE;
      LongVector c = DoubleVector.fromMemorySegment(S, ALL, x, ORDER, valid).reinterpretAsLongs();
      x = (from + Math.min(i + 3 * VL / 4, rows - 1) * step) & RANGE;
      LongVector d = DoubleVector.fromMemorySegment(S, ALL, x, ORDER, valid).reinterpretAsLongs();
      LongVector ac = low.selectFrom(a, c);
      LongVector bd = low.selectFrom(b, d);
      int end = results - 1 - 4 * i;
      long z = to + 4 * i * toStep;
      LongVector acHigh = high.selectFrom(a, c);
      LongVector bdHigh = high.selectFrom(b, d);
      if (end >= 3) {
        high.selectFrom(acHigh, bdHigh).intoMemorySegment(ALL, (z + 3 * toStep) & RANGE, ORDER);
      }
      if (end >= 2) {
        low.selectFrom(acHigh, bdHigh).intoMemorySegment(ALL, (z + 2 * toStep) & RANGE, ORDER);
      }
      if (end >= 1) {
        high.selectFrom(ac, bd).intoMemorySegment(ALL, (z + toStep) & RANGE, ORDER);
      }
      low.selectFrom(ac, bd).intoMemorySegment(ALL, z & RANGE, ORDER);
    }
  }
}
