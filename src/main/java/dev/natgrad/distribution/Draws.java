package dev.natgrad.distribution;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.SpecialFunctions;
import dev.natgrad.random.Philox;

/**
 * Draws by rejection, exact in distribution up to the 52 bits of a uniform number. Entry e of a
 * batch has the {@value #BLOCKS} blocks of two uniform numbers from {@link #block}(e) on; a try of
 * a rejection takes one or two of them and succeeds with probability above 0.7.
 */
final class Draws {
  /** Blocks of the random stream that one entry may use. */
  private static final long BLOCKS = 1L << 20;

  /** Where the second of two draws for one entry starts. */
  static final long HALF = BLOCKS / 2;

  /** Below this mean a search from 0 is cheaper than a rejection. */
  private static final double SMALL_MEAN = 10;

  private Draws() {}

  /** The first block of an entry. */
  static long block(long entry) {
    return entry * BLOCKS;
  }

  /** Sets columns {@code from} to {@code to} − 1 of row i to a one-hot draw. */
  static void oneHot(Mat m, int i, int from, int to, double uniform, Mat y) {
    double total = 0;
    for (int j = from; j < to; j++) {
      total += m.get(i, j);
    }
    // Rounded probabilities need not sum to 1: draw from what they do sum to.
    double left = uniform * total;
    int chosen = -1;
    for (int j = from; j < to; j++) {
      double p = m.get(i, j);
      if (p > 0 && (chosen < 0 || left >= 0)) {
        chosen = j;
      }
      left -= p;
    }
    for (int j = from; j < to; j++) {
      y.set(i, j, j == chosen ? 1 : 0);
    }
  }

  /** A Poisson number; a mean that is no finite number is returned as it is. */
  static double poisson(double mean, long seed, long stream, long block) {
    if (!(mean < Double.POSITIVE_INFINITY)) {
      return mean;
    }
    return mean < SMALL_MEAN
        ? searched(mean, Philox.uniform(seed, stream, 2 * block))
        : rejected(mean, seed, stream, block);
  }

  private static double searched(double mean, double uniform) {
    double p = StrictMath.exp(-mean);
    double left = uniform;
    int n = 0;
    while (left > p && p > 0) {
      left -= p;
      n++;
      p *= mean / n;
    }
    return n;
  }

  /**
   * The transformed rejection with a squeeze of Hörmann (The transformed rejection method for
   * generating Poisson random variables, 1993), with its constants.
   */
  private static double rejected(double mean, long seed, long stream, long block) {
    double b = 0.931 + 2.53 * Math.sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double inverse = 1.1239 + 1.1328 / (b - 3.4);
    double squeeze = 0.9277 - 3.6224 / (b - 2);
    for (long next = 2 * block; ; next += 2) {
      double u = Philox.uniform(seed, stream, next) - 0.5;
      double v = Philox.uniform(seed, stream, next + 1);
      double edge = 0.5 - Math.abs(u);
      double n = Math.floor((2 * a / edge + b) * u + mean + 0.43);
      if (edge >= 0.07 && v <= squeeze) {
        return n;
      }
      boolean possible = n >= 0 && (edge >= 0.013 || v <= edge);
      if (possible
          && StrictMath.log(v * inverse / (a / (edge * edge) + b))
              <= SpecialFunctions.logPoisson(n, mean)) {
        return n;
      }
    }
  }

  /**
   * A gamma number of mean {@code shape} by the method of Marsaglia and Tsang (A simple method for
   * generating gamma variables, 2000).
   */
  static double gamma(double shape, long seed, long stream, long block) {
    if (shape < 1) {
      double u = Philox.uniform(seed, stream, 2 * block);
      return gamma(shape + 1, seed, stream, block + 1) * StrictMath.exp(StrictMath.log(u) / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    for (long next = block; ; next += 2) {
      double x = Philox.normal(seed, stream, next);
      double root = 1 + c * x;
      double v = root * root * root;
      if (root > 0
          && StrictMath.log(Philox.uniform(seed, stream, 2 * next + 2))
              < x * x / 2 + d * (1 - v + StrictMath.log(v))) {
        return d * v;
      }
    }
  }
}
