package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Likelihood, score, Fisher products and factors against definitions and dense matrices. */
@Tag("width")
class OutputProperties {
  /** A batch of random logits, targets and tangents of one distribution, within a workspace. */
  private static final class Case {
    final Random random;
    final OutputDistribution distribution;
    final Precision precision;
    final Workspace workspace;
    final int rows;
    final int n;
    final Mat z;
    final Mat m;
    final Mat y;

    Case(long seed, Family family, Precision precision, Workspace workspace, double scale) {
      this.random = new Random(seed);
      this.n = family.outputs(random);
      this.distribution = family.of(n);
      this.precision = precision;
      this.workspace = workspace;
      this.rows = 1 + random.nextInt(4);
      this.z = matrix(scale);
      this.m = matrix(1);
      distribution.mean(z, m);
      double[][] targets = new double[rows][];
      for (int i = 0; i < rows; i++) {
        targets[i] = family.target(random, n);
      }
      this.y = Rows.of(workspace, precision, targets);
    }

    Mat matrix(double scale) {
      double[][] values = new double[rows][n];
      for (double[] row : values) {
        for (int j = 0; j < n; j++) {
          row[j] = scale * random.nextGaussian();
        }
      }
      return Rows.of(workspace, precision, values);
    }
  }

  private static void assertProduct(
      String what, double alpha, double[][] f, double[][] size, double[] t, double[] u, double g) {
    for (int i = 0; i < u.length; i++) {
      double expected = 0;
      double magnitude = Double.MIN_NORMAL;
      for (int j = 0; j < u.length; j++) {
        expected += alpha * f[i][j] * t[j];
        magnitude += Math.abs(alpha * size[i][j] * t[j]);
      }
      double bound = g * magnitude + Float.MIN_NORMAL;
      assertTrue(
          Math.abs(u[i] - expected) <= bound,
          what + "[" + i + "] is " + u[i] + ", not " + expected + " within " + bound);
    }
  }

  @Property
  void fisherProductIsTheDenseMatrix(
      @ForAll long seed, @ForAll Family family, @ForAll Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(seed, family, precision, workspace, 4);
      Mat t = c.matrix(1);
      Mat u = c.matrix(1);
      double alpha = (float) c.random.nextGaussian();
      c.distribution.fisherProduct(alpha, c.m, t, u);
      double gamma = Rows.gamma(2 * c.n + 12, precision.unitRoundoff());
      for (int i = 0; i < c.rows; i++) {
        double[] m = Rows.row(c.m, i);
        double[] ti = Rows.row(t, i);
        double[] ui = Rows.row(u, i);
        assertProduct("F", alpha, family.fisher(m), family.magnitude(m), ti, ui, gamma);
      }
      c.distribution.fisherProduct(alpha, c.m, t, t);
      for (int i = 0; i < c.rows; i++) {
        for (int j = 0; j < c.n; j++) {
          assertEquals(u.get(i, j), t.get(i, j), 0.0, "in place");
        }
      }
    }
  }

  @Property
  void factorTimesItsTransposeIsTheFisherMatrix(
      @ForAll long seed, @ForAll Family family, @ForAll Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(seed, family, precision, workspace, 4);
      Mat t = c.matrix(1);
      Mat u = c.matrix(1);
      c.distribution.fisherFactorTranspose(1, c.m, t, u);
      Mat w = c.matrix(1);
      c.distribution.fisherFactor(1, c.m, u, w);
      double unit = precision.unitRoundoff();
      for (int i = 0; i < c.rows; i++) {
        double[] m = Rows.row(c.m, i);
        double[] ti = Rows.row(t, i);
        double[] wi = Rows.row(w, i);
        // BBᵀ differs from diag(p) − ppᵀ by (1 − Σp)ppᵀ, where softmax leaves |1 − Σp| ≤ (k + 8)u.
        double gamma = Rows.gamma(4 * c.n + 32, unit);
        assertProduct("BBᵀ", 1, family.fisher(m), family.magnitude(m), ti, wi, gamma);
      }
      c.distribution.fisherFactorTranspose(1, c.m, t, t);
      c.distribution.fisherFactor(1, c.m, t, t);
      for (int i = 0; i < c.rows; i++) {
        for (int j = 0; j < c.n; j++) {
          assertEquals(w.get(i, j), t.get(i, j), 0.0, "in place");
        }
      }
    }
  }

  /** ⟨Ba, b⟩ = ⟨a, Bᵀb⟩ pins down that the two factors are each other's transposes. */
  @Property
  void factorsAreTransposes(@ForAll long seed, @ForAll Family family, @ForAll Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(seed, family, precision, workspace, 2);
      Mat a = c.matrix(1);
      Mat b = c.matrix(1);
      Mat ba = c.matrix(1);
      Mat bb = c.matrix(1);
      c.distribution.fisherFactor(1, c.m, a, ba);
      c.distribution.fisherFactorTranspose(1, c.m, b, bb);
      for (int i = 0; i < c.rows; i++) {
        double left = 0;
        double right = 0;
        double sizeA = 0;
        double sizeB = 0;
        for (int j = 0; j < c.n; j++) {
          left += ba.get(i, j) * b.get(i, j);
          right += a.get(i, j) * bb.get(i, j);
          sizeA += Math.abs(a.get(i, j));
          sizeB += Math.abs(b.get(i, j));
        }
        // No entry of |B| exceeds 1/σ or, for the others, 2.
        double bound = Rows.gamma(4 * c.n + 16, precision.unitRoundoff()) * 2 * sizeA * sizeB;
        assertEquals(left, right, bound);
      }
    }
  }

  @Property(tries = 400)
  void likelihoodIsItsDefinition(
      @ForAll long seed, @ForAll Family family, @ForAll Precision precision) {
    likelihood(seed, family, precision);
  }

  /** Two logits 75 apart: their difference is rounded, and its exponential is the loss. */
  @Example
  void aLossFarFromItsLogitsIsItsDefinition() {
    likelihood(286225, Family.CATEGORICAL, Precision.F64);
  }

  private static void likelihood(long seed, Family family, Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(seed, family, precision, workspace, seed % 2 == 0 ? 3 : 300);
      double expected = 0;
      for (int i = 0; i < c.rows; i++) {
        expected += family.loss(Rows.row(c.z, i), Rows.row(c.y, i)).doubleValue() / c.rows;
      }
      double bound = Rows.gamma(8 * (c.rows + c.n), 0x1.0p-53) * (Math.abs(expected) + c.n);
      // A small loss L is a sum of some exp(−d), d a difference of logits rounded by |d|·u: that
      // changes it by Σ d·exp(−d)·u ≤ n·|ln L|·L·u.
      double small = Math.min(1, Math.abs(expected));
      double tiny = bound * small * (1 + Math.abs(Math.log(Math.max(small, Double.MIN_NORMAL))));
      // A loss below 10⁻⁷⁰ is lost among the oracle's 80 digits.
      assertEquals(
          expected,
          c.distribution.negativeLogLikelihood(c.z, c.y),
          (family == Family.GAUSSIAN ? bound : tiny) + 1e-70);
    }
  }

  @Property
  void scoreIsTheGradientOfTheLikelihood(
      @ForAll long seed, @ForAll Family family, @ForAll Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Case c = new Case(seed, family, precision, workspace, 2);
      Mat u = c.matrix(1);
      double alpha = 1.0 / 1024;
      c.distribution.score(alpha, c.m, c.y, u);
      double h = 0x1.0p-13;
      for (int i = 0; i < c.rows; i++) {
        double[] y = Rows.row(c.y, i);
        for (int j = 0; j < c.n; j++) {
          double[] right = Rows.row(c.z, i);
          double[] left = right.clone();
          right[j] += h;
          left[j] -= h;
          double high = loss(c, right, y);
          double low = loss(c, left, y);
          double difference = (high - low) / (2 * h);
          // |∂³ ln Σ exp| ≤ 1; each loss has a rounding error of a few n·u; the score is rounded.
          double noise = Rows.gamma(16 * c.n, 0x1.0p-53) * (Math.abs(high) + c.n) / h;
          double size = 1 / Family.VARIANCE * (Math.abs(c.m.get(i, j)) + Math.abs(y[j]));
          double rounding = Rows.gamma(c.n + 16, precision.unitRoundoff()) * size;
          assertEquals(alpha * difference, u.get(i, j), alpha * (h * h / 6 + noise + rounding));
        }
      }
    }
  }

  private static double loss(Case c, double[] z, double[] y) {
    return c.distribution.negativeLogLikelihood(
        Rows.of(c.workspace, Precision.F64, z), Rows.of(c.workspace, Precision.F64, y));
  }
}
