package dev.natgrad.linalg;

import java.util.Random;
import java.util.function.DoubleSupplier;

/** Draws the sizes and scalars at which kernels break, and data, all from one seed. */
final class Draw {
  private static final int[] LENGTHS = {
    47, 48, 49, 63, 64, 65, 66, 79, 80, 81, 95, 127, 128, 129, 130, 191, 193, 255, 256, 257, 512,
    528, 1000
  };
  private static final int[] DIMENSIONS = {23, 24, 25, 31, 32, 33, 34, 47, 48, 49, 63, 64, 65};
  private static final int[] DEPTHS = {255, 256, 257, 300, 513};
  private static final double[] SCALARS = {0, 1, -1, 0.7};

  final Random random;

  Draw(long seed) {
    this.random = new Random(seed);
  }

  private int pick(int[] values) {
    return values[random.nextInt(values.length)];
  }

  /** A length around 0, 1 and the lanes, groups and blocks of both precisions. */
  int length() {
    return random.nextInt(3) < 2 ? random.nextInt(41) : pick(LENGTHS);
  }

  /** A dimension around mr (4, 12) and nr (4 … 32). */
  int dimension() {
    return random.nextInt(4) < 3 ? random.nextInt(21) : pick(DIMENSIONS);
  }

  /** A depth, which also lies around kc = 256. */
  int depth() {
    return random.nextInt(12) == 0 ? pick(DEPTHS) : dimension();
  }

  double scalar() {
    return SCALARS[random.nextInt(SCALARS.length)];
  }

  boolean flag() {
    return random.nextBoolean();
  }

  Transpose transpose() {
    return flag() ? Transpose.YES : Transpose.NO;
  }

  Triangle triangle() {
    return flag() ? Triangle.LOWER : Triangle.UPPER;
  }

  int slack() {
    return random.nextInt(4);
  }

  /** Numbers in (−1, 1). */
  DoubleSupplier uniform() {
    return () -> 2 * random.nextDouble() - 1;
  }

  /** Small integers, whose products and sums are exact in both precisions. */
  DoubleSupplier integers() {
    return () -> random.nextInt(-4, 5);
  }

  /** What an output holds before: NaN where β = 0 promises not to read it. */
  DoubleSupplier output(double beta) {
    return beta == 0 ? () -> Double.NaN : uniform();
  }
}
