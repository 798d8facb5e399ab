package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Mlp;
import dev.natgrad.random.Philox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Diagnostics of models whose Fisher matrix is known. */
class DiagnosticsTest {
  private static final int ROWS = 40;

  /** One feature is ten times as large as the next: F = XᵀX/B of a linear Gaussian model. */
  @ParameterizedTest
  @EnumSource
  void ofALinearModelTheyAreThoseOfItsFeatures(Precision precision) {
    int n = 4;
    Mlp model = Mlp.linear(n, 1, false);
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, ROWS, n, precision);
      Mat y = Mat.allocate(workspace, ROWS, 1, precision);
      for (int i = 0; i < ROWS; i++) {
        // Walsh functions are orthogonal, so that F is diagonal: 1, 0.01, 1e-4, 1e-6.
        for (int j = 0; j < n; j++) {
          x.set(i, j, Math.pow(10, -j) * ((i >> j & 1) == 0 ? 1 : -1));
        }
      }
      Vec theta = Vec.allocate(workspace, n, precision);
      double[] before = theta.toArray();
      Diagnostics found =
          Diagnostics.of(model, new Gaussian(1), theta, new Samples(x.top(32), y.top(32)), 3);
      assertEquals(32, found.rows());
      double u = precision.unitRoundoff();
      // Lanczos' extreme values are off by some u·‖F‖, its sums of squares likewise.
      assertEquals(1, found.largest(), 1000 * u);
      assertEquals(1e-6, found.smallest(), 1000 * u);
      assertEquals(1.010101, found.trace(), 1000 * u);
      double mean = 1.010101 / n;
      for (Diagnostics.Effective effective : found.effective()) {
        double shift = effective.lambda() * mean;
        double dimension = 0;
        for (int j = 0; j < n; j++) {
          dimension += 1 / (1 + shift * Math.pow(100, j));
        }
        // Signs probe a diagonal matrix exactly; what is left is Lanczos' rounding over the shift.
        double rounding = 1e4 * u / (shift + 1e-6);
        assertEquals(dimension, effective.dimension(), Math.min(n, rounding + 1e-9));
        double condition = (1 + shift) / (1e-6 + shift);
        assertEquals(condition, effective.condition(), rounding * condition);
      }
      for (Diagnostics.Length length : found.model()) {
        // Gaussian outputs of a linear model: the KL is its own model.
        assertEquals(length.foreseen(), length.measured(), 1e4 * u * length.foreseen());
      }
      double last = 0;
      for (Diagnostics.Above above : found.spectrum()) {
        double count = 0;
        for (int j = 0; j < n; j++) {
          count += Math.pow(100, -j) > above.eigenvalue() ? 1 : 0;
        }
        boolean near = Math.abs(Math.log10(above.eigenvalue()) % 2) < 0.01;
        if (!near && above.eigenvalue() > 1000 * u) {
          assertEquals(count, above.count(), 1e-3, () -> "above " + above.eigenvalue());
        }
        assertTrue(above.count() >= last);
        last = above.count();
      }
      assertEquals(before[0], theta.get(0), "looking changes nothing");
    }
  }

  @Test
  void onlyTheFirstRowsAreLookedAtAndTheMemoryIsGivenBack() {
    Mlp model = Mlp.linear(2, 1, true);
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, Diagnostics.MOST_ROWS + 50, 2, Precision.F32);
      Mat y = Mat.allocate(workspace, Diagnostics.MOST_ROWS + 50, 1, Precision.F32);
      for (int i = 0; i < x.rows(); i++) {
        x.set(i, 0, Philox.normal(1, 1, i));
        x.set(i, 1, i < Diagnostics.MOST_ROWS ? 0.1 : Double.NaN);
      }
      Vec theta = Vec.allocate(workspace, 3, Precision.F32);
      long before = workspace.bytesUsed();
      Diagnostics found = Diagnostics.of(model, new Gaussian(1), theta, new Samples(x, y), 1);
      assertEquals(Diagnostics.MOST_ROWS, found.rows());
      assertTrue(Double.isFinite(found.largest()));
      assertEquals(before, workspace.bytesUsed());
      assertEquals(
          Diagnostics.bytes(model, Diagnostics.MOST_ROWS, Precision.F32),
          Diagnostics.bytes(model, x.rows(), Precision.F32));
    }
  }
}
