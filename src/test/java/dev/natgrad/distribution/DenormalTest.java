package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Numbers below the smallest normal one as outputs, as targets and as what Fisher matrices take.
 */
@Tag("width")
class DenormalTest {
  private static final int ROWS = 3;
  private static final int OUTPUTS = 11;

  private static double least(Precision precision) {
    return precision == Precision.F64 ? Double.MIN_VALUE : Float.MIN_VALUE;
  }

  /** Multiples of the smallest number, of both signs, ±0 and the largest denormal among them. */
  private static double[][] denormals(Random random, Precision precision) {
    double normal = precision == Precision.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    double[][] rows = new double[ROWS][OUTPUTS];
    for (double[] row : rows) {
      for (int j = 0; j < OUTPUTS; j++) {
        double size = Math.rint(Math.pow(normal / least(precision), random.nextDouble()));
        row[j] = (random.nextBoolean() ? 1 : -1) * size * least(precision);
      }
      row[random.nextInt(OUTPUTS)] = -0.0;
      row[random.nextInt(OUTPUTS)] = normal - least(precision);
    }
    return rows;
  }

  /** As outputs they are zeros, to the last bit of whatever is computed from them. */
  @ParameterizedTest
  @EnumSource
  void denormalOutputsAreAsGoodAsZeros(LinkCase link) {
    Random random = new Random(1);
    OutputDistribution distribution = link.of(link == LinkCase.GAUSSIAN ? 4 : OUTPUTS);
    int n = distribution.outputs();
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        Mat z = Rows.of(workspace, precision, first(denormals(random, precision), n));
        Mat zero = Rows.of(workspace, precision, new double[ROWS][n]);
        Mat m = Rows.of(workspace, precision, new double[ROWS][n]);
        Mat atZero = Rows.of(workspace, precision, new double[ROWS][n]);
        distribution.mean(zero, atZero);
        distribution.mean(z, m);
        double[][] ones = new double[ROWS][distribution.targets()];
        for (double[] row : ones) {
          Arrays.fill(row, link == LinkCase.CATEGORICALS ? 0 : 1);
        }
        Mat y = Rows.of(workspace, precision, ones);
        double u = precision.unitRoundoff();
        for (int i = 0; i < ROWS; i++) {
          for (int j = 0; j < n; j++) {
            // A mean is 0, or of a size that outputs near 0 cannot change by an ulp.
            double tolerance = Math.max(u * Math.abs(atZero.get(i, j)), 2 * Float.MIN_NORMAL);
            assertEquals(atZero.get(i, j), m.get(i, j), tolerance);
          }
        }
        assertEquals(
            distribution.negativeLogLikelihood(zero, y),
            distribution.negativeLogLikelihood(z, y),
            4 * 0x1p-53 * (1 + Math.abs(distribution.negativeLogLikelihood(zero, y))));
        for (KlOver over : KlOver.values()) {
          double kl = distribution.kl(z, zero, over);
          assertTrue(kl >= 0 && kl <= Float.MIN_NORMAL, () -> link + ": KL " + kl);
          double back = distribution.kl(zero, z, over);
          assertTrue(back >= 0 && back <= Float.MIN_NORMAL, () -> link + ": KL " + back);
          assertTrue(Double.isFinite(distribution.klErrorBound(z, zero, over, kl, 1e-300)));
        }
      }
    }
  }

  /** Gradual underflow: an absolute error of a few of the smallest numbers, no more. */
  @ParameterizedTest
  @EnumSource
  void denormalTangentsUnderflowGradually(LinkCase link) {
    Random random = new Random(2);
    OutputDistribution distribution = link.of(link == LinkCase.GAUSSIAN ? 4 : OUTPUTS);
    int n = distribution.outputs();
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        double[][] outputs = new double[ROWS][n];
        for (double[] row : outputs) {
          for (int j = 0; j < n; j++) {
            row[j] = (float) random.nextGaussian();
          }
        }
        Mat z = Rows.of(workspace, precision, outputs);
        Mat m = Rows.of(workspace, precision, new double[ROWS][n]);
        distribution.mean(z, m);
        Mat t = Rows.of(workspace, precision, first(denormals(random, precision), n));
        Mat u = Rows.of(workspace, precision, new double[ROWS][n]);
        Mat w = Rows.of(workspace, precision, new double[ROWS][n]);
        distribution.fisherProduct(1, m, t, u);
        distribution.fisherFactorTranspose(1, m, t, w);
        distribution.fisherFactor(1, m, w, w);
        double g = Rows.gamma(4 * n + 40, precision.unitRoundoff());
        for (int i = 0; i < ROWS; i++) {
          double[][] f = link.fisher(outputs[i]);
          for (int j = 0; j < n; j++) {
            double expected = 0;
            double size = 0;
            double entries = 1;
            for (int k = 0; k < n; k++) {
              expected += f[j][k] * t.get(i, k);
              double off = Math.sqrt(f[j][j] * f[k][k]) + (link == LinkCase.CATEGORICALS ? 3 : 0);
              size += Math.abs(off * t.get(i, k));
              entries = Math.max(entries, f[k][k]);
            }
            // n products and their sums, each within half the smallest number, times an entry.
            double underflow = 2 * n * Math.ceil(entries) * least(precision);
            assertEquals(expected, u.get(i, j), g * size + underflow, "F");
            assertEquals(expected, w.get(i, j), g * size + underflow, "BBᵀ");
          }
        }
      }
    }
  }

  private static double[][] first(double[][] rows, int n) {
    double[][] cut = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      cut[i] = Arrays.copyOf(rows[i], n);
    }
    return cut;
  }
}
