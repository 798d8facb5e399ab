package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.Outcomes;
import dev.natgrad.optimizer.Schedule;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.training.Trainer.StopReason;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** When training ends, what it leaves behind and which samples it shows, with scripted steps. */
class TrainerTest {
  private static final int SAMPLES = 10;
  private static final Trainer.Listener GO_ON = (outcome, history, seconds) -> true;
  private static final Mlp MODEL = Mlp.of(1, List.of(), Activation.TANH, 1);

  private final Workspace workspace = Workspace.create();
  private final Vec theta = Vec.allocate(workspace, MODEL.parameters(), Precision.F64);

  @AfterEach
  void free() {
    workspace.close();
  }

  private static StepOutcome accepted(int step) {
    return Outcomes.of(StepStatus.ACCEPTED, 100 - step, 99 - step, 0.1);
  }

  /** x = i, y = target of sample i. */
  private Samples samples(double target) {
    Mat x = Mat.allocate(workspace, SAMPLES, 1, Precision.F64);
    Mat y = Mat.allocate(workspace, SAMPLES, 1, Precision.F64);
    for (int i = 0; i < SAMPLES; i++) {
      x.set(i, 0, i);
      y.set(i, 0, Double.isNaN(target) ? 10 * i : target * (i + 1));
    }
    return new Samples(x, y);
  }

  private static TrainingOptions options(
      int batch, long steps, double seconds, int every, int patience) {
    return new TrainingOptions(batch, steps, seconds, every, patience, 3);
  }

  private Trainer trainer(Samples validation, TrainingOptions options) {
    Evaluator evaluator = new Evaluator(workspace, MODEL, new Gaussian(1), Precision.F64);
    return new Trainer(
        workspace, evaluator, MODEL.parameters(), samples(Double.NaN), validation, options);
  }

  private Scripted script(IntFunction<StepOutcome> outcomes) {
    return new Scripted(theta, outcomes);
  }

  private TrainingRun run(
      Samples validation, TrainingOptions options, IntFunction<StepOutcome> outcomes) {
    return trainer(validation, options).train(script(outcomes), GO_ON);
  }

  @Test
  void stopsAtTheStepLimit() {
    TrainingRun run = run(null, options(99, 7, 60, 3, 1), TrainerTest::accepted);
    assertEquals(StopReason.STEP_LIMIT, run.stopReason());
    assertEquals(7, run.steps());
    assertEquals(7, run.bestStep());
    assertArrayEquals(new double[] {7, 7}, theta.toArray());
    long[] at = run.history().points().stream().mapToLong(p -> p.step()).toArray();
    assertArrayEquals(new long[] {0, 3, 6, 7}, at);
    assertEquals(7, run.history().steps().size());
    assertEquals(7, run.history().accepted());
  }

  /** A degraded step moved the parameters as any other; a refused one did not. */
  @Test
  void stepsThatMovedTheParametersCountAsAccepted() {
    StepStatus[] all = StepStatus.values();
    TrainingRun run =
        run(null, options(99, 4, 60, 9, 9), k -> Outcomes.of(all[k - 1], 100 - k, 99 - k, 0.1));
    assertEquals(StepStatus.DEGRADED, run.history().steps().get(2).status());
    assertEquals(StepStatus.REJECTED_KL, run.history().steps().get(3).status());
    assertEquals(3, run.history().accepted());
    assertEquals(1, run.history().rejected());
  }

  /** Whatever the first run took, the times of the second begin at 0. */
  @Test
  void aSecondRunLeavesItsTimedCheckpointsToo() {
    int[] attempts = {0};
    Checkpointing everyStep =
        new Checkpointing(
            new CheckpointFile(Path.of("absent", "checkpoint")),
            Map.of(),
            0,
            1e-3,
            failure -> attempts[0]++);
    Trainer trainer = trainer(null, options(99, 4, 60, 9, 9));
    trainer.setCheckpointing(everyStep);
    long[] pause = {200};
    IntFunction<StepOutcome> slow =
        k -> {
          LockSupport.parkNanos(pause[0] * 1_000_000);
          return accepted(k);
        };
    trainer.train(script(slow), GO_ON);
    assertEquals(4, attempts[0]);
    pause[0] = 5;
    trainer.train(script(slow), GO_ON);
    assertEquals(8, attempts[0]);
  }

  @Test
  void stopsAtTheTimeLimit() {
    long start = System.nanoTime();
    TrainingRun run =
        run(null, options(99, Long.MAX_VALUE, 0.05, 1_000_000, 1), TrainerTest::accepted);
    double seconds = (System.nanoTime() - start) * 1e-9;
    assertEquals(StopReason.TIME_LIMIT, run.stopReason());
    assertTrue(run.seconds() >= 0.05 && run.seconds() <= seconds, run::toString);
    assertEquals(
        StopReason.TIME_LIMIT,
        run(null, options(99, 9, 0, 1, 1), TrainerTest::accepted).stopReason());
  }

  @Test
  void stopsEarlyAndRestoresTheBest() {
    // θ = (k, k) predicts k(x + 1): 3(x + 1) is met exactly by step 3.
    TrainingRun run = run(samples(3), options(99, 100, 60, 1, 4), TrainerTest::accepted);
    assertEquals(StopReason.EARLY_STOPPING, run.stopReason());
    assertEquals(3, run.bestStep());
    assertEquals(7, run.steps());
    assertArrayEquals(new double[] {3, 3}, theta.toArray());
  }

  @Test
  void keepsTheParametersWhereNoEvaluationIsFinite() {
    Samples validation = samples(3);
    validation.x().set(0, 0, Double.NaN);
    TrainingRun run = run(validation, options(99, 5, 60, 1, 9), TrainerTest::accepted);
    assertEquals(5, run.bestStep());
    assertArrayEquals(new double[] {5, 5}, theta.toArray());
  }

  @Test
  void stopsWhereNothingIsGained() {
    for (StepStatus status : List.of(StepStatus.REJECTED_KL, StepStatus.BELOW_RESOLUTION)) {
      TrainingRun run =
          run(
              null,
              options(99, 100, 60, 9, 9),
              k ->
                  k == 5
                      ? Outcomes.of(StepStatus.ACCEPTED, 1, 0.5, 0.1)
                      : Outcomes.of(status, k < 5 ? 1 : 0.5, k < 5 ? 1 : 0.5, Double.NaN));
      assertEquals(StopReason.BELOW_RESOLUTION, run.stopReason());
      assertEquals(5 + Trainer.STALLED_STEPS, run.steps());
      assertEquals(1, run.history().accepted());
      assertEquals(4 + Trainer.STALLED_STEPS, run.history().rejected());
      assertEquals(4 + Trainer.STALLED_STEPS, run.history().count(status));
    }
  }

  /** No length lowers the loss: that is an end; it is none where lengths could not be measured. */
  @Test
  void onlyRefusalsByTheObjectiveAreConvergence() {
    for (int unmeasured : new int[] {0, 1, Trainer.STALLED_STEPS}) {
      IntFunction<StepOutcome> refused =
          k ->
              Outcomes.of(
                  k <= unmeasured ? StepStatus.REJECTED_KL : StepStatus.REJECTED_OBJECTIVE,
                  1,
                  1,
                  Double.NaN);
      StopReason reason = run(null, options(10, 100, 60, 9, 9), refused).stopReason();
      assertEquals(unmeasured == 0 ? StopReason.CONVERGED : StopReason.BELOW_RESOLUTION, reason);
    }
  }

  /**
   * Steps that may raise the objective by a rounding went on for ever on iris, in a circle of two.
   */
  @Test
  void aCircleOfRoundingsIsNoGain() {
    double low = 0.0445766688;
    double high = 0.0445769645;
    IntFunction<StepOutcome> circle =
        k ->
            k % 2 == 0
                ? Outcomes.of(StepStatus.ACCEPTED, low, high, 0)
                : Outcomes.of(StepStatus.ACCEPTED, high, low, 0);
    TrainingRun whole = run(null, options(10, 100, 60, 9, 9), circle);
    assertEquals(StopReason.CONVERGED, whole.stopReason());
    assertEquals(1 + Trainer.STALLED_STEPS, whole.steps());
    // Of batches that differ, each has an objective of its own.
    assertEquals(StopReason.STEP_LIMIT, run(null, options(9, 99, 60, 9, 9), circle).stopReason());
  }

  @Test
  void aZeroGradientEndsTrainingOnTheWholeSetOnly() {
    IntFunction<StepOutcome> zero = k -> Outcomes.of(StepStatus.ZERO_GRADIENT, 1, 1, Double.NaN);
    TrainingRun whole = run(null, options(10, 100, 60, 9, 9), zero);
    assertEquals(StopReason.CONVERGED, whole.stopReason());
    assertEquals(1, whole.steps());
  }

  /** Batches of rows without weight tell nothing of the others, however many come in a row. */
  @Test
  void partsWithoutAGradientDoNotEndTraining() {
    IntFunction<StepOutcome> zero = k -> Outcomes.of(StepStatus.ZERO_GRADIENT, 1, 1, Double.NaN);
    TrainingRun parts = run(null, options(9, 100, 60, 9, 9), zero);
    assertEquals(StopReason.STEP_LIMIT, parts.stopReason());
    assertEquals(100, parts.steps());
    IntFunction<StepOutcome> stuck =
        k -> k % 2 == 0 ? zero.apply(k) : Outcomes.of(StepStatus.REJECTED_KL, 1, 1, Double.NaN);
    TrainingRun half = run(null, options(9, 100, 60, 9, 9), stuck);
    assertEquals(StopReason.BELOW_RESOLUTION, half.stopReason());
    assertEquals(2 * Trainer.STALLED_STEPS - 1, half.steps());
  }

  @Test
  void stopsWhereTheObjectiveIsNotFinite() {
    TrainingRun run =
        run(
            null,
            options(99, 100, 60, 9, 9),
            k -> k < 4 ? accepted(k) : Outcomes.of(StepStatus.NON_FINITE, Double.NaN, 0, 0));
    assertEquals(StopReason.DIVERGED, run.stopReason());
    assertEquals(4, run.steps());
  }

  @Test
  void stopsWhenTold() {
    TrainingRun run =
        trainer(null, options(99, 100, 60, 9, 9))
            .train(
                script(TrainerTest::accepted),
                (outcome, history, seconds) -> history.steps().size() < 6);
    assertEquals(StopReason.STOPPED, run.stopReason());
    assertEquals(6, run.steps());
  }

  private Scripted shown(int batch, long seed, int steps) {
    TrainingOptions options = new TrainingOptions(batch, steps, 60, 1000, 9, seed);
    Scripted optimizer = script(TrainerTest::accepted);
    trainer(null, options).train(optimizer, GO_ON);
    return optimizer;
  }

  @Test
  void everyEpochShowsEverySampleOnce() {
    Scripted optimizer = shown(5, 1, 8);
    double[] all = new double[SAMPLES];
    Arrays.setAll(all, i -> i);
    double[] previous = new double[0];
    for (int step = 0; step < 8; step += 2) {
      double[] epoch = Arrays.copyOf(optimizer.batches.get(step), SAMPLES);
      System.arraycopy(optimizer.batches.get(step + 1), 0, epoch, 5, 5);
      assertFalse(Arrays.equals(previous, epoch), "the epochs are shuffled alike");
      previous = epoch.clone();
      Arrays.sort(epoch);
      assertArrayEquals(all, epoch);
    }
  }

  @Test
  void targetsStayWithTheirInputs() {
    Scripted optimizer = shown(3, 1, 9);
    for (int step = 0; step < 9; step++) {
      for (int i = 0; i < 3; i++) {
        assertEquals(10 * optimizer.batches.get(step)[i], optimizer.targets.get(step)[i]);
      }
    }
    for (int step = 0; step < 9; step += 3) {
      double[] epoch = new double[9];
      for (int b = 0; b < 3; b++) {
        System.arraycopy(optimizer.batches.get(step + b), 0, epoch, 3 * b, 3);
      }
      assertEquals(9, Arrays.stream(epoch).distinct().count(), "the rest of an epoch is left out");
    }
  }

  @Test
  void theOrderDependsOnTheSeedAlone() {
    List<double[]> one = shown(5, 1, 6).batches;
    List<double[]> again = shown(5, 1, 6).batches;
    List<double[]> other = shown(5, 2, 6).batches;
    for (int step = 0; step < 6; step++) {
      assertArrayEquals(one.get(step), again.get(step));
    }
    assertFalse(Arrays.deepEquals(one.toArray(), other.toArray()));
  }

  @Test
  void bytesAreExact() {
    Samples training = samples(1);
    Evaluator evaluator = new Evaluator(workspace, MODEL, new Gaussian(1), Precision.F64);
    for (int batch : new int[] {1, 3, 9, 10, 11}) {
      long before = workspace.bytesUsed();
      new Trainer(workspace, evaluator, 2, training, null, options(batch, 1, 1, 1, 1));
      assertEquals(Trainer.bytes(2, training, batch), workspace.bytesUsed() - before);
    }
  }

  @Test
  void anEmptySetIsRefused() {
    Samples none = new Samples(samples(1).x().top(0), samples(1).y().top(0));
    Evaluator evaluator = new Evaluator(workspace, MODEL, new Gaussian(1), Precision.F64);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Trainer(workspace, evaluator, 2, none, null, options(1, 1, 1, 1, 1)));
    assertThrows(IllegalArgumentException.class, () -> evaluator.evaluate(theta, none));
    assertThrows(
        IllegalArgumentException.class, () -> new Samples(samples(1).x(), samples(1).y().top(3)));
  }

  @Test
  void anOptimizerThatDoesNotFitIsNamed() {
    Trainer trainer = trainer(null, options(99, 1, 60, 1, 1));
    trainer.setLearningRate(Schedule.constant(0.1));
    assertRefused("optimizer is scripted, which has no learning rate", trainer, theta);
    Vec longer = Vec.allocate(workspace, MODEL.parameters() + 1, Precision.F64);
    assertRefused("optimizer has 3 parameters; the trainer was built for 2", trainer, longer);
  }

  private static void assertRefused(String part, Trainer trainer, Vec theta) {
    Scripted optimizer = new Scripted(theta, TrainerTest::accepted);
    for (Executable call :
        List.<Executable>of(
            () -> trainer.train(optimizer, GO_ON), () -> trainer.resume(optimizer, GO_ON))) {
      String message = assertThrows(IllegalArgumentException.class, call).getMessage();
      assertTrue(message.contains(part), message);
    }
  }

  /** Names with a slash could be those of what the trainer keeps. */
  @Test
  void namesOfPartsHaveNoSlashAndDiffer() {
    Checkpointing checkpointing =
        new Checkpointing(
            new CheckpointFile(Path.of("absent", "checkpoint")), Map.of(), 1, 1, failure -> {});
    for (String name : List.of("trainer", "optimizer", "trainer/batches")) {
      assertThrows(
          IllegalArgumentException.class, () -> checkpointing.with(name, state -> {}), name);
    }
  }

  @Test
  void historyCountsViolations() {
    TrainingHistory history = new TrainingHistory();
    history.add(Outcomes.of(StepStatus.ACCEPTED, 2, 1, 0.2), 1);
    history.add(Outcomes.of(StepStatus.SHORTENED, 2, 1, 0.6), 2);
    history.add(Outcomes.of(StepStatus.REJECTED_KL, 2, 2, 0.9), 3);
    assertEquals(1, history.klViolations());
    assertEquals(0.6, history.largestKl());
    assertEquals(0.5, history.largestEpsilon());
    assertEquals(2, history.accepted());
    assertEquals(1, history.rejected());
    TrainingHistory.Step step = history.steps().get(2);
    assertEquals(3, step.step());
    assertEquals(3, step.seconds());
    assertEquals(StepStatus.REJECTED_KL, step.status());
    assertEquals(0.9, step.kl());
    assertEquals(0.5, step.epsilon());
    assertEquals(2, step.lambda());
    assertEquals(3, step.cgIterations());
    assertThrows(UnsupportedOperationException.class, () -> history.steps().clear());
  }
}
