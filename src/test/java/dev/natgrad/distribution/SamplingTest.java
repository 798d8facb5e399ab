package dev.natgrad.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Draws have the moments that the mean parameters promise. Seeds are fixed, so nothing flickers.
 */
class SamplingTest {
  private static final int DRAWS = 20_000;

  /** No more than one of a few hundred estimates in a million is this many deviations off. */
  private static final double DEVIATIONS = 5;

  private static final double[] LOGITS = {0.3, -1.2, 2};

  private static double[][] copies(double[] row) {
    double[][] rows = new double[DRAWS][];
    java.util.Arrays.fill(rows, row);
    return rows;
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void meanOfTheDrawsIsTheMeanParameter(Family family) {
    try (Workspace workspace = Workspace.create()) {
      Mat m = Rows.of(workspace, Precision.F32, copies(LOGITS));
      Mat y = Mat.allocate(workspace, DRAWS, 3, Precision.F32);
      OutputDistribution distribution = family.of(3);
      distribution.mean(m, m);
      distribution.sample(m, 7, 1, y);
      distribution.checkTargets(y);
      double[][] fisher = family.fisher(Rows.row(m, 0));
      for (int j = 0; j < 3; j++) {
        double sum = 0;
        for (int i = 0; i < DRAWS; i++) {
          sum += y.get(i, j);
        }
        double variance = family == Family.GAUSSIAN ? Family.VARIANCE : fisher[j][j];
        assertEquals(m.get(0, j), sum / DRAWS, DEVIATIONS * Math.sqrt(variance / DRAWS));
      }
    }
  }

  /** F_z is the expectation of the scores' outer products: the definition itself. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void outerProductsOfScoresAverageToTheFisherMatrix(Family family) {
    try (Workspace workspace = Workspace.create()) {
      Mat m = Rows.of(workspace, Precision.F64, copies(LOGITS));
      Mat y = Mat.allocate(workspace, DRAWS, 3, Precision.F64);
      OutputDistribution distribution = family.of(3);
      distribution.mean(m, m);
      distribution.sample(m, 11, 0, y);
      distribution.score(1, m, y, y);
      double[][] fisher = family.fisher(Rows.row(m, 0));
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 3; k++) {
          double sum = 0;
          double squares = 0;
          for (int i = 0; i < DRAWS; i++) {
            double product = y.get(i, j) * y.get(i, k);
            sum += product;
            squares += product * product;
          }
          double mean = sum / DRAWS;
          double deviation = Math.sqrt((squares / DRAWS - mean * mean) / DRAWS);
          assertEquals(fisher[j][k], mean, DEVIATIONS * deviation, "F[" + j + "," + k + "]");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void drawsDependOnSeedDrawAndRowAlone(Family family) {
    try (Workspace workspace = Workspace.create()) {
      double[][] rows = new double[64][];
      java.util.Arrays.fill(rows, new double[3]);
      Mat m = Rows.of(workspace, Precision.F64, rows);
      OutputDistribution distribution = family.of(3);
      distribution.mean(m, m);
      Mat first = Mat.allocate(workspace, 64, 3, Precision.F64);
      Mat again = Mat.allocate(workspace, 20, 3, Precision.F64);
      Mat other = Mat.allocate(workspace, 64, 3, Precision.F64);
      distribution.sample(m, 5, 2, first);
      distribution.sample(m.top(20), 5, 2, again);
      for (int i = 0; i < 20; i++) {
        org.junit.jupiter.api.Assertions.assertArrayEquals(Rows.row(first, i), Rows.row(again, i));
      }
      for (long[] change : new long[][] {{5, 3}, {6, 2}}) {
        distribution.sample(m, change[0], change[1], other);
        int same = 0;
        for (int i = 0; i < 64; i++) {
          same += java.util.Arrays.equals(Rows.row(first, i), Rows.row(other, i)) ? 1 : 0;
        }
        assertTrue(same < 48, same + " of 64 rows are the same");
      }
    }
  }

  @Test
  void classesOfProbabilityZeroAreNeverDrawn() {
    try (Workspace workspace = Workspace.create()) {
      Mat m = Rows.of(workspace, Precision.F32, copies(new double[] {0, 0.5, 0.25, 0}));
      Mat y = Mat.allocate(workspace, DRAWS, 4, Precision.F32);
      new Categorical(4).sample(m, 3, 0, y);
      double[] counts = new double[4];
      for (int i = 0; i < DRAWS; i++) {
        for (int j = 0; j < 4; j++) {
          counts[j] += y.get(i, j);
        }
      }
      assertEquals(0, counts[0] + counts[3]);
      double deviation = Math.sqrt(DRAWS * 2.0 / 9);
      assertEquals(DRAWS * 2.0 / 3, counts[1], DEVIATIONS * deviation);
    }
  }
}
