package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The divergence against its definition in 80 digits, and the bound on its error. */
class KlProperties {
  private static final double[] LOGITS = {0.1, 1, 30, 1e4};
  private static final double[] SHIFTS = {0, 1, -1e4 / 3};

  private static double[] draw(Random random, int n, double scale) {
    double[] z = new double[n];
    for (int j = 0; j < n; j++) {
      z[j] = (2 * random.nextDouble() - 1) * scale;
    }
    return z;
  }

  private static double[] sum(double[] a, double[] b, double shift) {
    double[] c = new double[a.length];
    for (int j = 0; j < c.length; j++) {
      c[j] = a[j] + b[j] + shift;
    }
    return c;
  }

  private static void assertRelative(double expected, double actual) {
    assertTrue(actual >= 0, () -> actual + " is negative");
    // Below this the definition itself cancels to nothing in 80 digits, or doubles are subnormal.
    double tolerance = expected * Divergences.RELATIVE_ERROR + 1e-70;
    assertTrue(Math.abs(actual - expected) <= tolerance, () -> actual + " vs " + expected);
  }

  @Property
  void isAccurateFromTinyToHugeChanges(
      @ForAll long seed,
      @ForAll Family family,
      @ForAll Precision precision,
      @ForAll @IntRange(min = -14, max = 4) int exponent,
      @ForAll @IntRange(max = 3) int logits,
      @ForAll @IntRange(max = 2) int shift) {
    Random random = new Random(seed);
    int n = family.outputs(random);
    double[][] from = new double[2][];
    double[][] to = new double[2][];
    for (int i = 0; i < 2; i++) {
      from[i] = draw(random, n, LOGITS[logits]);
      to[i] = sum(from[i], draw(random, n, Math.pow(10, exponent)), SHIFTS[shift]);
    }
    try (Workspace workspace = Workspace.create()) {
      Mat a = Rows.of(workspace, precision, from);
      Mat b = Rows.of(workspace, precision, to);
      double first = family.kl(Rows.row(a, 0), Rows.row(b, 0)).doubleValue();
      double second = family.kl(Rows.row(a, 1), Rows.row(b, 1)).doubleValue();
      OutputDistribution distribution = family.of(n);
      assertRelative((first + second) / 2, distribution.kl(a, b, KlOver.MEAN));
      assertRelative(Math.max(first, second), distribution.kl(a, b, KlOver.MAXIMUM));
    }
  }

  /** Rows longer than a kernel takes at once, small and overflowing changes side by side. */
  @Property(tries = 12)
  void longRowsOfBernoulliOutputs(
      @ForAll long seed,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 200, max = 600) int n,
      @ForAll @IntRange(min = -6, max = 2) int exponent) {
    Random random = new Random(seed);
    double[] from = draw(random, n, 20);
    double[] to = sum(from, draw(random, n, Math.pow(10, exponent)), 0);
    double[] y = Family.BERNOULLI.target(random, n);
    try (Workspace workspace = Workspace.create()) {
      Mat a = Rows.of(workspace, precision, from);
      Mat b = Rows.of(workspace, precision, to);
      OutputDistribution distribution = new Bernoulli(n);
      double kl = Family.BERNOULLI.kl(Rows.row(a, 0), Rows.row(b, 0)).doubleValue();
      assertRelative(kl, distribution.kl(a, b, KlOver.MAXIMUM));
      double loss = Family.BERNOULLI.loss(Rows.row(a, 0), y).doubleValue();
      double computed = distribution.negativeLogLikelihood(a, Rows.of(workspace, precision, y));
      assertEquals(loss, computed, loss * Rows.gamma(2 * (n + 3), 0x1.0p-53));
    }
  }

  @Property(tries = 2000)
  void errorBoundHoldsWhateverTheOutputErrors(
      @ForAll long seed,
      @ForAll Family family,
      @ForAll @IntRange(min = -9, max = 0) int error,
      @ForAll @IntRange(min = -6, max = 2) int change) {
    Random random = new Random(seed);
    int n = family.outputs(random);
    double e = Math.pow(10, error);
    int rows = 3;
    double[][] from = new double[rows][];
    double[][] to = new double[rows][];
    double sum = 0;
    double max = 0;
    for (int i = 0; i < rows; i++) {
      from[i] = draw(random, n, 4);
      to[i] = sum(from[i], draw(random, n, Math.pow(10, change)), 0);
      double exact = family.kl(corner(random, from[i], e), corner(random, to[i], e)).doubleValue();
      sum += exact;
      max = Math.max(max, exact);
    }
    try (Workspace workspace = Workspace.create()) {
      Mat a = Rows.of(workspace, Precision.F64, from);
      Mat b = Rows.of(workspace, Precision.F64, to);
      OutputDistribution distribution = family.of(n);
      double mean = distribution.kl(a, b, KlOver.MEAN);
      double largest = distribution.kl(a, b, KlOver.MAXIMUM);
      // The corners are rounded, by at most half an ulp of 104, and so is the bound itself.
      double moved = e + 0x1.0p-47;
      double slack = 1 + 16 * 0x1.0p-53;
      assertTrue(
          Math.abs(sum / rows - mean)
              <= slack * distribution.klErrorBound(a, b, KlOver.MEAN, mean, moved),
          "mean");
      assertTrue(
          Math.abs(max - largest)
              <= slack * distribution.klErrorBound(a, b, KlOver.MAXIMUM, largest, moved),
          "maximum");
    }
  }

  /** Each entry off by −e or e, where the bound is tightest. */
  private static double[] corner(Random random, double[] z, double e) {
    double[] moved = z.clone();
    for (int j = 0; j < moved.length; j++) {
      moved[j] += random.nextBoolean() ? e : -e;
    }
    return moved;
  }

  /** On a two-class problem the worst corner reaches a good part of the bound. */
  @Example
  void errorBoundIsNotLoose() {
    try (Workspace workspace = Workspace.create()) {
      double e = 1e-4;
      double[] from = {0, 0};
      double[] to = {0.05, -0.05};
      OutputDistribution distribution = new Categorical(2);
      Mat a = Rows.of(workspace, Precision.F64, from);
      Mat b = Rows.of(workspace, Precision.F64, to);
      double kl = distribution.kl(a, b, KlOver.MEAN);
      double worst =
          Family.CATEGORICAL
              .kl(new double[] {-e, e}, new double[] {0.05 + e, -0.05 - e})
              .doubleValue();
      double bound = distribution.klErrorBound(a, b, KlOver.MEAN, kl, e);
      assertTrue(worst - kl <= bound && worst - kl > 0.5 * bound, worst - kl + " vs " + bound);
    }
  }

  @Property
  void secondOrderTermIsTheFisherMatrix(
      @ForAll long seed, @ForAll Family family, @ForAll @IntRange(min = 1, max = 7) int digits) {
    Random random = new Random(seed);
    int n = family.outputs(random);
    double scale = Math.pow(10, -digits);
    double[] z = draw(random, n, 3);
    double[] t = draw(random, n, scale);
    double[] moved = sum(z, t, 0);
    for (int j = 0; j < n; j++) {
      t[j] = moved[j] - z[j];
    }
    try (Workspace workspace = Workspace.create()) {
      OutputDistribution distribution = family.of(n);
      Mat a = Rows.of(workspace, Precision.F64, z);
      Mat m = Rows.of(workspace, Precision.F64, z);
      distribution.mean(a, m);
      double[][] f = family.fisher(Rows.row(m, 0));
      double quadratic = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          quadratic += t[i] * f[i][j] * t[j] / 2;
        }
      }
      double kl = distribution.kl(a, Rows.of(workspace, Precision.F64, moved), KlOver.MEAN);
      // ln E[eˣ] = Var/2 + κ₃/6 with |κ₃| ≤ range·e^range·Var; the quadratic form cancels.
      double range = 2 * scale;
      double magnitude = n * n * scale * scale * Rows.gamma(8 * n + 8, 0x1.0p-53) * 16;
      double tolerance = quadratic * range * Math.exp(range) / 3 + magnitude;
      assertEquals(quadratic, kl, tolerance);
    }
  }

  @Example
  void extremesAreFiniteAndNotNegative() {
    double[][] extremes = {
      {1e4, -1e4, 0}, {-1e4, 1e4, 0}, {0, 0, 0}, {1e4, 1e4, 1e4}, {-1e4, -1e4, 1e4}, {800, 0, -800}
    };
    try (Workspace workspace = Workspace.create()) {
      for (Family family : Family.values()) {
        for (Precision precision : Precision.values()) {
          for (double[] from : extremes) {
            for (double[] to : extremes) {
              double kl =
                  family
                      .of(3)
                      .kl(
                          Rows.of(workspace, precision, from),
                          Rows.of(workspace, precision, to),
                          KlOver.MEAN);
              assertTrue(kl >= 0 && kl < Double.POSITIVE_INFINITY, "KL " + kl);
              assertRelative(family.kl(from, to).doubleValue(), kl);
            }
          }
        }
      }
    }
  }

  @Example
  void nonFiniteOutputsAreNeverANumber() {
    try (Workspace workspace = Workspace.create()) {
      Mat bad = Rows.of(workspace, Precision.F64, new double[][] {{0, Double.NaN}, {0, 0}});
      Mat good = Rows.of(workspace, Precision.F64, new double[][] {{0, 1}, {0, 0}});
      for (Family family : Family.values()) {
        for (KlOver over : KlOver.values()) {
          assertTrue(Double.isNaN(family.of(2).kl(good, bad, over)), family + " to");
          assertTrue(Double.isNaN(family.of(2).kl(bad, good, over)), family + " from");
        }
      }
    }
  }
}
