package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How many samples a step uses. */
class BatchScheduleTest {
  @Test
  void constantBatchesStayAsTheyAre() {
    BatchSchedule schedule = BatchSchedule.constant(128);
    for (long step : new long[] {0, 1, 1000, Long.MAX_VALUE}) {
      assertEquals(128, schedule.rows(step, 1000));
      assertEquals(100, schedule.rows(step, 100));
    }
    assertEquals(128, schedule.mostRows(1000));
    assertEquals(0, schedule.mostRows(128));
    assertEquals(0, schedule.mostRows(5));
  }

  @Test
  void growingBatchesAreThePowersAndThenAll() {
    BatchSchedule schedule = new BatchSchedule(100, 1.5);
    int[] expected = {100, 150, 225, 337, 506, 1000, 1000};
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], schedule.rows(step, 1000), "step " + step);
    }
    // Seven times 1.5 is more than any number of samples, at last infinitely more.
    assertEquals(1000, schedule.rows(100_000, 1000));
  }

  @Test
  void noBatchButAllIsLargerThanTheBuffer() {
    for (int samples : new int[] {1, 2, 3, 10, 333, 1000, 4001}) {
      for (int first : new int[] {1, 7, 300}) {
        for (double growth : new double[] {1, 1.02, 1.3, 3}) {
          BatchSchedule schedule = new BatchSchedule(first, growth);
          int before = 0;
          for (long step = 0; step < 300; step++) {
            int rows = schedule.rows(step, samples);
            assertTrue(rows >= Math.max(1, before) && rows <= samples);
            assertTrue(rows == samples || rows <= schedule.mostRows(samples));
            before = rows;
          }
        }
      }
    }
  }

  @Test
  void theShapeDecidesTheStandardSchedule() {
    assertEquals(BatchSchedule.constant(5000), BatchSchedule.standard(5000, 2, 20_000));
    BatchSchedule manyTargets = BatchSchedule.standard(5000, 784, 700_000);
    BatchSchedule fewTargets = BatchSchedule.standard(4000, 10, 235_000);
    assertTrue(manyTargets.growth() > 1 && manyTargets.growth() < fewTargets.growth());
    assertTrue(manyTargets.rows(0, 5000) < fewTargets.rows(0, 4000));
    assertEquals(5000, manyTargets.rows(1000, 5000));
  }

  @Test
  void rangesAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> new BatchSchedule(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchSchedule(1, 0.99));
    assertThrows(IllegalArgumentException.class, () -> new BatchSchedule(1, Double.NaN));
    assertThrows(
        IllegalArgumentException.class, () -> new BatchSchedule(1, Double.POSITIVE_INFINITY));
  }
}
