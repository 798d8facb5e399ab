package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;

class KlEllipseProperties {
  private static final double U = 0x1p-53;

  @Property
  void theBoundaryIsOneEpsilonAway(
      @ForAll @Scale(7) @DoubleRange(min = 1e-3, max = 1e3) double fxx,
      @ForAll @Scale(7) @DoubleRange(min = -0.999, max = 0.999) double correlation,
      @ForAll @Scale(7) @DoubleRange(min = 1e-3, max = 1e3) double fyy,
      @ForAll @Scale(7) @DoubleRange(min = 1e-6, max = 10) double epsilon) {
    double fxy = correlation * Math.sqrt(fxx * fyy);
    double[] boundary = new KlEllipse(0, 0, fxx, fxy, fyy, epsilon).boundary(32);
    assertEquals(64, boundary.length);
    for (int i = 0; i < boundary.length; i += 2) {
      double dx = boundary[i];
      double dy = boundary[i + 1];
      double kl = 0.5 * (fxx * dx * dx + 2 * fxy * dx * dy + fyy * dy * dy);
      // Cholesky and two solves are backward stable: the error is that of an F changed by
      // gamma_16 |L||L^T|, whose entries are at most fxx, |fxy|, fyy; cos and sin add 2 ulp.
      double size = 0.5 * (fxx * dx * dx + 2 * Math.abs(fxy * dx * dy) + fyy * dy * dy);
      double gamma = 16 * U / (1 - 16 * U);
      assertEquals(epsilon, kl, gamma * (size + epsilon));
    }
  }

  @Example
  void theCentreShiftsIt() {
    double[] at = new KlEllipse(3, -2, 4, 0, 1, 0.5).boundary(4);
    assertEquals(3.5, at[0]);
    assertEquals(-2, at[1]);
    assertEquals(3, at[2], 4 * U);
    assertEquals(-1, at[3]);
  }

  @Example
  void aFisherMatrixThatIsNotPositiveDefiniteIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new KlEllipse(0, 0, 1, 1, 1, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new KlEllipse(0, 0, -1, 0, -1, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new KlEllipse(0, 0, 1, Double.NaN, 1, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new KlEllipse(0, 0, 1, 0, 1, 0));
  }
}
