package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Outcomes;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.training.Trainer.StopReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on all samples, with an objective that is told something new before every step. */
class ToldTrainingTest {
  private static final int ROWS = 64;
  private static final int STEPS = 40;
  private static final Precision P = Precision.F64;
  private static final Mlp MODEL = Mlp.of(3, List.of(4), Activation.TANH, 3);

  @TempDir Path folder;

  /** A policy whose old one is, before every step, the current one. */
  private static final class Run implements AutoCloseable {
    final Workspace workspace = Workspace.create();
    final NaturalGradient optimizer;
    final Samples samples;
    final Trainer trainer;
    final List<String> course = new ArrayList<>();
    private final PolicySurrogate surrogate;
    private final Linearization policy = MODEL.linearize(workspace, ROWS, P);
    private final Mat z = Mat.allocate(workspace, ROWS, 3, P);
    private final Vec advantages = Vec.allocate(workspace, ROWS, P);

    Run(int steps) {
      Categorical distribution = new Categorical(3);
      surrogate = new PolicySurrogate(workspace, distribution, ROWS, P);
      Problem problem = new Problem(MODEL, distribution, surrogate, ROWS, P, 0);
      optimizer = new NaturalGradient(workspace, problem, NaturalGradientOptions.within(0.01));
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      samples =
          new Samples(Mat.allocate(workspace, ROWS, 3, P), Mat.allocate(workspace, ROWS, 3, P));
      Random random = new Random(1);
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < 3; j++) {
          samples.x().set(i, j, random.nextGaussian());
        }
        int action = random.nextInt(3);
        samples.y().set(i, action, 1);
        advantages.set(i, samples.x().get(i, 0) > 0 == (action == 0) ? 1 : -1);
      }
      Evaluator evaluator = new Evaluator(workspace, MODEL, distribution, P);
      TrainingOptions options = new TrainingOptions(ROWS, steps, 1e9, 1000, 5, 1);
      trainer = new Trainer(workspace, evaluator, MODEL.parameters(), samples, null, options);
      trainer.setBatchListener(batches -> tell());
    }

    void tell() {
      policy.evaluate(optimizer.parameters(), samples.x(), z);
      surrogate.setBatch(advantages, z, samples.y());
    }

    Trainer.Listener noting() {
      return (outcome, history, seconds) -> {
        course.add(outcome.toString());
        return true;
      };
    }

    @Override
    public void close() {
      workspace.close();
    }
  }

  @Test
  void stepsAreThoseMadeByHand() {
    try (Run byHand = new Run(STEPS);
        Run trained = new Run(STEPS)) {
      for (int k = 0; k < STEPS; k++) {
        byHand.tell();
        byHand.course.add(byHand.optimizer.step(byHand.samples.x(), byHand.samples.y()).toString());
      }
      TrainingRun run = trained.trainer.train(trained.optimizer, trained.noting());
      assertEquals(byHand.course, trained.course);
      assertEquals(StopReason.STEP_LIMIT, run.stopReason());
      assertEquals(0, run.history().rejected());
      assertArrayEquals(
          byHand.optimizer.parameters().toArray(), trained.optimizer.parameters().toArray());
    }
  }

  @Test
  void aResumedRunHasTheBitsOfOneThatNeverStopped() {
    try (Run whole = new Run(STEPS)) {
      whole.trainer.train(whole.optimizer, whole.noting());
      for (int k : new int[] {1, 2, 17, STEPS - 1}) {
        Path file = folder.resolve("stopped-" + k);
        try (Run first = new Run(k);
            Run rest = new Run(STEPS)) {
          first.trainer.setCheckpointing(SmallRun.into(file, 0));
          first.trainer.train(first.optimizer, first.noting());
          SmallRun.into(file, 0).restore(rest.trainer, rest.optimizer);
          rest.trainer.resume(rest.optimizer, rest.noting());
          first.course.addAll(rest.course);
          assertEquals(whole.course, first.course, "stopped after " + k);
          assertArrayEquals(
              whole.optimizer.parameters().toArray(), rest.optimizer.parameters().toArray());
        }
      }
    }
  }

  /** What was lowest of another function is no reason to call a fall no gain. */
  @Test
  void theLowestIsThatOfTheSameFunction() {
    Stalling told = new Stalling(P.unitRoundoff());
    Stalling same = new Stalling(P.unitRoundoff());
    for (int k = 0; k < 2 * Trainer.STALLED_STEPS; k++) {
      told.add(Outcomes.of(StepStatus.ACCEPTED, 1, 0.5, 0), true);
      same.add(Outcomes.of(StepStatus.ACCEPTED, k == 0 ? 1 : 0.5, 0.5, 0), true);
      assertEquals(0, told.steps());
      assertEquals(k, same.steps());
    }
  }
}
