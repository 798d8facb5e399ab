package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fisher products where each dimension alone goes from 1 to past two vectors of 512 bits. */
@Tag("width")
class EveryDimensionTest {
  private static final int MOST = 2 * 16 + 1;

  @ParameterizedTest
  @EnumSource
  void productsAreTheOracles(Family family) {
    int least = family == Family.CATEGORICAL ? 2 : 1;
    for (Precision precision : Precision.values()) {
      for (int n = 1; n <= MOST; n++) {
        check(precision, family, n, 2, 2, 2);
        check(precision, family, 2, n, 2, 2);
        check(precision, family, 1, 1, Math.max(n, least), 2);
        check(precision, family, 2, 2, 2, n);
      }
    }
  }

  private static void check(
      Precision precision, Family family, int inputs, int hidden, int outputs, int batch) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(inputs + 100L * hidden + 10_000L * outputs + batch);
      FisherCase c = new FisherCase(w, precision, family, inputs, hidden, outputs, batch, random);
      ExactFisher fisher = c.exact();
      Vec v = c.randomVector();
      double[] stored = v.toArray();
      double[] expected = NaiveDense.product(c.f, stored);
      double[] tolerance = c.tolerance(stored);
      Vec y = Vec.allocate(w, c.parameters, precision);
      fisher.apply(1, v, 0, y);
      String what = inputs + "→" + hidden + "→" + outputs + ", " + batch + " rows";
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], y.get(i), tolerance[i], what);
      }
      double curvature = NaiveDense.dot(stored, expected);
      assertEquals(curvature, fisher.curvature(v), c.tolerance(stored, stored), what);
    }
  }
}
