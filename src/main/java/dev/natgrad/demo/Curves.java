package dev.natgrad.demo;

import dev.natgrad.random.Philox;

/**
 * Images of a smooth curve through three random points, after the CURVES data of Hinton and
 * Salakhutdinov (2006): six numbers decide an image, so a code of six can hold it.
 *
 * <p>The curve is the quadratic Bézier through p₀, p₁ (at its middle) and p₂, each uniform over the
 * middle three fifths of the image, with |p₂ − p₀| at least a quarter of the side. It is drawn as a
 * stroke {@value #STROKE} pixels wide; a pixel's value falls from 1 to 0 over the one pixel across
 * the stroke's edge.
 */
public final class Curves {
  /** Pixels of an image along each axis. */
  public static final int SIDE = 28;

  /** Pixels of an image. */
  public static final int PIXELS = SIDE * SIDE;

  private static final double STROKE = 2;
  private static final double MARGIN = 0.2;
  private static final double SHORTEST = 0.25;
  private static final int SEGMENTS = 40;

  private Curves() {}

  /**
   * Draws images. Image i depends on seed, stream and i alone.
   *
   * @param seed the same seed and stream give the same bits
   * @param stream tells training images from test images
   * @param count n, at least 0
   * @return n images of {@link #PIXELS} values in [0, 1], row-major, top row first
   */
  public static double[][] draw(long seed, long stream, int count) {
    double[][] images = new double[count][];
    for (int i = 0; i < count; i++) {
      images[i] = stroke(points(new Philox(seed, stream + ((long) i << 32))));
    }
    return images;
  }

  /** x₀ y₀ x₁ y₁ x₂ y₂, pixels. */
  static double[] points(Philox random) {
    double[] p = new double[6];
    do {
      for (int k = 0; k < p.length; k++) {
        p[k] = SIDE * (MARGIN + (1 - 2 * MARGIN) * random.nextDouble());
      }
    } while (squared(p[4] - p[0], p[5] - p[1]) < squared(SHORTEST * SIDE, 0));
    return p;
  }

  /** The image of the curve through three points. */
  static double[] stroke(double[] p) {
    // The control point that makes the curve pass through p₁ at t = ½.
    final double cx = 2 * p[2] - 0.5 * (p[0] + p[4]);
    final double cy = 2 * p[3] - 0.5 * (p[1] + p[5]);
    double[] image = new double[PIXELS];
    double x = p[0];
    double y = p[1];
    for (int s = 1; s <= SEGMENTS; s++) {
      double t = (double) s / SEGMENTS;
      double toX = (1 - t) * (1 - t) * p[0] + 2 * t * (1 - t) * cx + t * t * p[4];
      double toY = (1 - t) * (1 - t) * p[1] + 2 * t * (1 - t) * cy + t * t * p[5];
      segment(image, x, y, toX, toY);
      x = toX;
      y = toY;
    }
    return image;
  }

  private static void segment(double[] image, double ax, double ay, double bx, double by) {
    double reach = 0.5 * STROKE + 0.5;
    double length = squared(bx - ax, by - ay);
    int top = pixel(Math.min(ay, by) - reach);
    int bottom = pixel(Math.max(ay, by) + reach);
    int left = pixel(Math.min(ax, bx) - reach);
    int right = pixel(Math.max(ax, bx) + reach);
    for (int row = top; row <= bottom; row++) {
      for (int column = left; column <= right; column++) {
        double px = column + 0.5 - ax;
        double py = row + 0.5 - ay;
        double along = length == 0 ? 0 : (px * (bx - ax) + py * (by - ay)) / length;
        double share = Math.max(0, Math.min(1, along));
        double off = squared(px - share * (bx - ax), py - share * (by - ay));
        double ink = Math.max(0, Math.min(1, reach - Math.sqrt(off)));
        int index = row * SIDE + column;
        image[index] = Math.max(image[index], ink);
      }
    }
  }

  private static int pixel(double at) {
    return Math.max(0, Math.min(SIDE - 1, (int) Math.floor(at)));
  }

  private static double squared(double dx, double dy) {
    return dx * dx + dy * dy;
  }
}
