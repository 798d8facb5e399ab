package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The running mean of parameters. */
class IterateAverageTest {
  /** The same recurrence in double: each step rounds a sum of two products, weights within 1. */
  @ParameterizedTest
  @CsvSource({"F32,1,1", "F64,1,3", "F32,0.9,1", "F64,0.5,4"})
  void isTheMeanOfTheLastOrOfAll(Precision precision, double decay, long from) {
    try (Workspace workspace = Workspace.create()) {
      long before = workspace.bytesUsed();
      IterateAverage average = new IterateAverage(workspace, 5, precision, decay, from);
      assertEquals(IterateAverage.bytes(5, precision), workspace.bytesUsed() - before);
      Vec theta = Vec.allocate(workspace, 5, precision);
      double[] expected = new double[5];
      long counted = 0;
      for (int step = 1; step <= 40; step++) {
        for (int i = 0; i < 5; i++) {
          theta.set(i, Math.sin(step + 7 * i));
        }
        average.add(theta, step);
        if (step >= from) {
          counted++;
          double weight = Math.max(1.0 / counted, 1 - decay);
          for (int i = 0; i < 5; i++) {
            expected[i] += weight * (theta.get(i) - expected[i]);
          }
        }
        assertEquals(counted, average.count());
        for (int i = 0; i < 5 && counted > 0; i++) {
          double bound = 4 * counted * precision.unitRoundoff();
          assertEquals(expected[i], average.value().get(i), bound);
        }
      }
      if (decay == 1 && from == 1) {
        double sum = 0;
        for (int step = 1; step <= 40; step++) {
          sum += (float) Math.sin(step);
        }
        assertEquals(sum / 40, average.value().get(0), 160 * precision.unitRoundoff());
      }
      average.clear();
      assertEquals(0, average.count());
      theta.set(0, 3);
      average.add(theta, from);
      assertEquals(3, average.value().get(0), "the first one after is the mean");
    }
  }

  @Test
  void rangesAreChecked() {
    try (Workspace workspace = Workspace.create()) {
      for (double decay : new double[] {0, -1, 1.1, Double.NaN}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new IterateAverage(workspace, 5, Precision.F64, decay, 1));
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> new IterateAverage(workspace, 5, Precision.F64, 1, 0));
    }
  }
}
