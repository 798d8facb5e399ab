package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.serving.Counters.Counter;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** KL(reference‖now) is measured here from the parameters, beside the updater's own count. */
class DriftTest {
  private static final int ROWS = 20;

  private static Mat reference(Stream s) {
    Mat x = Mat.allocate(s.workspace, ROWS, Stream.INPUTS, s.problem.precision());
    float[] features = s.features(ROWS);
    for (int i = 0; i < ROWS; i++) {
      x.copyRowFrom(i, features, i * Stream.INPUTS);
    }
    return x;
  }

  private static double kl(Stream s, Mat x, double[] from, Vec to) {
    var linearization = s.problem.model().linearize(s.workspace, ROWS, x.precision());
    Vec theta = Vec.allocate(s.workspace, from.length, x.precision());
    theta.copyFrom(from, 0);
    Mat old = Mat.allocate(s.workspace, ROWS, Stream.CLASSES, x.precision());
    Mat now = Mat.allocate(s.workspace, ROWS, Stream.CLASSES, x.precision());
    linearization.evaluate(theta, x, old);
    linearization.evaluate(to, x, now);
    return s.problem.distribution().kl(old, now, KlOver.MEAN);
  }

  private static Updater updater(Stream s, DriftControl drift) {
    UpdaterOptions options = UpdaterOptions.sliding(16, 8, 64);
    return new Updater(s.workspace, s.problem, s.optimizer, s.queue, s.store, options)
        .withDrift(drift);
  }

  @ParameterizedTest
  @CsvSource({"F32,SHRINK", "F64,SHRINK", "F32,STOP", "F64,STOP"})
  void theDriftNeverExceedsTheBudgetAndTheUpdaterSaysWhenItIsSpent(
      Precision precision, WhenSpent whenSpent) {
    for (long seed = 0; seed < 6; seed++) {
      try (Stream s = new Stream(precision, 0.02, seed)) {
        Mat x = reference(s);
        double budget = 0.05;
        double[] start = s.optimizer.parameters().toArray();
        DriftControl drift = Drift.control(s, x, budget, whenSpent);
        Updater updater = updater(s, drift);
        UpdateStatus status = UpdateStatus.IDLE;
        int after = 0;
        for (int i = 0; i < 300 && after < 3; i++) {
          s.offer(8);
          double[] before = s.optimizer.parameters().toArray();
          status = updater.runOnce().status();
          if (status == UpdateStatus.BUDGET_SPENT) {
            assertArrayEquals(before, s.optimizer.parameters().toArray());
            after++;
          }
          assertTrue(drift.spent() <= budget);
          assertTrue(kl(s, x, start, s.optimizer.parameters()) <= budget, "seed " + seed);
        }
        assertEquals(UpdateStatus.BUDGET_SPENT, status);
        assertTrue(updater.counters().get(Counter.ACCEPTED) > 0);
        assertTrue(updater.counters().get(Counter.BUDGET_SPENT) >= 3);
        if (whenSpent == WhenSpent.SHRINK) {
          assertTrue(drift.spent() > budget / 2, () -> "stopped at " + drift.spent());
        }
        updater.setReference();
        assertEquals(0, drift.spent());
        s.offer(8);
        assertEquals(UpdateStatus.UPDATED, updater.runOnce().status());
      }
    }
  }

  @Test
  void aWindowEndsByTheClockOrAfterItsSteps() {
    long[] now = {1_000_000};
    LongSupplier clock = () -> now[0];
    for (boolean byTime : new boolean[] {true, false}) {
      try (Stream s = new Stream(Precision.F64, 0.01, 3)) {
        Mat x = reference(s);
        DriftBudget budget =
            new DriftBudget(1, KlOver.MAXIMUM, byTime ? 500 : 0, byTime ? 0 : 4, WhenSpent.STOP);
        DriftControl drift = new DriftControl(s.workspace, s.problem, x, budget, clock);
        Updater updater = updater(s, drift);
        double[] anchor = s.optimizer.parameters().toArray();
        double spent = 0;
        int updates = 0;
        for (int i = 0; i < 12; i++) {
          now[0] += 124;
          if (updates % 4 == 0) {
            anchor = s.optimizer.parameters().toArray();
          }
          s.offer(8);
          assertEquals(UpdateStatus.UPDATED, updater.runOnce().status());
          updates++;
          double maximum = drift.spent();
          double mean = kl(s, x, anchor, s.optimizer.parameters());
          assertTrue(mean <= maximum && maximum <= ROWS * mean * (1 + 1e-6) + 1e-9);
          spent = drift.spent();
          if (byTime && updates % 4 == 0) {
            now[0] += 4;
          }
        }
        assertTrue(spent > 0);
      }
    }
  }

  @Test
  void illegalBudgetsAndBatchesAreRefused() {
    for (double nats : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new DriftBudget(nats, KlOver.MEAN, 0, 0, WhenSpent.STOP));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new DriftBudget(1, KlOver.MEAN, -1, 0, WhenSpent.STOP));
    assertThrows(
        IllegalArgumentException.class,
        () -> new DriftBudget(1, KlOver.MEAN, 0, -1, WhenSpent.STOP));
    try (Stream s = new Stream(Precision.F32, 0.01, 1)) {
      Mat empty = Mat.allocate(s.workspace, 0, Stream.INPUTS, Precision.F32);
      Mat narrow = Mat.allocate(s.workspace, 2, Stream.INPUTS - 1, Precision.F32);
      Mat wide = Mat.allocate(s.workspace, 2, Stream.INPUTS, Precision.F64);
      for (Mat x : new Mat[] {empty, narrow, wide}) {
        assertThrows(IllegalArgumentException.class, () -> Drift.control(s, x, 1, WhenSpent.STOP));
      }
    }
  }
}
