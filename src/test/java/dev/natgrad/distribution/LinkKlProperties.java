package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Divergences and likelihoods against textbook formulas, and the bound on their errors. */
class LinkKlProperties {
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

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
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

  @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
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

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
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

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
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
