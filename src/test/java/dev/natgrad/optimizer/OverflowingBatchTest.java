package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.training.Checkpoint;
import dev.natgrad.training.CheckpointFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One batch whose second moments overflow, in f32, is forgotten by the factors kept from steps. */
class OverflowingBatchTest {
  private static final int STEPS = 24;

  /** So wide that the rounding bound of the batch's outputs leaves a step. */
  private static final NaturalGradientOptions OPTIONS = NaturalGradientOptions.within(1e60);

  private static final Solve KRONECKER = new Solve.Kronecker(1, false, 1e-3, 3);
  private static final Solve EIGEN = new Solve.EigenKronecker(1e-3, 3);

  private final Trial trial =
      new Trial(
          3, NaiveLikelihood.CATEGORICAL, Precision.F32, 4, new int[] {6}, Activation.TANH, 20);

  /** What passes cost, by a clock that nothing else moves. */
  private long now;

  private long backwardNanos = 100;
  private int backward;

  private void pass(String name) {
    backward += name.equals("backward") ? 1 : 0;
    now += name.equals("backward") ? backwardNanos : 100;
  }

  private static Stream<Solve> solves() {
    return Stream.of(KRONECKER, new Solve.Kronecker(1, true, 1e-3, 3), EIGEN);
  }

  /** Everything that one test steps with. */
  private final class Run implements AutoCloseable {
    final Workspace workspace = Workspace.create();
    final NaturalGradient optimizer;
    final Mat good;
    final Mat bad;
    final Mat y;

    Run(Trial of, Solve solve) {
      Problem problem =
          new Problem(
              new HookedLayers(of.model, OverflowingBatchTest.this::pass),
              of.distribution(),
              of.x.length,
              of.precision,
              0);
      optimizer = new NaturalGradient(workspace, problem, OPTIONS.withSolve(solve), () -> now);
      optimizer.parameters().copyFrom(of.theta, 0);
      good = of.mat(workspace, of.x);
      bad = of.mat(workspace, of.x);
      bad.set(2, 1, 1e20);
      y = of.mat(workspace, of.y);
    }

    StepOutcome step(Mat x) {
      return optimizer.step(x, y);
    }

    StepOutcome step(Mat x, long nanos) {
      return optimizer.step(x, y, StepBudget.ofNanos(nanos));
    }

    @Override
    public void close() {
      workspace.close();
    }
  }

  @ParameterizedTest
  @MethodSource("solves")
  void theSolverGoesBackToItsFactors(Solve solve) {
    for (int bad = 1; bad <= 9; bad++) {
      try (Run run = new Run(trial, solve)) {
        int scaled = 0;
        for (int step = 1; step <= STEPS; step++) {
          StepOutcome outcome = run.step(step == bad ? run.bad : run.good);
          assertTrue(Double.isFinite(outcome.gradientNorm()), outcome::toString);
          boolean own = outcome.source() != DirectionSource.SCALED_GRADIENT;
          scaled += own ? 0 : 1;
          assertTrue(own || step < bad + 8, () -> solve + ": " + outcome);
        }
        assertEquals(1, scaled, "steps without factors after the batch at " + bad);
      }
    }
  }

  /** The factors that failed are in the checkpoint, and so is how far the renewal had come. */
  @ParameterizedTest
  @MethodSource("solves")
  void soDoesOneThatIsResumed(Solve solve, @TempDir Path folder) {
    Path file = folder.resolve("checkpoint");
    try (Run run = new Run(trial, solve);
        Run resumed = new Run(trial, solve)) {
      run.step(run.good);
      run.step(run.bad);
      new CheckpointFile(file).write(Map.of(), Map.of("optimizer", run.optimizer));
      try (Checkpoint checkpoint = Checkpoint.open(file)) {
        checkpoint.restore(Map.of(), Map.of("optimizer", resumed.optimizer));
      }
      for (int step = 0; step < 3; step++) {
        StepOutcome outcome = resumed.step(resumed.good);
        assertTrue(outcome.source() != DirectionSource.SCALED_GRADIENT, outcome::toString);
      }
    }
  }

  /** Its curvature is infinite as well where the outputs move: no damping follows from that. */
  @ParameterizedTest
  @MethodSource("solves")
  void aScaleThatOverflowsIsNoError(Solve solve) {
    Trial linear =
        new Trial(3, NaiveLikelihood.CATEGORICAL, Precision.F32, 4, new int[0], null, 20);
    for (int bad = 1; bad <= 16; bad++) {
      try (Run run = new Run(linear, solve)) {
        for (int step = 1; step <= STEPS; step++) {
          // From 0 the outputs of the batch are 0, and so is their rounding bound.
          Blas.fill(0, run.optimizer.parameters());
          StepOutcome outcome = run.step(step == bad ? run.bad : run.good);
          assertTrue(Double.isFinite(outcome.gradientNorm()), outcome::toString);
          boolean own = outcome.source() != DirectionSource.SCALED_GRADIENT;
          assertTrue(own || step < bad + 8, () -> solve + ": " + outcome);
        }
      }
    }
  }

  /** Without time to learn there is nothing to use, though an older inverse was complete. */
  @Test
  void withoutTimeToLearnTheScaledGradientStands() {
    for (Solve solve : List.of(KRONECKER, EIGEN)) {
      try (Run run = new Run(trial, solve)) {
        backwardNanos = 1_000_000_000;
        assertTrue(run.step(run.good).source() != DirectionSource.SCALED_GRADIENT);
        assertEquals(DirectionSource.SCALED_GRADIENT, run.step(run.bad).source());
        for (int step = 0; step < 3; step++) {
          StepOutcome outcome = run.step(run.good, 100_000);
          assertEquals(DirectionSource.SCALED_GRADIENT, outcome.source(), outcome::toString);
        }
        assertTrue(run.step(run.good).source() != DirectionSource.SCALED_GRADIENT);
      }
    }
  }

  /** Some layers are in the new basis then, and the factors must not change before the others. */
  @Test
  void nothingIsLearntWhileARenewalWaitsForTime() {
    for (Solve solve : List.of(KRONECKER, EIGEN)) {
      try (Run run = new Run(trial, solve)) {
        backwardNanos = 100;
        run.step(run.good);
        // Due at step 2: learning takes all the time there is.
        backwardNanos = 1_000_000;
        assertEquals(StepStatus.BUDGET_SPENT, run.step(run.good, 500_000).status());
        backwardNanos = 100;
        int before = backward;
        StepOutcome outcome = run.step(run.good);
        assertEquals(before, backward, "passes of learning");
        assertTrue(outcome.source() != DirectionSource.SCALED_GRADIENT, outcome::toString);
        run.step(run.good);
        assertTrue(backward > before, "the renewal is complete");
      }
    }
  }
}
