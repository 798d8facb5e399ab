package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Fused updates against loops, at every tail, between canaries; copies and gathered rows. */
@Tag("width")
class UpdatesProperties {
  private static final int MARGIN = 3;

  private static Vec vec(Workspace workspace, Random random, int n, Precision precision) {
    Vec whole = Vec.allocate(workspace, n + 2 * MARGIN, precision);
    for (int i = 0; i < whole.length(); i++) {
      whole.set(i, Double.NaN);
    }
    Vec v = whole.slice(MARGIN, n);
    for (int i = 0; i < n; i++) {
      v.set(i, random.nextGaussian());
    }
    return v;
  }

  /** u of the sizes of the terms, a handful of roundings. */
  private static double gamma(Precision precision) {
    double n = 8 * precision.unitRoundoff();
    return n / (1 - n);
  }

  private static double round(double value, Precision precision) {
    return precision == Precision.F32 ? (float) value : value;
  }

  @Property(tries = 1000)
  void adamIsItsFormula(
      @ForAll long seed, @ForAll @IntRange(max = 70) int n, @ForAll Precision precision) {
    Random random = new Random(seed);
    try (Workspace workspace = Workspace.create()) {
      final Vec g = vec(workspace, random, n, precision);
      final Vec m = vec(workspace, random, n, precision);
      final Vec v = vec(workspace, random, n, precision);
      final Vec theta = vec(workspace, random, n, precision);
      for (int i = 0; i < n; i++) {
        v.set(i, v.get(i) * v.get(i));
      }
      double beta1 = round(random.nextDouble(), precision);
      double beta2 = round(random.nextDouble(), precision);
      double[] m0 = m.toArray();
      double[] v0 = v.toArray();
      double[] t0 = theta.toArray();
      Updates.adam(0.1, beta1, beta2, 1e-3, g, m, v, theta);
      double c = gamma(precision);
      for (int i = 0; i < n; i++) {
        double gi = g.get(i);
        double mi = beta1 * m0[i] + (1 - beta1) * gi;
        double vi = beta2 * v0[i] + (1 - beta2) * gi * gi;
        double size = Math.abs(beta1 * m0[i]) + (1 - beta1) * Math.abs(gi);
        assertEquals(mi, m.get(i), c * size);
        assertEquals(vi, v.get(i), c * vi + Float.MIN_VALUE);
        double root = Math.sqrt(vi) + 1e-3;
        assertEquals(
            t0[i] - 0.1 * mi / root, theta.get(i), c * Math.abs(t0[i]) + 2 * c * 0.1 * size / root);
      }
    }
  }

  @Property(tries = 1000)
  void diagonalUpdatesAreTheirFormulas(
      @ForAll long seed, @ForAll @IntRange(max = 70) int n, @ForAll Precision precision) {
    Random random = new Random(seed);
    try (Workspace workspace = Workspace.create()) {
      Vec q = vec(workspace, random, n, precision);
      Vec d = vec(workspace, random, n, precision);
      double keep = round(random.nextDouble(), precision);
      double add = round(1 - keep, precision);
      double[] d0 = d.toArray();
      Updates.accumulateSquares(keep, add, q, d);
      double c = gamma(precision);
      for (int i = 0; i < n; i++) {
        double square = add * q.get(i) * q.get(i);
        double size = Math.abs(keep * d0[i]) + square;
        assertEquals(keep * d0[i] + square, d.get(i), c * size + Float.MIN_VALUE);
      }
      Vec out = vec(workspace, random, n, precision);
      for (int i = 0; i < n; i++) {
        d.set(i, i % 3 == 0 ? 0 : Math.abs(d0[i]));
      }
      double shift = random.nextBoolean() ? 0 : 0.5;
      Updates.invertDiagonal(0.25, d, shift, out);
      for (int i = 0; i < n; i++) {
        double least = precision == Precision.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        double s = 0.25 * d.get(i) + shift;
        double expected = s == 0 ? 0 : 1 / Math.max(s, least);
        assertEquals(expected, out.get(i), c * expected, "1/" + s);
      }
    }
  }

  /** Whole vectors once gave −∞ where the elements behind them gave the inverse of m. */
  @Example
  void sumsBelowZeroCountAsTheSmallestNormalNumber() {
    try (Workspace workspace = Workspace.create()) {
      for (Precision precision : Precision.values()) {
        double least = precision == Precision.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        Vec d = Vec.allocate(workspace, 39, precision);
        Vec out = Vec.allocate(workspace, 39, precision);
        for (int i = 0; i < 39; i++) {
          d.set(i, i % 3 == 0 ? least * i : i % 3 == 1 ? i : -0.0);
        }
        for (double shift : new double[] {-100, -least * 0x1p-22, Double.NEGATIVE_INFINITY}) {
          Updates.invertDiagonal(-1, d, shift, out);
          for (int i = 0; i < 39; i++) {
            assertEquals(1 / least, out.get(i), precision + ", " + shift + ", " + i);
          }
        }
        Updates.invertDiagonal(-1, d, 0, out);
        for (int i = 0; i < 39; i++) {
          assertEquals(d.get(i) == 0 ? 0 : 1 / least, out.get(i), precision + ", " + i);
        }
      }
    }
  }

  @Property(tries = 500)
  void rowsAreGatheredBitForBit(@ForAll long seed, @ForAll Precision precision) {
    Random random = new Random(seed);
    int rows = 1 + random.nextInt(20);
    int cols = random.nextInt(12);
    try (Workspace workspace = Workspace.create()) {
      Mat wide = Mat.allocate(workspace, rows, cols + 2, precision);
      Mat a = wide.block(0, 1, rows, cols);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          a.set(i, j, random.nextInt(9) == 0 ? Double.NaN : random.nextGaussian());
        }
      }
      int taken = random.nextInt(10);
      int offset = random.nextInt(4);
      int[] order = random.ints(offset + taken + 2L, 0, rows).toArray();
      Mat frame = Mat.allocate(workspace, taken + 2, cols + 3, precision);
      Mat target = frame.block(1, 1, taken, cols);
      a.gatherRows(order, offset, target);
      double[] expected = new double[taken * cols];
      for (int i = 0; i < taken; i++) {
        a.copyRowTo(order[offset + i], expected, i * cols);
      }
      assertArrayEquals(expected, target.toArray());
      assertEquals(
          Arrays.stream(expected).filter(value -> value != 0).count(),
          Arrays.stream(frame.toArray()).filter(value -> value != 0).count(),
          "written outside the target");
      Mat copyFrame = Mat.allocate(workspace, taken + 2, cols + 5, precision);
      Mat copy = copyFrame.block(1, 2, taken, cols);
      Blas.copy(target, copy);
      assertArrayEquals(expected, copy.toArray());
      assertEquals(
          Arrays.stream(expected).filter(value -> value != 0).count(),
          Arrays.stream(copyFrame.toArray()).filter(value -> value != 0).count());
    }
  }

  @Example
  void whatDoesNotFitIsRefused() {
    try (Workspace workspace = Workspace.create()) {
      Mat a = Mat.allocate(workspace, 4, 3, Precision.F64);
      Mat target = Mat.allocate(workspace, 2, 3, Precision.F64);
      int[] order = {0, 4, -1};
      assertThrows(IndexOutOfBoundsException.class, () -> a.gatherRows(order, 0, target));
      assertThrows(IndexOutOfBoundsException.class, () -> a.gatherRows(order, 1, target));
      assertThrows(IndexOutOfBoundsException.class, () -> a.gatherRows(order, 2, target));
      int[] legal = {0, 1};
      assertThrows(
          IllegalArgumentException.class, () -> a.gatherRows(legal, 0, a.block(2, 0, 2, 3)));
      Mat narrow = Mat.allocate(workspace, 2, 2, Precision.F64);
      assertThrows(IllegalArgumentException.class, () -> a.gatherRows(legal, 0, narrow));
      Mat single = Mat.allocate(workspace, 2, 3, Precision.F32);
      assertThrows(IllegalArgumentException.class, () -> a.gatherRows(legal, 0, single));
      assertThrows(IllegalArgumentException.class, () -> Blas.copy(a, target));
      assertThrows(IllegalArgumentException.class, () -> Blas.copy(target, single));
      assertThrows(IllegalArgumentException.class, () -> Blas.copy(a.top(3), a.block(1, 0, 3, 3)));
      Vec v = Vec.allocate(workspace, 4, Precision.F64);
      Vec w = Vec.allocate(workspace, 3, Precision.F64);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Updates.accumulateSquares(1, 1, v, w));
      assertTrue(e.getMessage().contains("length 4"), e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> Updates.invertDiagonal(1, v, 1, v));
      assertThrows(IllegalArgumentException.class, () -> Updates.adam(1, 0, 0, 1, v, v, v, v));
    }
  }
}
