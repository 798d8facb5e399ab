package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Scores and Fisher products against dense matrices and differences. */
@Tag("width")
class LinkProperties {
  private static double[][] draw(Random random, int rows, int n, double scale) {
    double[][] z = new double[rows][n];
    for (double[] row : z) {
      for (int j = 0; j < n; j++) {
        row[j] = (2 * random.nextDouble() - 1) * scale;
      }
    }
    return z;
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
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

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
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
}
