package dev.natgrad.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Contour lines of a function on a rectangular grid, interpolated linearly along the grid's edges.
 * Where a cell is a saddle, the mean of its corners decides which pair is joined. Cells with a
 * corner that is not finite are left out.
 */
final class MarchingSquares {
  private final double[] x;
  private final double[] y;
  private final double[] f;
  private final double level;
  // A crossing is named by the grid edge it lies on; each has at most one neighbour in either cell.
  private final int[] first;
  private final int[] second;

  private MarchingSquares(double[] x, double[] y, double[] f, double level) {
    this.x = x;
    this.y = y;
    this.f = f;
    this.level = level;
    this.first = new int[2 * x.length * y.length];
    this.second = new int[first.length];
    Arrays.fill(first, -1);
    Arrays.fill(second, -1);
  }

  /**
   * Lines along which {@code f = level}; each is x₀ y₀ x₁ y₁ …, and a closed one ends where it
   * starts.
   *
   * @param f y.length × x.length, row-major
   */
  static List<double[]> lines(double[] x, double[] y, double[] f, double level) {
    MarchingSquares squares = new MarchingSquares(x, y, f, level);
    for (int row = 0; row + 1 < y.length; row++) {
      for (int column = 0; column + 1 < x.length; column++) {
        squares.cell(row, column);
      }
    }
    return squares.follow();
  }

  private void cell(int row, int column) {
    int columns = x.length;
    int at = row * columns + column;
    double a = f[at];
    double b = f[at + 1];
    double c = f[at + columns + 1];
    double d = f[at + columns];
    if (!Double.isFinite(a + b + c + d)) {
      return;
    }
    int bottom = at;
    int top = at + columns;
    int left = x.length * y.length + at;
    int right = left + 1;
    int corners =
        (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (c >= level ? 4 : 0) | (d >= level ? 8 : 0);
    boolean high = 0.25 * (a + b + c + d) >= level;
    switch (corners) {
      case 1, 14 -> join(left, bottom);
      case 2, 13 -> join(bottom, right);
      case 4, 11 -> join(right, top);
      case 8, 7 -> join(top, left);
      case 3, 12 -> join(left, right);
      case 6, 9 -> join(bottom, top);
      case 5, 10 -> {
        boolean aAlone = (corners == 5) != high;
        join(left, aAlone ? bottom : top);
        join(right, aAlone ? top : bottom);
      }
      default -> {}
    }
  }

  private void join(int from, int to) {
    link(from, to);
    link(to, from);
  }

  private void link(int from, int to) {
    if (first[from] < 0) {
      first[from] = to;
    } else {
      second[from] = to;
    }
  }

  private List<double[]> follow() {
    List<double[]> lines = new ArrayList<>();
    boolean[] seen = new boolean[first.length];
    // Open lines first, from an end; what is left then are loops.
    for (boolean loops : new boolean[] {false, true}) {
      for (int edge = 0; edge < first.length; edge++) {
        if (first[edge] >= 0 && !seen[edge] && (loops || second[edge] < 0)) {
          lines.add(follow(edge, seen));
        }
      }
    }
    return lines;
  }

  private double[] follow(int start, boolean[] seen) {
    double[] points = new double[32];
    int count = 0;
    int edge = start;
    int before = -1;
    while (edge >= 0) {
      if (count + 2 > points.length) {
        points = Arrays.copyOf(points, 2 * points.length);
      }
      point(edge, points, count);
      count += 2;
      if (seen[edge]) {
        break;
      }
      seen[edge] = true;
      int next = first[edge] == before && before >= 0 ? second[edge] : first[edge];
      before = edge;
      edge = next;
    }
    return Arrays.copyOf(points, count);
  }

  private void point(int edge, double[] to, int at) {
    int cells = x.length * y.length;
    boolean vertical = edge >= cells;
    int node = vertical ? edge - cells : edge;
    int row = node / x.length;
    int column = node % x.length;
    double a = f[node];
    double b = f[vertical ? node + x.length : node + 1];
    double t = (level - a) / (b - a);
    to[at] = vertical ? x[column] : x[column] + t * (x[column + 1] - x[column]);
    to[at + 1] = vertical ? y[row] + t * (y[row + 1] - y[row]) : y[row];
  }
}
