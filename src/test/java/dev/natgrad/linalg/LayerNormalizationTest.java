package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerNormalizationTest {
  /** By a sum of squares of ∞ they were 0, as if all of a row were its mean. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void rowsWhoseSquaresOverflowAreNaNAndTheOthersAsTheyAre(Precision precision) {
    double large = precision == Precision.F32 ? 3e19 : 3e160;
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, 3, 2, precision);
      x.copyFrom(new double[] {1, -1, large, -large, 3, 7});
      Mat h = Mat.allocate(workspace, 3, 2, precision);
      Vec r = Vec.allocate(workspace, 3, precision);
      LayerNormalization.normalize(0, x, h, r);
      double[] expected = {1, -1, Double.NaN, Double.NaN, -1, 1};
      for (int i = 0; i < 3; i++) {
        assertEquals(i == 1 ? Double.NaN : i == 0 ? 1 : 0.5, r.get(i));
        assertEquals(expected[2 * i], h.get(i, 0));
        assertEquals(expected[2 * i + 1], h.get(i, 1));
      }
    }
  }
}
