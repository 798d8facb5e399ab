package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Divergences, likelihoods, scores and Fisher products against textbook formulas. */
@Tag("width")
class LinkProperties {
  private static final double U = 0x1p-53;

  private static double[][] draw(Random random, int rows, int n, double scale) {
    double[][] z = new double[rows][n];
    for (double[] row : z) {
      for (int j = 0; j < n; j++) {
        row[j] = (2 * random.nextDouble() - 1) * scale;
      }
    }
    return z;
  }

  private static double[][] near(Random random, double[][] z, double scale) {
    double[][] moved = draw(random, z.length, z[0].length, scale);
    for (int i = 0; i < z.length; i++) {
      for (int j = 0; j < z[i].length; j++) {
        moved[i][j] += z[i][j];
      }
    }
    return moved;
  }

  @Property(tries = 300)
  void klIsAccurateFromTinyToLargeChanges(
      @ForAll long seed,
      @ForAll LinkCase link,
      @ForAll Precision precision,
      @ForAll @IntRange(min = -14, max = 1) int exponent,
      @ForAll @IntRange(min = 1, max = 30) int range) {
    Random random = new Random(seed);
    OutputDistribution distribution = link.of(1 + random.nextInt(4));
    double[][] from = draw(random, 2, distribution.outputs(), range);
    double[][] to = near(random, from, Math.pow(10, exponent));
    try (Workspace workspace = Workspace.create()) {
      Mat a = Rows.of(workspace, precision, from);
      Mat b = Rows.of(workspace, precision, to);
      Vec rows = Vec.allocate(workspace, 2, Precision.F64);
      distribution.divergences(a, b, rows);
      double[] exact = new double[2];
      for (int i = 0; i < 2; i++) {
        exact[i] = link.kl(Rows.row(a, i), Rows.row(b, i));
        assertRelative(exact[i], rows.get(i));
      }
      assertRelative((exact[0] + exact[1]) / 2, distribution.kl(a, b, KlOver.MEAN));
      assertRelative(Math.max(exact[0], exact[1]), distribution.kl(a, b, KlOver.MAXIMUM));
    }
  }

  private static void assertRelative(double expected, double actual) {
    assertTrue(actual >= 0, () -> actual + " is negative");
    double tolerance = expected * Divergences.RELATIVE_ERROR + 1e-60;
    assertTrue(Math.abs(actual - expected) <= tolerance, () -> actual + " vs " + expected);
  }

  @Property(tries = 300)
  void klErrorBoundHoldsWhateverTheOutputErrors(
      @ForAll long seed,
      @ForAll LinkCase link,
      @ForAll @IntRange(min = -9, max = 0) int error,
      @ForAll @IntRange(min = -6, max = 1) int change) {
    Random random = new Random(seed);
    OutputDistribution distribution = link.of(1 + random.nextInt(4));
    double e = Math.pow(10, error);
    double[][] from = draw(random, 3, distribution.outputs(), 4);
    double[][] to = near(random, from, Math.pow(10, change));
    double sum = 0;
    double max = 0;
    for (int i = 0; i < 3; i++) {
      double exact = link.kl(corner(random, from[i], e), corner(random, to[i], e));
      sum += exact;
      max = Math.max(max, exact);
    }
    try (Workspace workspace = Workspace.create()) {
      Mat a = Rows.of(workspace, Precision.F64, from);
      Mat b = Rows.of(workspace, Precision.F64, to);
      // The corners are rounded, by at most half an ulp of 15, and so is the bound itself.
      double moved = e + 0x1p-50;
      double slack = 1 + 64 * U;
      for (KlOver over : KlOver.values()) {
        double kl = distribution.kl(a, b, over);
        double exact = over == KlOver.MEAN ? sum / 3 : max;
        double bound = slack * distribution.klErrorBound(a, b, over, kl, moved);
        assertTrue(Math.abs(exact - kl) <= bound, () -> exact + " − " + kl + " > " + bound);
      }
    }
  }

  private static double[] corner(Random random, double[] z, double e) {
    double[] moved = z.clone();
    for (int j = 0; j < moved.length; j++) {
      moved[j] += random.nextBoolean() ? e : -e;
    }
    return moved;
  }

  @Property(tries = 300)
  void likelihoodIsItsDefinition(
      @ForAll long seed,
      @ForAll LinkCase link,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 1, max = 20) int range) {
    Random random = new Random(seed);
    OutputDistribution distribution = link.of(1 + random.nextInt(4));
    double[][] z = draw(random, 2, distribution.outputs(), range);
    try (Workspace workspace = Workspace.create()) {
      Mat outputs = Rows.of(workspace, precision, z);
      double[][] y = new double[2][];
      for (int i = 0; i < 2; i++) {
        y[i] = link.target(random, Rows.row(outputs, i));
      }
      Mat targets = Rows.of(workspace, precision, y);
      distribution.checkTargets(targets);
      Vec rows = Vec.allocate(workspace, 2, Precision.F64);
      distribution.logProbabilities(outputs, targets, rows);
      double sum = 0;
      double bounds = 0;
      for (int i = 0; i < 2; i++) {
        double[] zi = Rows.row(outputs, i);
        double[] yi = Rows.row(targets, i);
        double exact = link.loss(zi, yi);
        double bound = 0x1p-44 * link.lossSize(zi, yi);
        assertEquals(-exact, rows.get(i), bound);
        sum += exact;
        bounds += bound;
      }
      assertEquals(sum / 2, distribution.negativeLogLikelihood(outputs, targets), bounds / 2);
    }
  }

  @Property(tries = 500)
  void productsAreThoseOfTheDenseMatrix(
      @ForAll long seed, @ForAll LinkCase link, @ForAll Precision precision) {
    Random random = new Random(seed);
    OutputDistribution distribution = link.of(1 + random.nextInt(9));
    int n = distribution.outputs();
    try (Workspace workspace = Workspace.create()) {
      int rows = 1 + random.nextInt(4);
      boolean gaps = random.nextBoolean();
      Mat z = matrix(workspace, precision, gaps, draw(random, rows, n, 4));
      Mat m = matrix(workspace, precision, gaps, draw(random, rows, n, 1));
      Mat t = matrix(workspace, precision, gaps, draw(random, rows, n, 1));
      Mat u = matrix(workspace, precision, gaps, draw(random, rows, n, 1));
      Mat w = matrix(workspace, precision, gaps, draw(random, rows, n, 1));
      distribution.mean(z, m);
      double alpha = (float) random.nextGaussian();
      distribution.fisherProduct(alpha, m, t, u);
      distribution.fisherFactorTranspose(1, m, t, w);
      distribution.fisherFactor(alpha, m, w, w);
      double g = Rows.gamma(4 * n + 40, precision.unitRoundoff());
      for (int i = 0; i < rows; i++) {
        double[][] f = link.fisher(Rows.row(z, i));
        for (int j = 0; j < n; j++) {
          double expected = 0;
          double size = Float.MIN_NORMAL;
          for (int k = 0; k < n; k++) {
            expected += alpha * f[j][k] * t.get(i, k);
            // What cancels on the diagonal of a softmax is below three more of its entries.
            double off = Math.sqrt(f[j][j] * f[k][k]) + (link == LinkCase.CATEGORICALS ? 3 : 0);
            size += Math.abs(alpha * off * t.get(i, k));
          }
          assertEquals(expected, u.get(i, j), g * size, "F");
          assertEquals(expected, w.get(i, j), g * size, "BBᵀ");
        }
      }
      Mat again = matrix(workspace, precision, gaps, draw(random, rows, n, 1));
      distribution.fisherProduct(alpha, m, t, again);
      distribution.fisherProduct(alpha, m, t, t);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < n; j++) {
          assertEquals(again.get(i, j), t.get(i, j), 0.0, "in place");
        }
      }
    }
  }

  private static Mat matrix(
      Workspace workspace, Precision precision, boolean gaps, double[][] values) {
    if (gaps) {
      return Rows.of(workspace, precision, values);
    }
    Mat a = Mat.allocate(workspace, values.length, values[0].length, precision);
    for (int i = 0; i < values.length; i++) {
      a.copyRowFrom(i, values[i], 0);
    }
    return a;
  }

  @Property(tries = 300)
  void scoreIsTheGradientOfTheLikelihood(
      @ForAll long seed, @ForAll LinkCase link, @ForAll Precision precision) {
    Random random = new Random(seed);
    OutputDistribution distribution = link.of(1 + random.nextInt(9));
    int n = distribution.outputs();
    try (Workspace workspace = Workspace.create()) {
      Mat z = matrix(workspace, precision, random.nextBoolean(), draw(random, 2, n, 2));
      Mat m = Rows.of(workspace, precision, draw(random, 2, n, 1));
      Mat u = Rows.of(workspace, precision, draw(random, 2, n, 1));
      double[][] y = {link.target(random, Rows.row(z, 0)), link.target(random, Rows.row(z, 1))};
      Mat targets = Rows.of(workspace, precision, y);
      distribution.mean(z, m);
      distribution.score(0x1p-10, m, targets, u);
      double h = 0x1p-13;
      for (int i = 0; i < 2; i++) {
        double size = link.lossSize(Rows.row(z, i), Rows.row(targets, i)) + n;
        for (int j = 0; j < n; j++) {
          double[] right = Rows.row(z, i);
          double[] left = right.clone();
          right[j] += h;
          left[j] -= h;
          double difference =
              (loss(workspace, distribution, right, Rows.row(targets, i))
                      - loss(workspace, distribution, left, Rows.row(targets, i)))
                  / (2 * h);
          // The third derivative is at most the sum of the terms, as each is an exponential.
          double bound = 2 * h * h / 6 * size + 0x1p-44 * size / h;
          double rounding = Rows.gamma(n + 32, precision.unitRoundoff()) * 4 * size;
          assertEquals(0x1p-10 * difference, u.get(i, j), 0x1p-10 * (bound + rounding));
        }
      }
    }
  }

  private static double loss(
      Workspace workspace, OutputDistribution distribution, double[] z, double[] y) {
    return distribution.negativeLogLikelihood(
        Rows.of(workspace, Precision.F64, z), Rows.of(workspace, Precision.F64, y));
  }

  @Property(tries = 200)
  void secondOrderTermOfKlIsTheFisherMatrix(
      @ForAll long seed, @ForAll LinkCase link, @ForAll @IntRange(min = 2, max = 7) int digits) {
    Random random = new Random(seed);
    OutputDistribution distribution = link.of(1 + random.nextInt(4));
    int n = distribution.outputs();
    double scale = Math.pow(10, -digits);
    double[][] z = draw(random, 1, n, 3);
    double[][] moved = near(random, z, scale);
    double[][] f = link.fisher(z[0]);
    double quadratic = 0;
    double trace = 0;
    for (int j = 0; j < n; j++) {
      trace += f[j][j];
      for (int k = 0; k < n; k++) {
        quadratic += (moved[0][j] - z[0][j]) * f[j][k] * (moved[0][k] - z[0][k]) / 2;
      }
    }
    try (Workspace workspace = Workspace.create()) {
      double kl =
          distribution.kl(
              Rows.of(workspace, Precision.F64, z[0]),
              Rows.of(workspace, Precision.F64, moved[0]),
              KlOver.MEAN);
      // |∂³KL| along the line is at most 3·tr F·e^scale·‖t‖∞·n for means beside log-variances.
      double third = trace * n * Math.pow(scale, 3) * Math.exp(scale);
      double rounding = Rows.gamma(16 * n, U) * trace * n * scale * scale + 16 * U * scale * trace;
      assertEquals(quadratic, kl, third + Math.min(rounding, quadratic));
    }
  }
}
