package dev.natgrad.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class OperatorProperties {
  private static Vec random(Workspace w, int n, Precision precision, Random random) {
    Vec v = Vec.allocate(w, n, precision);
    v.copyFrom(NaiveDense.gaussian(n, random), 0);
    return v;
  }

  /** Compares a product with α·Ax + βy in double; the sum has n products and four scalings. */
  private static void check(
      LinearOperator a, double[][] matrix, Vec x, double alpha, double beta, Vec y) {
    double[] in = x.toArray();
    double[] before = y.toArray();
    a.apply(alpha, x, beta, y);
    double u = a.precision().unitRoundoff();
    int terms = in.length + 6;
    double gamma = terms * u / (1 - terms * u);
    for (int i = 0; i < in.length; i++) {
      double exact = beta == 0 ? 0 : beta * before[i];
      double size = Math.abs(exact);
      for (int j = 0; j < in.length; j++) {
        exact += alpha * matrix[i][j] * in[j];
        size += Math.abs(alpha * matrix[i][j] * in[j]);
      }
      assertTrue(Math.abs(y.get(i) - exact) <= 1.01 * gamma * size, "entry " + i);
    }
  }

  private static double coefficient(int which) {
    return new double[] {0, 1, -1, 0.3}[which];
  }

  @Property(tries = 400)
  void diagonal(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 70) int n,
      @ForAll @IntRange(min = 0, max = 3) int alpha,
      @ForAll @IntRange(min = 0, max = 3) int beta) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      Vec d = random(w, n, precision, random);
      double[][] matrix = new double[n][n];
      for (int i = 0; i < n; i++) {
        matrix[i][i] = d.get(i);
      }
      Vec y = random(w, n + 2, precision, random);
      double first = y.get(0);
      double last = y.get(n + 1);
      Vec inner = y.slice(1, n);
      if (beta == 0) {
        double[] nan = new double[n];
        Arrays.fill(nan, Double.NaN);
        inner.copyFrom(nan, 0);
      }
      Vec x = random(w, n, precision, random);
      check(new Diagonal(d), matrix, x, coefficient(alpha), coefficient(beta), inner);
      assertEquals(first, y.get(0));
      assertEquals(last, y.get(n + 1));
    }
  }

  @Property(tries = 400)
  void denseSymmetricAndShifted(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 20) int n,
      @ForAll @IntRange(min = 0, max = 3) int alpha,
      @ForAll @IntRange(min = 0, max = 3) int beta) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      Mat stored = Mat.allocate(w, n, n, precision);
      double[][] matrix = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          stored.set(i, j, random.nextGaussian());
          matrix[i][j] = stored.get(i, j);
          matrix[j][i] = matrix[i][j];
          if (j < i) {
            stored.set(j, i, Double.NaN);
          }
        }
      }
      DenseSymmetric a = new DenseSymmetric(stored);
      Vec x = random(w, n, precision, random);
      Vec y = random(w, n, precision, random);
      check(a, matrix, x, coefficient(alpha), coefficient(beta), y);
      Shifted shifted = new Shifted(a, 0);
      shifted.setShift(2.5);
      for (int i = 0; i < n; i++) {
        matrix[i][i] += 2.5;
      }
      check(shifted, matrix, x, coefficient(alpha), coefficient(beta), y);
      double[] expected = new double[3];
      double[] products = new double[3];
      Vec z = random(w, n, precision, random);
      for (LinearOperator operator : new LinearOperator[] {a, shifted}) {
        operator.apply(1, x, 0, y);
        KrylovUpdates.curvature(x, y, expected);
        operator.applyAndDot(x, z, products);
        assertArrayEquals(y.toArray(), z.toArray());
        assertArrayEquals(expected, products);
      }
    }
  }

  /** SAS of a diagonal A, and the sum of two diagonals. */
  @Property(tries = 300)
  void scaledAndSum(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 40) int n,
      @ForAll @IntRange(min = 0, max = 3) int alpha,
      @ForAll @IntRange(min = 0, max = 3) int beta) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      Vec d = random(w, n, precision, random);
      Vec e = random(w, n, precision, random);
      double[][] sum = new double[n][n];
      double[][] scaled = new double[n][n];
      for (int i = 0; i < n; i++) {
        scaled[i][i] = e.get(i) * d.get(i) * e.get(i);
      }
      Vec x = random(w, n, precision, random);
      Vec y = random(w, n, precision, random);
      long before = w.bytesUsed();
      Scaled sas = new Scaled(w, new Diagonal(d), e);
      assertEquals(Scaled.bytes(n, precision), w.bytesUsed() - before);
      assertEquals(n, sas.size());
      check(sas, scaled, x, coefficient(alpha), coefficient(beta), y);
      for (int i = 0; i < n; i++) {
        // Terms of one sign, so that the sum does not cancel below its rounding.
        d.set(i, Math.abs(d.get(i)));
        e.set(i, Math.abs(e.get(i)));
        sum[i][i] = d.get(i) + e.get(i);
      }
      Sum total = new Sum(new Diagonal(d), new Diagonal(e));
      assertEquals(precision, total.precision());
      check(total, sum, x, coefficient(alpha), coefficient(beta), y);
    }
  }

  @Example
  void badArgumentsAreNamed() {
    try (Workspace w = Workspace.create()) {
      Diagonal two = new Diagonal(Vec.allocate(w, 2, Precision.F64));
      Diagonal other = new Diagonal(Vec.allocate(w, 2, Precision.F32));
      assertThrows(IllegalArgumentException.class, () -> new Sum(two, other));
      assertThrows(
          IllegalArgumentException.class,
          () -> new Scaled(w, two, Vec.allocate(w, 3, Precision.F64)));
      Vec d = Vec.allocate(w, 3, Precision.F64);
      Diagonal a = new Diagonal(d);
      Shifted shifted = new Shifted(a, 1);
      assertEquals(3, shifted.size());
      assertEquals(Precision.F64, shifted.precision());
      assertThrows(IllegalArgumentException.class, () -> shifted.setShift(Double.NaN));
      assertEquals(1, shifted.shift());
      Vec x = Vec.allocate(w, 4, Precision.F64);
      Vec three = x.slice(0, 3);
      assertThrows(IllegalArgumentException.class, () -> shifted.apply(1, x, 0, d));
      assertThrows(IllegalArgumentException.class, () -> shifted.apply(1, three, 0, three));
      assertThrows(IllegalArgumentException.class, () -> a.apply(1, three, 0, x.slice(1, 3)));
      Vec single = Vec.allocate(w, 3, Precision.F32);
      assertThrows(IllegalArgumentException.class, () -> a.apply(1, single, 0, three));
      Mat wide = Mat.allocate(w, 2, 3, Precision.F64);
      assertThrows(IllegalArgumentException.class, () -> new DenseSymmetric(wide));
    }
  }
}
