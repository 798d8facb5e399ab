package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sums over all targets, or integrals by the trapezoidal rule on functions that vanish at both ends
 * to double precision: probabilities are normalised, E[score] = 0, E[score·scoreᵀ] = F_z, E[y] = M
 * and KL = E[log P/P′], both ways round.
 */
class ExpectationTest {
  /** The error of a probability relative to it, from 2⁻⁴⁴ of likelihood terms below 10⁵. */
  private static final double ERROR = 1e5 * 0x1p-44;

  /** Targets with the measure of each: 1 for counts, the step for densities. */
  private static void check(
      OutputDistribution distribution, double[] z, double[] other, double[][] y, double[] measure) {
    try (Workspace workspace = Workspace.create()) {
      int n = z.length;
      double[][] copies = new double[y.length][];
      Arrays.fill(copies, z);
      Mat outputs = Rows.of(workspace, Precision.F64, copies);
      Arrays.fill(copies, other);
      Mat others = Rows.of(workspace, Precision.F64, copies);
      Mat targets = Rows.of(workspace, Precision.F64, y);
      Mat m = Mat.allocate(workspace, y.length, n, Precision.F64);
      Mat s = Mat.allocate(workspace, y.length, n, Precision.F64);
      Vec log = Vec.allocate(workspace, y.length, Precision.F64);
      Vec logOther = Vec.allocate(workspace, y.length, Precision.F64);
      distribution.mean(outputs, m);
      distribution.score(1, m, targets, s);
      distribution.logProbabilities(outputs, targets, log);
      distribution.logProbabilities(others, targets, logOther);
      double[] p = new double[y.length];
      for (int i = 0; i < y.length; i++) {
        p[i] = Math.exp(log.get(i)) * measure[i];
      }
      assertMean("probability", p, i -> 1, 1);
      for (int j = 0; j < n; j++) {
        int a = j;
        assertMean("score", p, i -> s.get(i, a), 0);
        if (j < distribution.targets()) {
          assertMean("mean", p, i -> targets.get(i, a), m.get(0, j));
        }
        double[] unit = new double[n];
        unit[j] = 1;
        Mat row = Rows.of(workspace, Precision.F64, unit);
        Mat f = Rows.of(workspace, Precision.F64, unit);
        distribution.fisherProduct(1, m.top(1), row, f);
        for (int k = 0; k < n; k++) {
          int b = k;
          assertMean("F", p, i -> s.get(i, a) * s.get(i, b), f.get(0, k));
        }
      }
      double kl = distribution.kl(outputs.top(1), others.top(1), KlOver.MEAN);
      assertMean("KL", p, i -> log.get(i) - logOther.get(i), kl);
      for (int i = 0; i < y.length; i++) {
        p[i] = Math.exp(logOther.get(i)) * measure[i];
      }
      double reverse = distribution.kl(others.top(1), outputs.top(1), KlOver.MEAN);
      assertMean("reverse KL", p, i -> logOther.get(i) - log.get(i), reverse);
    }
  }

  private interface Quantity {
    double of(int row);
  }

  private static void assertMean(String what, double[] p, Quantity quantity, double expected) {
    double sum = 0;
    double size = 1e-12;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        sum += p[i] * quantity.of(i);
        size += p[i] * (Math.abs(quantity.of(i)) + 1);
      }
    }
    assertEquals(expected, sum, ERROR * size, what);
  }

  private static double[] ones(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static double[][] counts(int n) {
    double[][] y = new double[n][1];
    for (int i = 0; i < n; i++) {
      y[i][0] = i;
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(doubles = {-3, 0.1, 3.4})
  void poisson(double z) {
    check(new Poisson(1), new double[] {z}, new double[] {z - 0.7}, counts(400), ones(400));
  }

  /** With dispersion 2 and mean 30 the probabilities fall by 1.7 % a count: 4,000 counts. */
  @ParameterizedTest
  @ValueSource(doubles = {2, 0.25, 1e-6})
  void negativeBinomial(double dispersion) {
    OutputDistribution distribution = new NegativeBinomial(1, dispersion);
    for (double z : new double[] {-2, 3.4}) {
      check(distribution, new double[] {z}, new double[] {z - 0.5}, counts(4000), ones(4000));
    }
  }

  /** y = eᵗ, on t where y^k is below 10⁻¹⁶ or e^−ky/μ vanishes. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 2.5, 300})
  void gamma(double shape) {
    double z = 0.7;
    int points = 40_000;
    double low = z - 12 - 40 / shape;
    double step = (z + 6 - low) / points;
    double[][] y = new double[points][1];
    double[] measure = new double[points];
    for (int i = 0; i < points; i++) {
      y[i][0] = Math.exp(low + i * step);
      measure[i] = step * y[i][0];
    }
    check(new Gamma(1, shape), new double[] {z}, new double[] {1.3}, y, measure);
  }

  @Test
  void gaussianWithMeanAndLogVariance() {
    int points = 800;
    double mean = -0.4;
    double s = 0.9;
    double step = 28 * Math.exp(s / 2) / points;
    double[][] y = new double[points][1];
    double[] measure = new double[points];
    Arrays.fill(measure, step);
    for (int i = 0; i < points; i++) {
      y[i][0] = mean + (i - points / 2) * step;
    }
    double[] z = {mean, s};
    check(new DiagonalGaussian(1), z, new double[] {-0.1, 0.7}, y, measure);
  }

  @Test
  void severalCategoricals() {
    double[][] y = new double[6][5];
    for (int i = 0; i < 6; i++) {
      y[i][i % 2] = 1;
      y[i][2 + i / 2] = 1;
    }
    double[] z = {0.3, -1, 2, 0, -0.5};
    check(new Categoricals(2, 3), z, new double[] {0, 0.5, -1, 2, 30}, y, ones(6));
  }
}
