package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Weights are repetitions of rows, and a weight of 0 is as if the row were not there. */
class WeightedTest {
  private static final double[] WEIGHTS = {2, 0, 1, 3};
  private static final int[] REPEATED = {0, 0, 2, 3, 3, 3};

  /** A batch with weights, its second row's targets NaN, beside the batch of repeated rows. */
  private static final class Case {
    final Workspace workspace;
    final OutputDistribution base;
    final Weighted weighted;
    final Precision precision;
    final Mat[] z = new Mat[2];
    final Mat[] other = new Mat[2];
    final Mat[] y = new Mat[2];
    final Mat[] t = new Mat[2];
    final Mat[] m = new Mat[2];

    Case(Workspace workspace, LinkCase link, Precision precision) {
      Random random = new Random(7);
      this.workspace = workspace;
      this.precision = precision;
      this.base = link.of(2);
      this.weighted = new Weighted(workspace, base, 9, precision);
      int n = base.outputs();
      double[][][] values = new double[3][4][n];
      double[][] targets = new double[4][];
      for (int i = 0; i < 4; i++) {
        for (double[][] part : values) {
          for (int j = 0; j < n; j++) {
            part[i][j] = random.nextGaussian();
          }
        }
        targets[i] = link.target(random, values[0][i]);
      }
      java.util.Arrays.fill(targets[1], Double.NaN);
      both(z, values[0]);
      both(other, values[1]);
      both(t, values[2]);
      both(m, values[2]);
      both(y, targets);
      for (int k = 0; k < 2; k++) {
        base.mean(z[k], m[k]);
      }
      weighted.setWeights(weights(WEIGHTS));
    }

    private void both(Mat[] pair, double[][] values) {
      pair[0] = Rows.of(workspace, precision, values);
      double[][] repeated = new double[REPEATED.length][];
      for (int i = 0; i < REPEATED.length; i++) {
        repeated[i] = values[REPEATED[i]];
      }
      pair[1] = Rows.of(workspace, precision, repeated);
    }

    Vec weights(double... values) {
      Vec w = Vec.allocate(workspace, values.length, Precision.F64);
      w.copyFrom(values, 0);
      return w;
    }

    Mat out(int k) {
      return Mat.allocate(workspace, z[k].rows(), base.outputs(), precision);
    }
  }

  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void meansAreThoseOfRepeatedRows(LinkCase link) {
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        Case c = new Case(workspace, link, precision);
        c.weighted.checkTargets(c.y[0]);
        // wᵢ/w̄ is rounded to the precision, nothing else but sums of six terms.
        double relative = Rows.gamma(1, precision.unitRoundoff()) + 64 * 0x1p-53;
        double nll = c.base.negativeLogLikelihood(c.z[1], c.y[1]);
        double size = 0;
        for (int i = 0; i < REPEATED.length; i++) {
          size += Math.abs(link.loss(Rows.row(c.z[1], i), Rows.row(c.y[1], i)));
        }
        assertEquals(nll, c.weighted.negativeLogLikelihood(c.z[0], c.y[0]), relative * size);
        for (KlOver over : KlOver.values()) {
          double kl = c.base.kl(c.z[1], c.other[1], over);
          assertEquals(kl, c.weighted.kl(c.z[0], c.other[0], over), relative * kl);
        }
        Vec log = Vec.allocate(workspace, 4, Precision.F64);
        c.weighted.logProbabilities(c.z[0], c.y[0], log);
        assertEquals(0, log.get(1), "a masked row's log-probability");
        assertEquals(-nll, c.weighted.average(log), relative * size);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void rowsAreScaledByWeightsAndFactorsByTheirRoots(LinkCase link) {
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        Case c = new Case(workspace, link, precision);
        Mat plain = c.out(0);
        Mat scaled = c.out(0);
        c.base.score(0.5, c.m[0], c.y[0], plain);
        c.weighted.score(0.5, c.m[0], c.y[0], scaled);
        assertScaled(plain, scaled, 1);
        c.weighted.scoreFactor(0.5, c.m[0], c.y[0], scaled);
        assertScaled(plain, scaled, 0.5);
        c.base.fisherProduct(0.5, c.m[0], c.t[0], plain);
        c.weighted.fisherProduct(0.5, c.m[0], c.t[0], scaled);
        assertScaled(plain, scaled, 1);
        c.base.fisherFactor(0.5, c.m[0], c.t[0], plain);
        c.weighted.fisherFactor(0.5, c.m[0], c.t[0], scaled);
        assertScaled(plain, scaled, 0.5);
        c.base.fisherFactorTranspose(0.5, c.m[0], c.t[0], plain);
        c.weighted.fisherFactorTranspose(0.5, c.m[0], c.t[0], scaled);
        assertScaled(plain, scaled, 0.5);
      }
    }
  }

  private static void assertScaled(Mat plain, Mat scaled, double power) {
    double u = plain.precision().unitRoundoff();
    for (int i = 0; i < 4; i++) {
      double factor = Math.pow(WEIGHTS[i] / 1.5, power);
      for (int j = 0; j < plain.cols(); j++) {
        if (WEIGHTS[i] == 0) {
          assertEquals(0, scaled.get(i, j));
        } else {
          double expected = factor * plain.get(i, j);
          assertEquals(expected, scaled.get(i, j), Rows.gamma(4, u) * Math.abs(expected));
        }
      }
    }
  }

  /** The mean weight of the whole batch makes the parts of a batch add up. */
  @Test
  void chunksAddUpToTheBatch() {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.POISSON, Precision.F64);
      double whole = c.weighted.negativeLogLikelihood(c.z[0], c.y[0]);
      double kl = c.weighted.kl(c.z[0], c.other[0], KlOver.MEAN);
      double parts = 0;
      double klParts = 0;
      for (int from = 0; from < 4; from += 2) {
        c.weighted.setWeights(c.weights(WEIGHTS[from], WEIGHTS[from + 1]), 1.5);
        Mat z = c.z[0].block(from, 0, 2, 2);
        parts += c.weighted.negativeLogLikelihood(z, c.y[0].block(from, 0, 2, 2)) / 2;
        klParts += c.weighted.kl(z, c.other[0].block(from, 0, 2, 2), KlOver.MEAN) / 2;
      }
      assertEquals(whole, parts, 64 * 0x1p-53 * (Math.abs(whole) + 100));
      assertEquals(kl, klParts, 64 * 0x1p-53 * kl);
    }
  }

  @Test
  void weightsOfOneChangeNothing() {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.GAUSSIAN, Precision.F32);
      c.weighted.setWeights(c.weights(5, 5, 5, 5));
      Mat plain = c.out(0);
      Mat weighted = c.out(0);
      c.base.fisherProduct(0.25, c.m[0], c.t[0], plain);
      c.weighted.fisherProduct(0.25, c.m[0], c.t[0], weighted);
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
          assertEquals(plain.get(i, j), weighted.get(i, j));
        }
      }
      assertEquals("diagonal-gaussian", c.weighted.name());
      assertEquals(2, c.weighted.targets());
      assertEquals(c.base, c.weighted.base());
    }
  }

  @Test
  void onlyTheRatiosOfTheWeightsCountHoweverSmall() {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.GAUSSIAN, Precision.F64);
      c.weighted.setWeights(c.weights(1, 2, 0, 0));
      double[] roots = c.weighted.rootWeights(4).toArray();
      c.weighted.setWeights(c.weights(0x1p-1074, 0x1p-1073, 0, 0));
      assertArrayEquals(roots, c.weighted.rootWeights(4).toArray());
      c.weighted.setWeights(c.weights(0x1p-1074, 0, 0, 0));
      assertArrayEquals(new double[] {2, 0, 0, 0}, c.weighted.rootWeights(4).toArray());
    }
  }

  /** A weight that underflows beside the others masks no row, as it does none in a part. */
  @ParameterizedTest
  @EnumSource
  void onlyWeightsOfZeroMask(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.GAUSSIAN, precision);
      c.weighted.setWeights(c.weights(1e300, 1e-100, 0, 1e300));
      assertTrue(c.weighted.counts(1, 1));
      assertFalse(c.weighted.counts(2, 1));
      Weighted part = new Weighted(workspace, c.base, 2, precision);
      part.setRows(c.weighted, 1, 2, 0.1);
      assertTrue(part.counts(0, 1));
      assertFalse(part.counts(1, 1));
    }
  }

  @Test
  void theErrorBoundIsNotBelowThatOfTheRepeatedRows() {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.POISSON, Precision.F64);
      double bound = c.base.klErrorBound(c.z[1], c.other[1], KlOver.MEAN, 0.1, 1e-3);
      Weighted w = c.weighted;
      assertTrue(w.klErrorBound(c.z[0], c.other[0], KlOver.MEAN, 0.1, 1e-3) >= bound);
      w.setWeights(c.weights(0, 0, 0, 0), 1);
      assertEquals(0, w.klErrorBound(c.z[0], c.other[0], KlOver.MEAN, 0, 1e-3));
    }
  }

  @Test
  void illegalWeightsAreNamed() {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.POISSON, Precision.F64);
      assertRefused("weights[1] is -1.0", () -> c.weighted.setWeights(c.weights(1, -1)));
      assertRefused("weights[0] is NaN", () -> c.weighted.setWeights(c.weights(Double.NaN)));
      assertRefused("weights sum to 0.0", () -> c.weighted.setWeights(c.weights(0, 0)));
      assertRefused("length 10", () -> c.weighted.setWeights(c.weights(new double[10]), 1));
      assertRefused("mean is 0.0", () -> c.weighted.setWeights(c.weights(1), 0));
      assertRefused("maxBatch is 0", () -> new Weighted(workspace, c.base, 0, Precision.F32));
      assertThrows(
          IllegalStateException.class, () -> c.weighted.negativeLogLikelihood(c.z[0], c.y[0]));
      c.weighted.setWeights(c.weights(1, 1));
      assertThrows(
          IllegalStateException.class, () -> c.weighted.negativeLogLikelihood(c.z[0], c.y[0]));
      c.weighted.setWeights(c.weights(1, 1, 1, 1));
      assertRefused("y[1, 0] is NaN", () -> c.weighted.checkTargets(c.y[0]));
    }
  }

  /** No weights of an earlier batch stand in for those that are missing. */
  @Test
  void withoutWeightsThereIsNoErrorBound() {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(workspace, LinkCase.POISSON, Precision.F64);
      Weighted part = new Weighted(workspace, c.base, 9, Precision.F64);
      Class<IllegalStateException> none = IllegalStateException.class;
      Mat from = c.z[0];
      assertThrows(none, () -> part.klErrorBound(from, from, KlOver.MEAN, 0.1, 1e-3));
      for (int count : new int[] {-1, 0, 10}) {
        assertThrows(IndexOutOfBoundsException.class, () -> part.setRows(c.weighted, 0, count));
        assertThrows(none, () -> part.klErrorBound(from, from, KlOver.MEAN, 0.1, 1e-3));
      }
      part.setRows(c.weighted, 0, 4);
      assertTrue(part.klErrorBound(from, from, KlOver.MEAN, 0.1, 1e-3) > 0);
      assertRefused("weights[0] is -1.0", () -> part.setWeights(c.weights(-1, 1, 1, 1)));
      for (KlOver over : KlOver.values()) {
        assertThrows(none, () -> part.klErrorBound(from, from, over, 0.1, 1e-3));
      }
    }
  }

  private static void assertRefused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Tag("allocation")
  @Test
  void memoryIsAsStatedAndNothingElseIsAllocated() {
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        Case c = new Case(workspace, LinkCase.POISSON, precision);
        long before = workspace.bytesUsed();
        Weighted weighted = new Weighted(workspace, c.base, 37, precision);
        assertEquals(Weighted.bytes(37, precision), workspace.bytesUsed() - before);
        Vec w = c.weights(WEIGHTS);
        Mat u = c.out(0);
        Allocation.assertNone(
            "weighted",
            () -> {
              weighted.setWeights(w);
              weighted.checkTargets(c.y[0]);
              double value = weighted.negativeLogLikelihood(c.z[0], c.y[0]);
              value += weighted.kl(c.z[0], c.other[0], KlOver.MAXIMUM);
              weighted.score(value, c.m[0], c.y[0], u);
              weighted.fisherFactor(value, c.m[0], c.t[0], u);
            });
      }
    }
  }
}
