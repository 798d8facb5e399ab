package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.memory.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run that was stopped and taken up by new objects is the run that never stopped, to the bit. */
class ResumeTest {
  private static final int STEPS = 12;

  @TempDir Path folder;

  /** What a run leaves: the parameters, and each step and evaluation but for its time. */
  private record Left(double[] theta, List<Object> course) {
    static Left of(SmallRun run, TrainingRun result, List<double[]> path) {
      List<Object> course = new ArrayList<>();
      for (TrainingHistory.Step s : result.history().steps()) {
        course.add(
            List.of(s.step(), s.status(), s.kl(), s.epsilon(), s.lambda(), s.cgIterations()));
      }
      for (TrainingHistory.Point p : result.history().points()) {
        course.add(List.of(p.step(), p.training(), p.validation()));
      }
      course.add(List.of(result.steps(), result.bestStep(), run.trainer.keptAverage()));
      path.forEach(theta -> course.add(java.util.Arrays.hashCode(theta)));
      return new Left(run.theta(), course);
    }
  }

  /** Without a checkpoint to start from a run from the start. */
  private static Left run(
      SmallRun.Kind kind, Precision precision, int steps, Path from, Path to, List<double[]> path) {
    try (SmallRun run = new SmallRun(kind, precision, steps)) {
      if (to != null) {
        run.trainer.setCheckpointing(SmallRun.into(to, 0));
      }
      Trainer.Listener listener =
          (outcome, history, seconds) -> {
            path.add(run.theta());
            return true;
          };
      if (from == null) {
        return Left.of(run, run.trainer.train(run.optimizer, listener), path);
      }
      SmallRun.into(from, 0).restore(run.trainer, run.optimizer);
      return Left.of(run, run.trainer.resume(run.optimizer, listener), path);
    }
  }

  @ParameterizedTest
  @EnumSource
  void stoppedAfterAnyStep(SmallRun.Kind kind) {
    for (Precision precision : Precision.values()) {
      Left whole = run(kind, precision, STEPS, null, null, new ArrayList<>());
      // The ways do not depend on the precision, but for the type of the numbers in the file.
      for (int k = precision == Precision.F32 ? 1 : STEPS - 3; k < STEPS; k++) {
        Path file = folder.resolve(precision + "-" + k);
        List<double[]> path = new ArrayList<>();
        run(kind, precision, k, null, file, path);
        Left resumed = run(kind, precision, STEPS, file, null, path);
        assertArrayEquals(whole.theta, resumed.theta, "stopped after " + k);
        assertEquals(whole.course, resumed.course, "stopped after " + k);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void stoppedAfterEveryStep(SmallRun.Kind kind) {
    Left whole = run(kind, Precision.F32, STEPS, null, null, new ArrayList<>());
    Path file = folder.resolve("checkpoint");
    List<double[]> path = new ArrayList<>();
    Left last = run(kind, Precision.F32, 1, null, file, path);
    for (int k = 2; k <= STEPS; k++) {
      last = run(kind, Precision.F32, k, file, file, path);
    }
    assertArrayEquals(whole.theta, last.theta);
    assertEquals(whole.course, last.course);
  }

  @Test
  void whatAPartRefusesChangesNeitherTrainerNorOptimiser() {
    Path file = folder.resolve("refused");
    try (SmallRun run = new SmallRun(SmallRun.Kind.KRONECKER, Precision.F32, 3)) {
      Checkpointing into = SmallRun.into(file, 0);
      into.with("version", state -> state.whole("version", 1));
      run.trainer.setCheckpointing(into);
      run.trainer.train(run.optimizer, (outcome, history, seconds) -> true);
    }
    try (SmallRun run = new SmallRun(SmallRun.Kind.KRONECKER, Precision.F32, 3)) {
      Checkpointing from = SmallRun.into(file, 0);
      from.with(
          "version",
          state -> {
            if (state.whole("version", 2) != 2) {
              throw new IllegalArgumentException("its version is not 2");
            }
          });
      double[] before = run.theta();
      CheckpointException refused =
          assertThrows(CheckpointException.class, () -> from.restore(run.trainer, run.optimizer));
      assertEquals(CheckpointException.Reason.OTHER_RUN, refused.reason());
      assertArrayEquals(before, run.theta());
      assertEquals(0, run.trainer.steps());
    }
  }
}
