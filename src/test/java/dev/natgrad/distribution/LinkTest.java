package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Refusals of illegal arguments, extreme outputs, and that nothing is allocated. */
class LinkTest {
  private static void assertRefused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void parametersAreChecked() {
    assertRefused("outputs is 0", () -> new Poisson(0));
    assertRefused("outputs is 0", () -> new NegativeBinomial(0, 1));
    assertRefused("dispersion is 0.0", () -> new NegativeBinomial(1, 0));
    assertRefused("dispersion is NaN", () -> new NegativeBinomial(1, Double.NaN));
    assertRefused("outputs is 0", () -> new Gamma(0));
    assertRefused("shape is -1.0", () -> new Gamma(1, -1));
    assertRefused("targets is 0", () -> new DiagonalGaussian(0));
    assertRefused("widths[1] is 1", () -> new Categoricals(3, 1));
    assertRefused("widths is empty", () -> new Categoricals());
  }

  /** r/(r + m) alone has no digits left in float; the score and F are r(1 − y/m) and r nearly. */
  @ParameterizedTest
  @EnumSource
  void aNegativeBinomialWithALargeMeanAndASmallSize(Precision precision) {
    double dispersion = 3e8;
    NegativeBinomial distribution = new NegativeBinomial(1, dispersion);
    double u = precision.unitRoundoff();
    for (double output : new double[] {-60, -1, 0, 1, 40, 82, 87}) {
      try (Workspace workspace = Workspace.create()) {
        // 19 rows: vectors of every width and a tail.
        Mat m = Mat.allocate(workspace, 19, 1, precision);
        Mat one = Mat.allocate(workspace, 19, 1, precision);
        Mat product = Mat.allocate(workspace, 19, 1, precision);
        Mat factor = Mat.allocate(workspace, 19, 1, precision);
        Mat score = Mat.allocate(workspace, 19, 1, precision);
        Mat y = Mat.allocate(workspace, 19, 1, precision);
        for (int i = 0; i < 19; i++) {
          m.set(i, 0, output);
          one.set(i, 0, 1);
          y.set(i, 0, 5);
        }
        distribution.mean(m, m);
        distribution.fisherProduct(1, m, one, product);
        distribution.fisherFactor(1, m, one, factor);
        distribution.score(1, m, y, score);
        for (int i = 0; i < 19; i++) {
          double mean = m.get(i, 0);
          double curvature = 1 / (dispersion + 1 / mean);
          double slope = (mean - 5) / (1 + mean * dispersion);
          // Seven roundings, that of the size among them, and less.
          String at = "output " + output + " row " + i;
          assertEquals(curvature, product.get(i, 0), 16 * u * curvature, at);
          assertEquals(Math.sqrt(curvature), factor.get(i, 0), 16 * u * Math.sqrt(curvature), at);
          assertEquals(slope, score.get(i, 0), 16 * u * Math.abs(slope), at);
        }
      }
    }
  }

  /** 1,024 exponentials are kept from row to row; columns beyond take turns with others. */
  @Test
  void moreLogVariancesThanAreKept() {
    int n = 1500;
    DiagonalGaussian gaussian = new DiagonalGaussian(n);
    Random random = new Random(1);
    try (Workspace workspace = Workspace.create()) {
      Mat from = Mat.allocate(workspace, 2, 2 * n, Precision.F64);
      Mat to = Mat.allocate(workspace, 2, 2 * n, Precision.F64);
      Mat y = Mat.allocate(workspace, 2, n, Precision.F64);
      double[] kl = new double[2];
      double loss = 0;
      for (int j = 0; j < n; j++) {
        // Half of the columns have the same log-variance in both rows.
        double s = 1 + random.nextDouble();
        double t = -1 - random.nextDouble();
        for (int i = 0; i < 2; i++) {
          from.set(i, j, random.nextDouble());
          to.set(i, j, random.nextDouble());
          from.set(i, n + j, s + i * (j % 2));
          to.set(i, n + j, t - i * (j % 2));
          double d = to.get(i, j) - from.get(i, j);
          double change = from.get(i, n + j) - to.get(i, n + j);
          double precision = StrictMath.exp(-to.get(i, n + j));
          kl[i] += (StrictMath.exp(change) - 1 - change + d * d * precision) / 2;
          double miss = y.get(i, j) - to.get(i, j);
          loss += (StrictMath.log(2 * Math.PI) + to.get(i, n + j) + miss * miss * precision) / 4;
        }
      }
      // n terms of one sign, each of a few roundings or 2⁻⁴⁶; those of the loss have two signs.
      double relative = (n + 16) * 0x1p-53 + 0x1p-45;
      assertEquals(
          Math.max(kl[0], kl[1]),
          gaussian.kl(from, to, KlOver.MAXIMUM),
          relative * (kl[0] + kl[1]));
      assertEquals(
          (kl[0] + kl[1]) / 2, gaussian.kl(from, to, KlOver.MEAN), relative * (kl[0] + kl[1]));
      assertEquals(loss, gaussian.negativeLogLikelihood(to, y), relative * 8 * n);
    }
  }

  @Test
  void describesItself() {
    assertEquals(6, new DiagonalGaussian(3).outputs());
    assertEquals(3, new DiagonalGaussian(3).targets());
    Categoricals choices = new Categoricals(3, 2);
    assertEquals(5, choices.outputs());
    assertArrayEquals(new int[] {3, 2}, choices.choices());
    assertEquals(choices, new Categoricals(3, 2));
    assertEquals(choices.hashCode(), new Categoricals(3, 2).hashCode());
    assertNotEquals(choices, new Categoricals(2, 3));
    assertEquals("Categoricals[3, 2]", choices.toString());
    assertFalse(choices.classifies());
    assertTrue(new Categoricals(4).classifies());
    for (LinkCase link : LinkCase.values()) {
      assertEquals(link.of(2).name(), link.of(2).name().toLowerCase(java.util.Locale.ROOT));
      assertFalse(link.of(2).classifies());
    }
  }

  @Test
  void targetsAreCheckedByRowValueAndRule() {
    try (Workspace workspace = Workspace.create()) {
      Mat y = Rows.of(workspace, Precision.F32, new double[][] {{0, 2}, {0.5, 1e9}});
      new Poisson(2).checkTargets(y.top(1));
      assertRefused("y[1, 0] is 0.5", () -> new Poisson(2).checkTargets(y));
      assertRefused("y[1, 0] is 0.5", () -> new NegativeBinomial(2, 1).checkTargets(y));
      assertRefused("y[0, 0] is 0.0", () -> new Gamma(2).checkTargets(y));
      y.set(0, 0, -1);
      assertRefused("y[0, 0] is -1.0", () -> new Poisson(2).checkTargets(y));
      assertRefused("y[0, 0] is -1.0", () -> new Gamma(2).checkTargets(y));
      y.set(0, 0, Double.POSITIVE_INFINITY);
      assertRefused("y[0, 0] is Inf", () -> new Poisson(2).checkTargets(y));
      assertRefused("y[0, 0] is Inf", () -> new Gamma(2).checkTargets(y));
      assertRefused("y[0, 0] is Inf", () -> new DiagonalGaussian(2).checkTargets(y));
      assertRefused("y has 2 columns", () -> new DiagonalGaussian(1).checkTargets(y));
      Mat classes = Rows.of(workspace, Precision.F64, new double[][] {{0, 1, 0.5, 0.25}});
      String sum = "row 0 of y sums to 0.75 in columns 2 to 3";
      assertRefused(sum, () -> new Categoricals(2, 2).checkTargets(classes));
      classes.set(0, 3, 0.5);
      new Categoricals(2, 2).checkTargets(classes);
      classes.set(0, 3, 1.5);
      assertRefused("y[0, 3] is 1.5", () -> new Categoricals(2, 2).checkTargets(classes));
    }
  }

  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void shapesAreChecked(LinkCase link) {
    try (Workspace workspace = Workspace.create()) {
      OutputDistribution d = link.of(2);
      int n = d.outputs();
      Mat wide = Mat.allocate(workspace, 4, n + 1, Precision.F64);
      Mat tall = Mat.allocate(workspace, 5, n, Precision.F64);
      Mat fit = Mat.allocate(workspace, 4, n, Precision.F64);
      Mat f32 = Mat.allocate(workspace, 4, n, Precision.F32);
      Mat out = Mat.allocate(workspace, 4, n, Precision.F64);
      Mat y = Mat.allocate(workspace, 4, d.targets(), Precision.F64);
      Mat none = Mat.allocate(workspace, 0, n, Precision.F64);
      Vec short3 = Vec.allocate(workspace, 3, Precision.F64);
      Vec single = Vec.allocate(workspace, 4, Precision.F32);
      assertRefused("" + (n + 1), () -> d.mean(wide, wide));
      assertRefused("5", () -> d.mean(tall, fit));
      assertRefused("F32", () -> d.kl(fit, f32, KlOver.MEAN));
      assertRefused("5", () -> d.kl(fit, tall, KlOver.MEAN));
      assertRefused("no rows", () -> d.kl(none, none, KlOver.MEAN));
      assertRefused("" + (n + 1), () -> d.negativeLogLikelihood(wide, y));
      assertRefused("5", () -> d.negativeLogLikelihood(tall, y));
      assertRefused("length 3", () -> d.logProbabilities(fit, y, short3));
      assertRefused("F32", () -> d.logProbabilities(fit, y, single));
      assertRefused("length 3", () -> d.divergences(fit, fit, short3));
      assertRefused("F32", () -> d.divergences(fit, fit, single));
      assertRefused("" + (n + 1), () -> d.score(1, wide, y, wide));
      assertRefused("5", () -> d.score(1, fit, tall, out));
      assertRefused("5", () -> d.fisherProduct(1, fit, tall, out));
      assertRefused("overlaps", () -> d.fisherProduct(1, fit, out, fit));
      assertRefused("5", () -> d.fisherFactor(1, tall, fit, out));
      assertRefused("5", () -> d.fisherFactorTranspose(1, fit, tall, out));
      assertRefused("" + (n + 1), () -> d.sample(wide, 1, 1, y));
      assertRefused("" + (n + 1), () -> d.sample(fit, 1, 1, wide));
      assertRefused("5 rows", () -> d.sample(tall, 1, 1, y));
    }
  }

  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void extremesAreFiniteAndNotNegative(LinkCase link) {
    OutputDistribution d = link.of(1);
    double[] values = {-300, -30, 0, 30, 300};
    try (Workspace workspace = Workspace.create()) {
      double[] from = new double[d.outputs()];
      double[] to = new double[d.outputs()];
      for (double first : values) {
        for (double second : values) {
          for (int j = 0; j < from.length; j++) {
            from[j] = j % 2 == 0 ? first : second / 2;
            to[j] = j % 2 == 0 ? second : first / 2;
          }
          Mat a = Rows.of(workspace, Precision.F64, from);
          Mat b = Rows.of(workspace, Precision.F64, to);
          double kl = d.kl(a, b, KlOver.MEAN);
          assertTrue(kl >= 0 && kl < Double.POSITIVE_INFINITY, link + " KL " + kl);
          assertEquals(link.kl(from, to), kl, kl * 0x1p-33 + 1e-60);
          assertTrue(Double.isFinite(d.klErrorBound(a, b, KlOver.MEAN, kl, 1e-12)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void nonFiniteOutputsAreNeverASmallNumber(LinkCase link) {
    OutputDistribution d = link.of(1);
    try (Workspace workspace = Workspace.create()) {
      for (int j = 0; j < d.outputs(); j++) {
        double[] bad = new double[d.outputs()];
        bad[j] = Double.NaN;
        Mat a = Rows.of(workspace, Precision.F64, bad);
        Mat b = Rows.of(workspace, Precision.F64, new double[d.outputs()]);
        for (KlOver over : KlOver.values()) {
          assertTrue(Double.isNaN(d.kl(a, b, over)), link + " from");
          assertTrue(Double.isNaN(d.kl(b, a, over)), link + " to");
        }
      }
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource(
      value = LinkCase.class,
      names = {"NEARLY_POISSON", "EXPONENTIAL"},
      mode = EXCLUDE)
  void nothingIsAllocated(LinkCase link) {
    Random random = new Random(1);
    try (Workspace workspace = Workspace.create()) {
      for (Precision precision : Precision.values()) {
        OutputDistribution d = link.of(9);
        double[][] values = new double[16][d.outputs()];
        double[][] targets = new double[16][];
        for (int i = 0; i < 16; i++) {
          for (int j = 0; j < d.outputs(); j++) {
            values[i][j] = random.nextGaussian();
          }
          targets[i] = link.target(random, values[i]);
        }
        Mat z = Rows.of(workspace, precision, values);
        Mat y = Rows.of(workspace, precision, targets);
        Mat drawn = Rows.of(workspace, precision, targets);
        Mat m = Mat.allocate(workspace, 16, d.outputs(), precision);
        Mat u = Mat.allocate(workspace, 16, d.outputs(), precision);
        Vec rows = Vec.allocate(workspace, 16, Precision.F64);
        Runnable all =
            () -> {
              d.checkTargets(y);
              d.mean(z, m);
              double value = d.negativeLogLikelihood(z, y);
              d.logProbabilities(z, y, rows);
              value += d.average(rows);
              d.score(0.5, m, y, u);
              d.fisherProduct(0.5, m, u, u);
              d.fisherFactor(0.5, m, u, u);
              d.fisherFactorTranspose(0.5, m, u, u);
              value += d.kl(z, m, KlOver.MEAN);
              d.divergences(z, m, rows);
              value += d.klErrorBound(z, m, KlOver.MAXIMUM, value, 1e-6);
              d.sample(m, 1, 2, drawn);
              assertTrue(value > Double.NEGATIVE_INFINITY);
            };
        all.run();
        long used = workspace.bytesUsed();
        Allocation.assertNone(d + " " + precision, all);
        assertEquals(used, workspace.bytesUsed());
      }
    }
  }
}
