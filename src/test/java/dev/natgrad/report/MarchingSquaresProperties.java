package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class MarchingSquaresProperties {
  private static final double U = 0x1p-53;

  @Property
  void theContourOfAPlaneLiesOnIt(
      @ForAll @DoubleRange(min = -3, max = 3) double a,
      @ForAll @DoubleRange(min = -3, max = 3) double b,
      @ForAll @DoubleRange(min = -1, max = 1) double level,
      @ForAll @IntRange(min = 2, max = 9) int columns,
      @ForAll @IntRange(min = 2, max = 9) int rows) {
    double[] x = grid(columns);
    double[] y = grid(rows);
    double[] f = fill(x, y, (p, q) -> a * p + b * q);
    boolean crosses =
        Arrays.stream(f).anyMatch(v -> v >= level) && Arrays.stream(f).anyMatch(v -> v < level);
    List<double[]> lines = MarchingSquares.lines(x, y, f, level);
    assertEquals(crosses ? 1 : 0, lines.size());
    // Nodes carry 3 roundings, t 3 and its use 3, each of numbers below 3(|x| + |y|) + 1 <= 13.
    double tolerance = 20 * U * 13;
    for (double[] line : lines) {
      for (int i = 0; i < line.length; i += 2) {
        // An edge as flat as its own rounding has no better point than anywhere on it.
        assertEquals(level, a * line[i] + b * line[i + 1], tolerance);
      }
    }
  }

  @Example
  void theContourOfACircleIsOneClosedLine() {
    double[] x = grid(81);
    double[] f = fill(x, x, (p, q) -> p * p + q * q);
    List<double[]> lines = MarchingSquares.lines(x, x, f, 2);
    assertEquals(1, lines.size());
    double[] line = lines.get(0);
    assertEquals(line[0], line[line.length - 2]);
    assertEquals(line[1], line[line.length - 1]);
    double h = x[1] - x[0];
    for (int i = 0; i < line.length; i += 2) {
      // Linear interpolation of p^2 over h errs by h^2/8 * f'' = h^2/4 at most.
      double squared = line[i] * line[i] + line[i + 1] * line[i + 1];
      assertTrue(Math.abs(squared - 2) <= h * h / 4 * (1 + 1e-9), "r^2 = " + squared);
    }
    double area = 0;
    for (int i = 0; i + 3 < line.length; i += 2) {
      area += (line[i] * line[i + 3] - line[i + 2] * line[i + 1]) / 2;
    }
    assertEquals(2 * Math.PI, Math.abs(area), 4 * Math.PI * h * h);
  }

  @Property
  void everyCrossedEdgeIsVisitedOnce(@ForAll long seed, @ForAll @IntRange(min = 2, max = 8) int n) {
    double[] x = grid(n);
    double[] f = new java.util.Random(seed).doubles((long) n * n).toArray();
    int crossings = 0;
    for (int i = 0; i < f.length; i++) {
      crossings += i % n + 1 < n && (f[i] >= 0.5) != (f[i + 1] >= 0.5) ? 1 : 0;
      crossings += i + n < f.length && (f[i] >= 0.5) != (f[i + n] >= 0.5) ? 1 : 0;
    }
    int points = 0;
    for (double[] line : MarchingSquares.lines(x, x, f, 0.5)) {
      int count = line.length / 2;
      boolean closed =
          line[0] == line[line.length - 2] && line[1] == line[line.length - 1] && count > 1;
      points += closed ? count - 1 : count;
    }
    assertEquals(crossings, points);
  }

  @Example
  void aSaddleIsJoinedByItsMean() {
    double[] x = {0, 1};
    for (double corner : new double[] {3, 1.5}) {
      List<double[]> lines = MarchingSquares.lines(x, x, new double[] {corner, 0, 0, corner}, 1);
      assertEquals(2, lines.size());
      boolean meanAbove = corner / 2 >= 1;
      for (double[] line : lines) {
        double midX = (line[0] + line[2]) / 2;
        double midY = (line[1] + line[3]) / 2;
        // Above: the lines cut off the low corners, which lie off the diagonal.
        assertEquals(meanAbove, Math.abs(midX - midY) > 0.1);
      }
    }
  }

  @Example
  void holesStayHoles() {
    double[] x = grid(5);
    double[] f = fill(x, x, (p, q) -> p);
    f[12] = Double.NaN;
    List<double[]> lines = MarchingSquares.lines(x, x, f, 0.1);
    assertEquals(2, lines.size());
    f[12] = Double.POSITIVE_INFINITY;
    assertEquals(2, MarchingSquares.lines(x, x, f, 0.1).size());
  }

  private static double[] grid(int n) {
    double[] x = new double[n];
    Arrays.setAll(x, i -> -2 + 4.0 * i / (n - 1));
    return x;
  }

  private static double[] fill(double[] x, double[] y, DoubleBinaryOperator function) {
    double[] f = new double[x.length * y.length];
    Arrays.setAll(f, i -> function.applyAsDouble(x[i % x.length], y[i / x.length]));
    return f;
  }
}
