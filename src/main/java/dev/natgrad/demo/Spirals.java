package dev.natgrad.demo;

import dev.natgrad.random.Philox;

/**
 * Points on three interleaved spiral arms, one class an arm: no line separates them, and the eye
 * sees at once what a model got right.
 *
 * <p>Point i is on arm i mod 3, at the share t ~ U(0, 1) of its length: radius 0.1 + 0.9t, angle
 * 2π(arm/3 + 1.1t), with N(0, 0.035²) added to each coordinate.
 *
 * @param x first coordinate, n elements, most of them in [−1, 1]
 * @param y second coordinate, n elements
 * @param arm the class, 0, 1 or 2, n elements
 */
public record Spirals(double[] x, double[] y, int[] arm) {
  /** The number of classes. */
  public static final int ARMS = 3;

  private static final double INNER_RADIUS = 0.1;
  private static final double TURNS = 1.1;
  private static final double NOISE = 0.035;

  /**
   * Draws points.
   *
   * @param seed the same seed and stream give the same bits
   * @param stream tells training points from test points
   * @param count n, at least 0
   * @return n points
   */
  public static Spirals draw(long seed, long stream, int count) {
    Philox random = new Philox(seed, stream);
    double[] x = new double[count];
    double[] y = new double[count];
    int[] arm = new int[count];
    for (int i = 0; i < count; i++) {
      arm[i] = i % ARMS;
      double t = random.nextDouble();
      double radius = INNER_RADIUS + (1 - INNER_RADIUS) * t;
      double angle = 2 * Math.PI * ((double) arm[i] / ARMS + TURNS * t);
      // StrictMath, so that the bits are the same on every machine.
      x[i] = radius * StrictMath.cos(angle) + NOISE * random.nextGaussian();
      y[i] = radius * StrictMath.sin(angle) + NOISE * random.nextGaussian();
    }
    return new Spirals(x, y, arm);
  }

  /**
   * Returns the number of points.
   *
   * @return n
   */
  public int count() {
    return arm.length;
  }
}
