package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws have the distribution that is promised. Seeds are fixed, so nothing flickers. */
class LinkSamplingTest {
  private static final int DRAWS = 20_000;

  /** One estimate in a million is this many deviations off. */
  private static final double DEVIATIONS = 5;

  private static double[][] draws(OutputDistribution distribution, double[] z, long seed) {
    try (Workspace workspace = Workspace.create()) {
      double[][] copies = new double[DRAWS][];
      Arrays.fill(copies, z);
      Mat m = Rows.of(workspace, Precision.F64, copies);
      Mat y = Mat.allocate(workspace, DRAWS, distribution.targets(), Precision.F64);
      distribution.mean(m, m);
      distribution.sample(m, seed, 1, y);
      distribution.checkTargets(y);
      double[][] rows = new double[DRAWS][];
      for (int i = 0; i < DRAWS; i++) {
        rows[i] = Rows.row(y, i);
      }
      return rows;
    }
  }

  /** Each probability of a count, and that of all others together, within its deviation. */
  private static void assertFrequencies(OutputDistribution distribution, double z, int counts) {
    int[] seen = new int[counts + 1];
    for (double[] y : draws(distribution, new double[] {z}, 3)) {
      seen[(int) Math.min(counts, y[0])]++;
    }
    double rest = 1;
    try (Workspace workspace = Workspace.create()) {
      Mat outputs = Rows.of(workspace, Precision.F64, new double[] {z});
      for (int n = 0; n < counts; n++) {
        Mat y = Rows.of(workspace, Precision.F64, new double[] {n});
        double p = Math.exp(-distribution.negativeLogLikelihood(outputs, y));
        rest -= p;
        assertFrequency(p, seen[n], "count " + n);
      }
    }
    assertFrequency(Math.max(rest, 0), seen[counts], "the rest");
  }

  /** The draw times the mean left the range of double before the shape divided it. */
  @Test
  void aGammaDrawWithALargeShapeIsAsFiniteAsItsMean() {
    for (double[] y : draws(new Gamma(1, 6e7), new double[] {694}, 1)) {
      // A deviation is 1.3e-4 of the mean.
      assertEquals(1, y[0] / Math.exp(694), 1e-3);
    }
  }

  /** Seeds are part of what a run is repeated by. */
  @Test
  void poissonNumbersAreThoseOfTheFirstVersion() {
    long hash = 1;
    for (double mean = 10; mean < 1e12; mean *= 7) {
      for (int i = 0; i < 4000; i++) {
        hash = 31 * hash + (long) Draws.poisson(mean, 5, 1, 16L * i);
      }
    }
    assertEquals(-8663921925246069401L, hash);
  }

  /** Below ten expected draws a Poisson tail is heavier than a normal one: add ten. */
  private static void assertFrequency(double p, int seen, String what) {
    double bound = DEVIATIONS * Math.sqrt(DRAWS * p * (1 - p)) + 10;
    assertEquals(DRAWS * p, seen, bound, what);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-4, 0.5, 2.29, 2.31, 4, 6})
  void poissonCountsHaveTheirProbabilities(double z) {
    assertFrequencies(new Poisson(1), z, (int) (Math.exp(z) + 6 * Math.exp(z / 2)) + 8);
  }

  @ParameterizedTest
  @ValueSource(doubles = {3, 0.8, 0.05})
  void negativeBinomialCountsHaveTheirProbabilities(double dispersion) {
    assertFrequencies(new NegativeBinomial(1, dispersion), 1.5, 60);
    assertFrequencies(new NegativeBinomial(1, dispersion), 4, 200);
  }

  /** Of a large mean nothing cancels: the deviation is that of the counts, to its own deviation. */
  @Test
  void largeMeansKeepTheirDeviation() {
    double mean = 1e13;
    double sum = 0;
    double squares = 0;
    for (double[] y : draws(new Poisson(1), new double[] {Math.log(mean)}, 4)) {
      double d = (y[0] - Math.exp(Math.log(mean))) / Math.sqrt(mean);
      sum += d;
      squares += d * d;
    }
    assertEquals(0, sum / DRAWS, (DEVIATIONS + 1) / Math.sqrt(DRAWS));
    assertEquals(1, squares / DRAWS, DEVIATIONS * Math.sqrt(2.0 / DRAWS));
  }

  @Test
  void gammaDrawsHaveTheirDistributionFunction() {
    for (double t : new double[] {0.05, 0.3, 1, 2, 4}) {
      int one = 0;
      int two = 0;
      for (double[] y : draws(new Gamma(2, 1), new double[] {0, Math.log(3)}, 5)) {
        one += y[0] <= t ? 1 : 0;
        one += y[1] <= 3 * t ? 1 : 0;
      }
      for (double[] y : draws(new Gamma(2, 2), new double[] {0, Math.log(3)}, 6)) {
        two += y[0] <= t ? 1 : 0;
        two += y[1] <= 3 * t ? 1 : 0;
      }
      double p = -Math.expm1(-t);
      double q = 1 - Math.exp(-2 * t) * (1 + 2 * t);
      assertEquals(2 * DRAWS * p, one, DEVIATIONS * Math.sqrt(2 * DRAWS * p * (1 - p)));
      assertEquals(2 * DRAWS * q, two, DEVIATIONS * Math.sqrt(2 * DRAWS * q * (1 - q)));
    }
  }

  /** A gamma number of shape ½ is the square of a normal one: P(y ≤ μt) for t = 1 is erf(1/√2). */
  @Test
  void gammaDrawsOfShapeBelowOne() {
    int within = 0;
    for (double[] y : draws(new Gamma(1, 0.5), new double[] {1}, 7)) {
      within += y[0] <= Math.E ? 1 : 0;
    }
    double p = 0.6826894921370859;
    assertEquals(DRAWS * p, within, DEVIATIONS * Math.sqrt(DRAWS * p * (1 - p)));
  }

  /** F_z is the expectation of the scores' outer products: the definition itself. */
  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void outerProductsOfScoresAverageToTheFisherMatrix(LinkCase link) {
    OutputDistribution distribution = link.of(2);
    int n = distribution.outputs();
    double[] z = Arrays.copyOf(new double[] {0.3, -1.2, 2, 0.5, 1.1, -0.7, 0, 0.4, -0.2}, n);
    double[][] y = draws(distribution, z, 11);
    try (Workspace workspace = Workspace.create()) {
      double[][] copies = new double[DRAWS][];
      Arrays.fill(copies, z);
      Mat m = Rows.of(workspace, Precision.F64, copies);
      Mat s = Mat.allocate(workspace, DRAWS, n, Precision.F64);
      distribution.mean(m, m);
      distribution.scoreFactor(1, m, Rows.of(workspace, Precision.F64, y), s);
      double[][] f = link.fisher(z);
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          double sum = 0;
          double squares = 0;
          for (int i = 0; i < DRAWS; i++) {
            double product = s.get(i, j) * s.get(i, k);
            sum += product;
            squares += product * product;
          }
          double mean = sum / DRAWS;
          double deviation = Math.sqrt((squares / DRAWS - mean * mean) / DRAWS);
          assertEquals(f[j][k], mean, DEVIATIONS * deviation + 1e-15, "F[" + j + "," + k + "]");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LinkCase.class)
  void drawsDependOnSeedDrawAndRowAlone(LinkCase link) {
    try (Workspace workspace = Workspace.create()) {
      OutputDistribution distribution = link.of(3);
      double[][] rows = new double[64][distribution.outputs()];
      for (double[] row : rows) {
        Arrays.fill(row, 3);
      }
      Mat m = Rows.of(workspace, Precision.F64, rows);
      distribution.mean(m, m);
      Mat first = Mat.allocate(workspace, 64, distribution.targets(), Precision.F64);
      Mat again = Mat.allocate(workspace, 20, distribution.targets(), Precision.F64);
      Mat other = Mat.allocate(workspace, 64, distribution.targets(), Precision.F64);
      distribution.sample(m, 5, 2, first);
      distribution.sample(m.top(20), 5, 2, again);
      for (int i = 0; i < 20; i++) {
        assertArrayEquals(Rows.row(first, i), Rows.row(again, i));
      }
      for (long[] change : new long[][] {{5, 3}, {6, 2}}) {
        distribution.sample(m, change[0], change[1], other);
        int same = 0;
        for (int i = 0; i < 64; i++) {
          same += Arrays.equals(Rows.row(first, i), Rows.row(other, i)) ? 1 : 0;
        }
        assertTrue(same < 48, same + " of 64 rows are the same");
      }
      Vec log = Vec.allocate(workspace, 64, Precision.F64);
      distribution.logProbabilities(Rows.of(workspace, Precision.F64, rows), first, log);
      assertTrue(log.get(0) > Double.NEGATIVE_INFINITY);
    }
  }
}
