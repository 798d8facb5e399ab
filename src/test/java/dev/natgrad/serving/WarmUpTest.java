package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.objective.Objective;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {
  @ParameterizedTest
  @EnumSource
  void drivesEveryPathOnTwinsAndReportsWhatItReached(Precision precision) {
    try (Stream s = new Stream(precision, 0.01, 1)) {
      double[] before = s.optimizer.parameters().toArray();
      long bytes = s.workspace.bytesUsed();
      UpdaterOptions options = UpdaterOptions.sliding(16, 8, 32);
      NaturalGradientOptions natural = NaturalGradientOptions.within(0.01);
      WarmUpReport report =
          WarmUp.run(
              s.problem,
              (w, problem) -> new NaturalGradient(w, problem, natural),
              options,
              TimeUnit.MILLISECONDS.toNanos(300));
      assertTrue(report.rounds() >= 1);
      assertTrue(report.bestPredictionNanos() <= report.firstPredictionNanos());
      assertTrue(report.bestStepNanos() <= report.stepNanos());
      assertArrayEquals(before, s.optimizer.parameters().toArray());
      assertEquals(bytes, s.workspace.bytesUsed());
      assertEquals(0, s.store.version());
      WarmUpReport none =
          WarmUp.run(s.problem, (w, problem) -> new Adam(w, problem, 0.01), options, 0);
      assertEquals(1, none.rounds());
      assertFalse(none.settled());
      assertThrows(
          IllegalArgumentException.class,
          () -> WarmUp.run(s.problem, (w, p) -> new Adam(w, p, 0.01), options, -1));
    }
  }

  /** The user's own objective, and what it was told, are the service's. */
  @Test
  void anOwnObjectiveIsLeftAloneAndAPolicysIsRefused() {
    try (Stream s = new Stream(Precision.F64, 0.01, 1)) {
      Objective own =
          new Objective() {
            @Override
            public void check(Mat y) {
              throw new AssertionError("the service's objective was called");
            }

            @Override
            public double value(Mat z, Mat y) {
              throw new AssertionError("the service's objective was called");
            }

            @Override
            public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
              throw new AssertionError("the service's objective was called");
            }
          };
      UpdaterOptions options = UpdaterOptions.everySampleOnce(8);
      assertEquals(
          1, WarmUp.run(with(s, own), (w, p) -> new Adam(w, p, 0.01), options, 0).rounds());
      PolicySurrogate policy =
          new PolicySurrogate(s.workspace, s.problem.distribution(), 16, Precision.F64);
      assertThrows(
          IllegalArgumentException.class,
          () -> WarmUp.run(with(s, policy), (w, p) -> new Adam(w, p, 0.01), options, 0));
    }
  }

  private static Problem with(Stream s, Objective objective) {
    Problem p = s.problem;
    return new Problem(p.model(), p.distribution(), objective, 16, p.precision(), 0);
  }
}
