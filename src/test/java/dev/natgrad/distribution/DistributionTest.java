package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Refusals of illegal arguments, and that nothing is allocated. */
class DistributionTest {
  private static void assertRefused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void sizesAreChecked() {
    assertRefused("outputs is 1", () -> new Categorical(1));
    assertRefused("outputs is 0", () -> new Bernoulli(0));
    assertRefused("outputs is 0", () -> new Gaussian(0));
    assertRefused("variance is 0.0", () -> new Gaussian(1, 0));
    assertRefused("variance is NaN", () -> new Gaussian(1, Double.NaN));
    assertRefused("variance is Infinity", () -> new Gaussian(1, Double.POSITIVE_INFINITY));
    assertEquals(1, new Gaussian(3).variance());
  }

  @Test
  void targetsAreCheckedByRowValueAndRule() {
    try (Workspace workspace = Workspace.create()) {
      for (Precision precision : Precision.values()) {
        Mat third = Rows.of(workspace, precision, new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0});
        new Categorical(3).checkTargets(third);
        new Bernoulli(3).checkTargets(third);
      }
      Mat y = Rows.of(workspace, Precision.F32, new double[][] {{1, 0}, {0.5, 0.25}, {0, -3}});
      assertRefused("y[2, 1] is -3.0", () -> new Categorical(2).checkTarget(y, 2));
      assertRefused("row 1 of y sums to 0.75", () -> new Categorical(2).checkTargets(y.top(2)));
      new Bernoulli(2).checkTargets(y.top(2));
      assertRefused("y[2, 1] is -3.0", () -> new Bernoulli(2).checkTargets(y));
      new Gaussian(2).checkTargets(y);
      y.set(0, 1, Double.NaN);
      assertRefused("y[0, 1] is NaN", () -> new Categorical(2).checkTargets(y));
      assertRefused("y[0, 1] is NaN", () -> new Bernoulli(2).checkTargets(y));
      assertRefused("y[0, 1] is NaN", () -> new Gaussian(2).checkTargets(y));
      assertRefused("y has 2 columns", () -> new Gaussian(3).checkTargets(y));
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void shapesAreChecked(Family family) {
    try (Workspace workspace = Workspace.create()) {
      OutputDistribution distribution = family.of(2);
      Mat wide = Mat.allocate(workspace, 4, 3, Precision.F64);
      Mat tall = Mat.allocate(workspace, 5, 2, Precision.F64);
      Mat fit = Mat.allocate(workspace, 4, 2, Precision.F64);
      Mat f32 = Mat.allocate(workspace, 4, 2, Precision.F32);
      Mat out = Mat.allocate(workspace, 4, 2, Precision.F64);
      Mat none = Mat.allocate(workspace, 0, 2, Precision.F64);
      assertRefused("3", () -> distribution.mean(wide, wide));
      assertRefused("5", () -> distribution.mean(tall, fit));
      assertRefused("F32", () -> distribution.kl(fit, f32, KlOver.MEAN));
      assertRefused("5", () -> distribution.kl(fit, tall, KlOver.MEAN));
      assertRefused("no rows", () -> distribution.kl(none, none, KlOver.MEAN));
      assertRefused("3", () -> distribution.negativeLogLikelihood(wide, wide));
      assertRefused("no rows", () -> distribution.negativeLogLikelihood(none, none));
      assertRefused("3", () -> distribution.score(1, wide, wide, wide));
      assertRefused("5", () -> distribution.score(1, fit, tall, out));
      assertRefused("3", () -> distribution.fisherProduct(1, wide, wide, wide));
      assertRefused("5", () -> distribution.fisherProduct(1, fit, tall, out));
      assertRefused("5", () -> distribution.fisherFactor(1, fit, tall, out));
      assertRefused("5", () -> distribution.fisherFactorTranspose(1, fit, tall, out));
      assertRefused("3", () -> distribution.sample(wide, 1, 1, fit));
      assertRefused("3", () -> distribution.sample(fit, 1, 1, wide));
      assertRefused("5 rows", () -> distribution.sample(tall, 1, 1, fit));
      assertRefused("5", () -> distribution.fisherProduct(1, tall, fit, out));
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource(Family.class)
  void nothingIsAllocated(Family family) {
    Random random = new Random(1);
    try (Workspace workspace = Workspace.create()) {
      for (Precision precision : Precision.values()) {
        int n = 10;
        OutputDistribution distribution = family.of(n);
        double[][] targets = new double[16][];
        double[][] values = new double[16][n];
        for (int i = 0; i < 16; i++) {
          targets[i] = family.target(random, n);
          for (int j = 0; j < n; j++) {
            values[i][j] = random.nextGaussian();
          }
        }
        Mat z = Rows.of(workspace, precision, values);
        Mat y = Rows.of(workspace, precision, targets);
        Mat m = Mat.allocate(workspace, 16, n, precision);
        Mat u = Mat.allocate(workspace, 16, n, precision);
        Runnable all = () -> useAll(distribution, z, y, m, u);
        all.run();
        long used = workspace.bytesUsed();
        Allocation.assertNone(distribution + " " + precision, all);
        assertEquals(used, workspace.bytesUsed());
      }
    }
  }

  private static void useAll(OutputDistribution distribution, Mat z, Mat y, Mat m, Mat u) {
    distribution.checkTargets(y);
    distribution.mean(z, m);
    double value = distribution.negativeLogLikelihood(z, y);
    distribution.score(0.5, m, y, u);
    distribution.fisherProduct(0.5, m, u, u);
    distribution.fisherFactor(0.5, m, u, u);
    distribution.fisherFactorTranspose(0.5, m, u, u);
    value += distribution.kl(z, u, KlOver.MEAN) + distribution.kl(u, z, KlOver.MAXIMUM);
    value += distribution.klErrorBound(z, u, KlOver.MEAN, value, 1e-6);
    distribution.sample(m, 1, 2, u);
    assertTrue(value > Double.NEGATIVE_INFINITY);
  }

  /** Accuracy by the largest of several outputs would say nothing of independent answers. */
  @Test
  void onlyClassesHaveAnAccuracy() {
    assertTrue(new Categorical(3).classifies());
    assertTrue(new Bernoulli(1).classifies());
    assertFalse(new Bernoulli(2).classifies());
    assertFalse(new Gaussian(1).classifies());
  }
}
