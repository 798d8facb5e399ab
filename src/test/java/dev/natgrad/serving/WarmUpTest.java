package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import java.util.concurrent.TimeUnit;
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
}
