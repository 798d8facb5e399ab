package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Symmetric, positive and homogeneous for 10,200 vectors from tiny to huge. */
class ManyVectorsTest {
  private static final int POINTS = 17;
  private static final int VECTORS = 100;

  /** So that squares stay in the range of double, and products of three entries in a float's. */
  private static int exponents(Precision precision) {
    return precision == Precision.F64 ? 300 : 50;
  }

  @ParameterizedTest
  @EnumSource
  void symmetricPositiveAndHomogeneous(Family family) {
    for (Precision precision : Precision.values()) {
      for (int point = 0; point < POINTS; point++) {
        try (Workspace w = Workspace.create()) {
          check(new FisherCase(w, precision, family, point), point % 4 == 3);
        }
      }
    }
  }

  private static void check(FisherCase c, boolean sampled) {
    Fisher fisher = sampled ? c.sampled(2) : c.exact();
    // A score is below 9/√σ², see FisherProperties.
    double scale = sampled ? 81 : 1;
    int most = exponents(c.precision);
    Vec y = Vec.allocate(c.w, c.parameters, c.precision);
    double[] b = c.randomVector().toArray();
    fisher.apply(1, c.vec(b), 0, y);
    double[] fb = y.toArray();
    for (int trial = 0; trial < VECTORS; trial++) {
      double[] a = c.randomVector().toArray();
      double[] scaled = a.clone();
      int exponent = c.random.nextInt(2 * most + 1) - most;
      for (int i = 0; i < a.length; i++) {
        // Every other vector has entries of all sizes.
        a[i] = trial % 2 == 0 ? a[i] : Math.scalb(a[i], c.random.nextInt(most) - most / 2);
        scaled[i] = Math.scalb(a[i], trial % 2 == 0 ? exponent : exponent / 2);
      }
      fisher.apply(1, c.vec(a), 0, y);
      double[] fa = y.toArray();
      double asymmetry = NaiveDense.dot(b, fa) - NaiveDense.dot(a, fb);
      double bound = scale * (c.tolerance(a, b) + c.tolerance(b, a));
      assertTrue(Math.abs(asymmetry) <= bound, () -> "asymmetric by " + asymmetry);
      fisher.apply(1, c.vec(scaled), 0, y);
      for (int i = 0; i < fa.length; i++) {
        double unit = Math.scalb(fa[i], trial % 2 == 0 ? exponent : exponent / 2);
        assertEquals(unit, y.get(i), "a power of two changes no bit");
      }
      double product = NaiveDense.dot(scaled, y.toArray());
      double rounding = scale * c.tolerance(scaled, scaled);
      assertTrue(product >= -rounding, () -> "vᵀFv is " + product);
      double curvature = fisher.curvature(c.vec(scaled));
      assertTrue(curvature >= 0, () -> "curvature is " + curvature);
      assertEquals(product, curvature, 2 * rounding);
      if (!sampled) {
        double exact = NaiveDense.dot(scaled, NaiveDense.product(c.f, scaled));
        assertEquals(exact, curvature, rounding);
      }
    }
  }
}
