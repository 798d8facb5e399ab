package dev.natgrad.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The surrogate against its definition and finite differences. */
class PolicySurrogateTest {
  private static final int ROWS = 5;
  private static final double U = 0x1p-53;

  private static Mat random(
      Workspace workspace, Precision precision, int cols, long seed, double scale) {
    Random random = new Random(seed);
    Mat a = Mat.allocate(workspace, ROWS, cols, precision);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < cols; j++) {
        a.set(i, j, scale * random.nextGaussian());
      }
    }
    return a;
  }

  private static Vec vector(Workspace workspace, double... values) {
    Vec v = Vec.allocate(workspace, values.length, Precision.F64);
    v.copyFrom(values, 0);
    return v;
  }

  private static Mat actions(
      Workspace workspace, OutputDistribution distribution, Mat z, long seed) {
    Mat m = Mat.allocate(workspace, ROWS, distribution.outputs(), z.precision());
    Mat y = Mat.allocate(workspace, ROWS, distribution.targets(), z.precision());
    distribution.mean(z, m);
    distribution.sample(m, seed, 0, y);
    return y;
  }

  private static double naive(
      Workspace workspace, OutputDistribution policy, Mat z, Mat old, Mat y, double[] advantages) {
    double sum = 0;
    for (int i = 0; i < ROWS; i++) {
      Mat yi = y.block(i, 0, 1, y.cols());
      double log = -policy.negativeLogLikelihood(z.block(i, 0, 1, z.cols()), yi);
      double logOld = -policy.negativeLogLikelihood(old.block(i, 0, 1, z.cols()), yi);
      sum -= advantages[i] * Math.exp(log) / Math.exp(logOld) / ROWS;
    }
    return sum;
  }

  @Test
  void valueAndGradientAreTheirDefinitions() {
    double[] advantages = {1, -2, 0.5, 0, 3};
    for (OutputDistribution policy : List.of(new Categorical(3), new DiagonalGaussian(2))) {
      for (Precision precision : Precision.values()) {
        try (Workspace workspace = Workspace.create()) {
          int n = policy.outputs();
          Mat old = random(workspace, precision, n, 1, 1);
          Mat z = random(workspace, precision, n, 2, 1);
          Mat y = actions(workspace, policy, old, 3);
          PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, precision);
          surrogate.setBatch(vector(workspace, advantages), old, y);
          surrogate.check(y);
          double expected = naive(workspace, policy, z, old, y, advantages);
          // Ratios stay below e^10, and a log-probability's terms below 100.
          double noise = 6.5 * Math.exp(10) * 0x1p-44 * 100;
          assertEquals(expected, surrogate.value(z, y), noise);

          Vec logOld = Vec.allocate(workspace, ROWS, Precision.F64);
          policy.logProbabilities(old, y, logOld);
          double before = surrogate.value(z, y);
          surrogate.setBatch(vector(workspace, advantages), logOld);
          assertEquals(before, surrogate.value(z, y), "recorded log-probabilities");

          Mat m = random(workspace, precision, n, 4, 1);
          Mat u = random(workspace, precision, n, 5, 1);
          policy.mean(z, m);
          surrogate.gradient(1.0 / ROWS, z, m, y, u);
          assertGradient(workspace, policy, surrogate, z, y, u);
        }
      }
    }
  }

  private static void assertGradient(
      Workspace workspace,
      OutputDistribution policy,
      PolicySurrogate surrogate,
      Mat z,
      Mat y,
      Mat u) {
    double h = 0x1p-12;
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < z.cols(); j++) {
        double at = z.get(i, j);
        z.set(i, j, at + h);
        double right = z.get(i, j);
        double high = surrogate.value(z, y);
        z.set(i, j, at - h);
        double difference = (high - surrogate.value(z, y)) / (right - z.get(i, j));
        z.set(i, j, at);
        // Third derivatives of the terms that are here stay below 10⁴.
        double bound = h * h / 6 * 1e4 + 64 * z.precision().unitRoundoff() * 1e3;
        assertEquals(difference, u.get(i, j), bound, policy + " " + i + "," + j);
      }
    }
  }

  /** At the old outputs every ratio is 1, and the gradient is that of A·(−log π). */
  @Test
  void atTheOldPolicyItIsThePolicyGradient() {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      Mat z = random(workspace, Precision.F64, 3, 1, 1);
      Mat y = actions(workspace, policy, z, 3);
      double[] advantages = {1, -2, 0.5, 0, 3};
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, 9, Precision.F64);
      surrogate.setBatch(vector(workspace, advantages), z, y);
      assertEquals(-2.5 / ROWS, surrogate.value(z, y), 8 * U);
      Mat m = random(workspace, Precision.F64, 3, 4, 1);
      Mat u = random(workspace, Precision.F64, 3, 5, 1);
      policy.mean(z, m);
      surrogate.gradient(1, z, m, y, u);
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < 3; j++) {
          double expected = advantages[i] * (m.get(i, j) - y.get(i, j));
          assertEquals(expected, u.get(i, j), 4 * U * Math.abs(expected));
        }
      }
    }
  }

  @Test
  void maskedActionsAreNotLookedAt() {
    try (Workspace workspace = Workspace.create()) {
      DiagonalGaussian policy = new DiagonalGaussian(1);
      Weighted weighted = new Weighted(workspace, policy, ROWS, Precision.F64);
      Mat old = random(workspace, Precision.F64, 2, 1, 1);
      Mat z = random(workspace, Precision.F64, 2, 2, 1);
      Mat y = actions(workspace, policy, old, 3);
      y.set(2, 0, Double.NaN);
      weighted.setWeights(vector(workspace, 1, 1, 0, 1, 1));
      PolicySurrogate surrogate = new PolicySurrogate(workspace, weighted, ROWS, Precision.F64);
      surrogate.setBatch(vector(workspace, 1, -2, 7, 4, 3), old, y);
      surrogate.check(y);
      assertTrue(Double.isFinite(surrogate.value(z, y)));
      Mat m = random(workspace, Precision.F64, 2, 4, 1);
      Mat u = random(workspace, Precision.F64, 2, 5, 1);
      weighted.mean(z, m);
      surrogate.gradient(1, z, m, y, u);
      assertEquals(0, u.get(2, 0));
      assertEquals(0, u.get(2, 1));
      assertTrue(Double.isFinite(u.get(1, 0)) && u.get(1, 0) != 0);
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(2);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, 3, Precision.F32);
      Mat y = Mat.allocate(workspace, 2, 2, Precision.F32);
      assertThrows(IllegalStateException.class, () -> surrogate.check(y));
      assertRefused(
          "advantages[1] is NaN",
          () -> surrogate.setBatch(vector(workspace, 0, Double.NaN), vector(workspace, 0, 0)));
      assertRefused(
          "oldLogProbabilities[0] is -Inf",
          () ->
              surrogate.setBatch(
                  vector(workspace, 0, 0), vector(workspace, Double.NEGATIVE_INFINITY, 0)));
      assertRefused(
          "oldLogProbabilities has length 1",
          () -> surrogate.setBatch(vector(workspace, 0, 0), vector(workspace, 0)));
      assertRefused(
          "length 4",
          () -> surrogate.setBatch(vector(workspace, 0, 0, 0, 0), vector(workspace, 0)));
      assertThrows(IllegalStateException.class, () -> surrogate.check(y));
      surrogate.setBatch(vector(workspace, 1, 1), vector(workspace, 0, 0));
      assertRefused("row 0 of y", () -> surrogate.check(y));
      assertRefused(
          "length 4",
          () -> surrogate.setBatch(vector(workspace, 0, 0, 0, 0), vector(workspace, 0)));
      assertThrows(
          IllegalStateException.class, () -> surrogate.check(y), "not the batch before it");
      assertRefused(
          "maxBatch is 0", () -> new PolicySurrogate(workspace, policy, 0, Precision.F32));
    }
  }

  /** Recorded outputs that cannot have drawn the action are no probability to divide by. */
  @Test
  void oldOutputsWithoutAProbabilityAreNamed() {
    try (Workspace workspace = Workspace.create()) {
      DiagonalGaussian policy = new DiagonalGaussian(1);
      Mat old = random(workspace, Precision.F64, 2, 1, 1);
      Mat y = actions(workspace, policy, old, 3);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, Precision.F64);
      Vec advantages = vector(workspace, 1, 1, 1, 1, 1);
      surrogate.setBatch(advantages, old, y);
      for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e200}) {
        old.set(3, 0, bad);
        assertRefused("oldOutputs give action 3", () -> surrogate.setBatch(advantages, old, y));
        assertThrows(
            IllegalStateException.class, () -> surrogate.check(y), "not the batch before it");
      }
    }
  }

  /** Without advantage a sample says nothing, however improbable its action was. */
  @Test
  void aSampleWithoutAdvantageCountsNothing() {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      Mat z = random(workspace, Precision.F64, 3, 2, 1);
      Mat y = actions(workspace, policy, z, 3);
      Mat m = random(workspace, Precision.F64, 3, 4, 1);
      Mat u = random(workspace, Precision.F64, 3, 5, 1);
      policy.mean(z, m);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, Precision.F64);
      Vec old = vector(workspace, -1, -1, -1e4, -1, -1);
      surrogate.setBatch(vector(workspace, 0, 0, 0, 0, 0), old);
      assertEquals(0, surrogate.value(z, y), 0.0);
      surrogate.gradient(1, z, m, y, u);
      for (int j = 0; j < 3; j++) {
        assertEquals(0, u.get(2, j), 0.0);
      }
      surrogate.setBatch(vector(workspace, 0, 0, 1, 0, 0), old);
      assertEquals(Double.NEGATIVE_INFINITY, surrogate.value(z, y));
    }
  }

  private static void assertRefused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Tag("allocation")
  @Test
  void memoryIsAsStatedAndNothingElseIsAllocated() {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      Mat z = random(workspace, Precision.F32, 3, 1, 1);
      Mat y = actions(workspace, policy, z, 3);
      Mat m = random(workspace, Precision.F32, 3, 1, 1);
      Mat u = random(workspace, Precision.F32, 3, 1, 1);
      Vec advantages = vector(workspace, 1, 2, 3, 4, 5);
      long before = workspace.bytesUsed();
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, 37, Precision.F32);
      long bytes = PolicySurrogate.bytes(37, Precision.F32);
      assertEquals(bytes, workspace.bytesUsed() - before);
      policy.mean(z, m);
      Allocation.assertNone(
          "surrogate",
          () -> {
            surrogate.setBatch(advantages, z, y);
            surrogate.check(y);
            surrogate.gradient(surrogate.value(z, y), z, m, y, u);
          });
      assertEquals(bytes, workspace.bytesUsed() - before);
    }
  }
}
