package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** AQ = QΛ and QᵀQ = I within c·n·u. */
class SymmetricEigenProperties {
  private static void check(double[][] a, Precision precision) {
    int n = a.length;
    try (Workspace w = Workspace.create()) {
      Mat m = Mat.allocate(w, n, n + 1, precision).block(0, 1, n, n);
      double norm = 0;
      for (int i = 0; i < n; i++) {
        m.copyRowFrom(i, a[i], 0);
        for (int j = 0; j <= i; j++) {
          a[i][j] = m.get(i, j);
          a[j][i] = a[i][j];
        }
        for (int j = i + 1; j < n; j++) {
          m.set(i, j, Double.NaN);
        }
      }
      for (double[] row : a) {
        norm = Math.max(norm, NaiveDense.norm(row) * Math.sqrt(n));
      }
      SymmetricEigen eigen = new SymmetricEigen(w, n + 2);
      assertTrue(eigen.decompose(m));
      Mat q = Mat.allocate(w, n, n, Precision.F64);
      eigen.vectors(q);
      // n reflections and at most 60n rotations a row, each of a few roundings, of which QL in
      // practice makes two sweeps a value.
      double bound = 64.0 * (n + 1) * 0x1p-53;
      double[][] columns = new double[n][n];
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) {
          columns[j][i] = q.get(i, j);
        }
      }
      for (int j = 0; j < n; j++) {
        assertTrue(j == 0 || eigen.value(j) >= eigen.value(j - 1));
        double[] residual = NaiveDense.product(a, columns[j]);
        for (int i = 0; i < n; i++) {
          residual[i] -= eigen.value(j) * columns[j][i];
        }
        assertTrue(NaiveDense.norm(residual) <= bound * norm, "residual of " + j + " of " + n);
        for (int k = 0; k <= j; k++) {
          double expected = j == k ? 1 : 0;
          assertEquals(expected, NaiveDense.dot(columns[j], columns[k]), bound, n + ": " + j + k);
        }
      }
    }
  }

  @Property(tries = 200)
  void gaussianMatrices(
      @ForAll Precision precision, @ForAll @IntRange(min = 1, max = 40) int n, @ForAll long seed) {
    Random random = new Random(seed);
    double[][] a = new double[n][];
    for (int i = 0; i < n; i++) {
      a[i] = NaiveDense.gaussian(n, random);
    }
    check(a, precision);
  }

  /** Zeros, blocks, equal values, and scales at both ends of the range. */
  @Property(tries = 200)
  void specialMatrices(
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @IntRange(min = 0, max = 20) int rank,
      @ForAll @IntRange(min = -400, max = 400) int exponent,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[][] a = new double[n][n];
    for (int k = 0; k < rank; k++) {
      int i = random.nextInt(n);
      int j = random.nextInt(n);
      a[i][i] += Math.scalb((double) random.nextInt(3), exponent);
      double value = Math.scalb(random.nextInt(3) - 1.0, exponent);
      a[i][j] = value;
      a[j][i] = value;
    }
    check(a, Precision.F64);
  }

  @Example
  void knownValuesAndLargerOrders() {
    double[] known = NaiveDense.logSpaced(130, 1e12);
    check(NaiveDense.withEigenvalues(known, new Random(1)), Precision.F64);
    try (Workspace w = Workspace.create()) {
      SymmetricEigen eigen = new SymmetricEigen(w, 3);
      Mat a = Mat.allocate(w, 2, 2, Precision.F64);
      a.copyFrom(new double[] {2, 0, 1, 2});
      assertTrue(eigen.decompose(a));
      assertEquals(1, eigen.value(0), 8 * 0x1p-53);
      assertEquals(3, eigen.value(1), 8 * 0x1p-53);
    }
  }

  @Tag("allocation")
  @Example
  void callsAreCheckedRepeatAndAllocateNothing() {
    try (Workspace w = Workspace.create()) {
      long before = w.bytesUsed();
      SymmetricEigen eigen = new SymmetricEigen(w, 17);
      assertEquals(SymmetricEigen.bytes(17), w.bytesUsed() - before);
      Mat a = Mat.allocate(w, 17, 17, Precision.F32);
      Random random = new Random(2);
      for (int i = 0; i < 17; i++) {
        a.copyRowFrom(i, NaiveDense.gaussian(17, random), 0);
      }
      Mat q = Mat.allocate(w, 17, 17, Precision.F32);
      assertTrue(eigen.decompose(a));
      eigen.vectors(q);
      double[] first = q.toArray();
      Allocation.assertNone(
          "eigenvectors",
          () -> {
            eigen.decompose(a);
            eigen.vectors(q);
          });
      assertArrayEquals(first, q.toArray());
      a.set(5, 3, Double.NaN);
      assertFalse(eigen.decompose(a));
      assertThrows(IndexOutOfBoundsException.class, () -> eigen.value(0));
      Mat large = Mat.allocate(w, 18, 18, Precision.F32);
      assertThrows(IllegalArgumentException.class, () -> eigen.decompose(large));
      assertThrows(IllegalArgumentException.class, () -> eigen.decompose(large.top(2)));
      assertThrows(IllegalArgumentException.class, () -> new SymmetricEigen(w, 0));
    }
  }
}
