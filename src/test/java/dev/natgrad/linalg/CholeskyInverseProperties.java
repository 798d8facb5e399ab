package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.Rounding;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Inverses by Cholesky, at orders on the edges of leaf and panel. */
class CholeskyInverseProperties {
  @Provide
  net.jqwik.api.Arbitrary<Integer> orders() {
    return net.jqwik.api.Arbitraries.of(1, 2, 5, 31, 32, 33, 64, 127, 128, 129, 160, 257);
  }

  @Property(tries = 60)
  void aTimesItsInverseIsTheIdentity(
      @ForAll Precision precision, @ForAll @From("orders") int n, @ForAll long seed) {
    Random random = new Random(seed);
    double[][] a = NaiveDense.withEigenvalues(NaiveDense.logSpaced(n, 20), random);
    try (Workspace w = Workspace.create()) {
      Mat l = Mat.allocate(w, n + 1, n + 3, precision).block(1, 2, n, n);
      Mat c = Mat.allocate(w, n + 1, n + 2, precision);
      Mat inverse = c.block(0, 1, n, n);
      c.set(n, 0, 7);
      for (int i = 0; i < n; i++) {
        l.copyRowFrom(i, a[i], 0);
        c.set(i, 0, 7);
      }
      double[][] stored = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          stored[i][j] = l.get(i, j);
          stored[j][i] = stored[i][j];
        }
      }
      assertTrue(Cholesky.factor(l));
      Cholesky.invert(l, inverse);
      // |X − A⁻¹| ≤ c₁·γₙ·κ·‖A⁻¹‖ in norm with c₁ = O(n) (Higham, 10.1 and 14.2); here ‖A‖ = 1 and
      // κ = 20, a little more once rounded.
      double bound = 8.0 * n * Rounding.gamma(n + 2, precision) * 21 * 21;
      for (int j = 0; j < n; j++) {
        double[] column = new double[n];
        for (int i = 0; i < n; i++) {
          column[i] = inverse.get(i, j);
          assertEquals(inverse.get(i, j), inverse.get(j, i));
        }
        double[] e = new double[n];
        e[j] = 1;
        double error = NaiveDense.norm(NaiveDense.minus(NaiveDense.product(stored, column), e));
        assertTrue(error <= bound, "column " + j + " of " + n + " off by " + error);
      }
      for (int i = 0; i <= n; i++) {
        assertEquals(7, c.get(i == n ? n : i, 0));
      }
    }
  }

  @Example
  void mirroringCopiesTheLowerTriangleAndNothingElse() {
    try (Workspace w = Workspace.create()) {
      for (int n : new int[] {0, 1, 31, 32, 33, 70}) {
        Mat a = Mat.allocate(w, n, n + 2, Precision.F32);
        double[] before = new double[n * (n + 2)];
        for (int i = 0; i < before.length; i++) {
          before[i] = i;
        }
        a.copyFrom(before);
        Cholesky.mirror(a.block(0, 1, n, n));
        double[] expected = before.clone();
        for (int i = 0; i < n; i++) {
          for (int j = i + 1; j < n; j++) {
            expected[i * (n + 2) + j + 1] = before[j * (n + 2) + i + 1];
          }
        }
        assertArrayEquals(expected, a.toArray());
      }
      Mat wide = Mat.allocate(w, 2, 3, Precision.F32);
      assertThrows(IllegalArgumentException.class, () -> Cholesky.mirror(wide));
      Mat square = Mat.allocate(w, 2, 2, Precision.F32);
      assertThrows(IllegalArgumentException.class, () -> Cholesky.invert(square, square));
    }
  }

  /** The identity had been written to C before the scratch was asked for. */
  @Example
  void withoutRoomForTheScratchNothingIsWritten() {
    long room = Workspace.OVERHEAD_BYTES + 2 * Mat.bytes(3, 3, Precision.F64);
    try (Workspace w = Workspace.create(room)) {
      Mat l = Mat.allocate(w, 3, 3, Precision.F64);
      Mat c = Mat.allocate(w, 3, 3, Precision.F64);
      assertThrows(OutOfMemoryError.class, () -> Cholesky.invert(l, c));
      assertArrayEquals(new double[9], c.toArray());
    }
  }
}
