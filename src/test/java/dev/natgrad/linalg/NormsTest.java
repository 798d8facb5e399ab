package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Norms against plain loops over every position of the tails. */
@Tag("width")
class NormsTest {
  private static final int COLUMNS = 37;

  @ParameterizedTest
  @EnumSource
  void areThoseOfPlainLoops(Precision precision) {
    try (Workspace w = Workspace.create()) {
      for (int n = 1; n <= COLUMNS; n++) {
        for (int m : new int[] {1, 5, 18}) {
          Mat whole = Mat.allocate(w, m, COLUMNS + 3, precision);
          fill(whole, Double.NaN);
          Mat a = whole.block(0, 1, m, n);
          double[][] values = random(a, new Random(100L * n + m));
          check(a, values);
          checkRows(w, a, values);
        }
      }
    }
  }

  private static void check(Mat a, double[][] values) {
    double largest = 0;
    double row = 0;
    double[] columns = new double[a.cols()];
    for (double[] line : values) {
      double squares = 0;
      for (int j = 0; j < line.length; j++) {
        largest = Math.max(largest, Math.abs(line[j]));
        squares += line[j] * line[j];
        columns[j] += line[j] * line[j];
      }
      row = Math.max(row, squares);
    }
    double column = 0;
    for (double squares : columns) {
      column = Math.max(column, squares);
    }
    assertEquals(largest, Norms.largestAbsolute(a));
    // Both sums of squares are within γₙ of the exact one, and both roots are rounded.
    double u = 0x1p-53;
    assertEquals(Math.sqrt(row), Norms.largestRowNorm(a), (a.cols() + 4) * u * Math.sqrt(row));
    assertEquals(
        Math.sqrt(column), Norms.largestColumnNorm(a), (a.rows() + 4) * u * Math.sqrt(column));
  }

  private static void checkRows(Workspace w, Mat a, double[][] values) {
    Vec norms = Vec.allocate(w, a.rows(), Precision.F64);
    Vec scales = Vec.allocate(w, a.rows(), a.precision());
    Norms.rowNorms(a, norms);
    double largest = 0;
    for (int i = 0; i < a.rows(); i++) {
      double squares = 0;
      scales.set(i, i % 2 == 0 ? i : -0.5 * i);
      for (double value : values[i]) {
        squares += value * value;
        largest = Math.max(largest, Math.abs(scales.get(i)) * Math.abs(value));
      }
      assertEquals(Math.sqrt(squares), norms.get(i), (a.cols() + 4) * 0x1p-53 * Math.sqrt(squares));
    }
    assertEquals(largest, Norms.largestScaled(scales, a));
  }

  @ParameterizedTest
  @EnumSource
  void notANumberIsSeenEverywhere(Precision precision) {
    try (Workspace w = Workspace.create()) {
      Mat a = Mat.allocate(w, 3, COLUMNS, precision);
      Mat weights = Mat.allocate(w, COLUMNS, 2, precision);
      Vec norms = Vec.allocate(w, 3, Precision.F64);
      Vec scales = Vec.allocate(w, 3, precision);
      random(weights, new Random(2));
      for (int j = 0; j < COLUMNS; j++) {
        random(a, new Random(1));
        a.set(1, j, Double.NaN);
        assertTrue(Double.isNaN(Norms.largestAbsolute(a)));
        assertTrue(Double.isNaN(Norms.largestRowNorm(a)));
        Norms.rowNorms(a, norms);
        assertTrue(Double.isNaN(norms.get(1)) && norms.get(0) >= 0);
        assertTrue(Double.isNaN(Norms.largestScaled(scales, a)));
        assertTrue(Double.isNaN(Norms.largestColumnNorm(a)));
        assertTrue(Double.isNaN(Norms.scaledProduct(a, weights)));
      }
    }
  }

  private static void fill(Mat a, double value) {
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < a.cols(); j++) {
        a.set(i, j, value);
      }
    }
  }

  /** Fills, and returns what is stored. */
  private static double[][] random(Mat a, Random random) {
    double[][] values = new double[a.rows()][a.cols()];
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < a.cols(); j++) {
        a.set(i, j, random.nextGaussian());
        values[i][j] = a.get(i, j);
      }
    }
    return values;
  }
}
