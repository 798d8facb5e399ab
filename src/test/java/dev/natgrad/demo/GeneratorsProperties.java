package dev.natgrad.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.random.Philox;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class GeneratorsProperties {
  private static final int FINE = 2000;

  @Property(tries = 200)
  void theSameSeedGivesTheSameBitsAndAnotherSeedOthers(@ForAll long seed) {
    assertArrayEquals(Curves.draw(seed, 1, 3), Curves.draw(seed, 1, 3));
    assertFalse(Arrays.deepEquals(Curves.draw(seed, 1, 3), Curves.draw(seed, 2, 3)));
    assertFalse(Arrays.deepEquals(Curves.draw(seed, 1, 3), Curves.draw(seed + 1, 1, 3)));
    assertArrayEquals(Spirals.draw(seed, 1, 30).x(), Spirals.draw(seed, 1, 30).x());
    assertArrayEquals(
        GaussianSamples.draw(seed, 9, 1, 2), GaussianSamples.draw(seed, 9, 1, 2), "Gaussian");
  }

  @Property(tries = 200)
  void anImageDoesNotDependOnHowManyAreDrawn(@ForAll long seed) {
    assertArrayEquals(Curves.draw(seed, 1, 2)[1], Curves.draw(seed, 1, 5)[1]);
  }

  /** Against the least distance to 2001 points of the curve itself. */
  @Property(tries = 300)
  void pixelsAreTheStrokeAroundASmoothCurveThroughThreePoints(@ForAll long seed) {
    double[] p = Curves.points(new Philox(seed, 5));
    double[] image = Curves.stroke(p);
    double[] x = new double[FINE + 1];
    double[] y = new double[FINE + 1];
    double length = 0;
    for (int i = 0; i <= FINE; i++) {
      double t = (double) i / FINE;
      x[i] = throughThreePoints(t, p[0], p[2], p[4]);
      y[i] = throughThreePoints(t, p[1], p[3], p[5]);
      length = i == 0 ? 0 : Math.max(length, Math.hypot(x[i] - x[i - 1], y[i] - y[i - 1]));
    }
    // A chord over 1/40 of the curve is off by |B''|/(8·40²); the samples by half their distance.
    double bend = 4 * Math.hypot(p[0] - 2 * p[2] + p[4], p[1] - 2 * p[3] + p[5]);
    double tolerance = bend / (8 * 40 * 40) + length / 2 + 1e-12;
    for (int pixel = 0; pixel < image.length; pixel++) {
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i <= FINE; i++) {
        double dx = pixel % Curves.SIDE + 0.5 - x[i];
        double dy = pixel / Curves.SIDE + 0.5 - y[i];
        least = Math.min(least, dx * dx + dy * dy);
      }
      double ink = Math.max(0, Math.min(1, 1.5 - Math.sqrt(least)));
      assertEquals(ink, image[pixel], tolerance, "pixel " + pixel);
    }
  }

  /** Lagrange's parabola through three values at t = 0, ½, 1. */
  private static double throughThreePoints(double t, double a, double b, double c) {
    return a * 2 * (t - 0.5) * (t - 1) - b * 4 * t * (t - 1) + c * 2 * t * (t - 0.5);
  }

  @Property
  void pixelsLieBetweenNoughtAndOneAndEachImageHasAStroke(@ForAll long seed) {
    double[] image = Curves.draw(seed, 1, 1)[0];
    double sum = 0;
    for (double pixel : image) {
      assertTrue(pixel >= 0 && pixel <= 1, () -> "pixel " + pixel);
      sum += pixel;
    }
    // The chord is at least 7 pixels long, the stroke about 2 wide, and a pixel of it at least ½.
    assertTrue(sum > 7, "ink " + sum);
  }

  @Test
  void spiralsHaveEvenClassesOnTheirArms() {
    Spirals points = Spirals.draw(1, 1, 900);
    int[] counts = new int[Spirals.ARMS];
    for (int i = 0; i < points.count(); i++) {
      counts[points.arm()[i]]++;
      double radius = Math.hypot(points.x()[i], points.y()[i]);
      // Noise is below 8.7 deviations in each coordinate.
      assertTrue(radius <= 1 + Math.sqrt(2) * 8.7 * 0.035, "radius " + radius);
    }
    assertArrayEquals(new int[] {300, 300, 300}, counts);
  }

  /** Their mean is within 6 standard errors of μ for all but 2 in 10⁹ seeds, and this is one. */
  @Test
  void gaussianSamplesHaveTheMeanAndDeviation() {
    double[] x = GaussianSamples.draw(3, 10_000, -4, 0.5);
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    assertEquals(-4, mean, 6 * 0.5 / 100);
    assertEquals(0.25, variance, 6 * 0.25 * Math.sqrt(2) / 100);
  }
}
