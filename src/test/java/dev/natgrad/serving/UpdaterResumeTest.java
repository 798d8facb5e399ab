package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.Checkpoint;
import dev.natgrad.training.CheckpointException;
import dev.natgrad.training.CheckpointFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A service stopped at any update and taken up again goes on with the bits it would have had. */
class UpdaterResumeTest {
  private static final int INPUTS = 4;
  private static final int CLASSES = 3;
  private static final int BATCH = 12;
  private static final int FRESH = 5;
  private static final int WINDOW = 30;
  private static final int UPDATES = 40;
  private static final Map<String, String> ABOUT = Map.of("model", "4-5-3");

  @TempDir Path folder;

  /** How the stream is learned from. */
  private record Setting(boolean weighted, double halfLife, DriftBudget drift) {}

  private static Stream<Setting> settings() {
    double none = Double.POSITIVE_INFINITY;
    return Stream.of(
        new Setting(false, none, new DriftBudget(0.02, KlOver.MEAN, 0, 9, WhenSpent.SHRINK)),
        new Setting(true, 8, new DriftBudget(0.03, KlOver.MAXIMUM, 11_000, 0, WhenSpent.SHRINK)),
        new Setting(true, none, new DriftBudget(0.1, KlOver.MEAN, 7_000, 0, WhenSpent.STOP)));
  }

  /** One service, with a clock that starts anywhere and moves by the updates alone. */
  private static final class Service implements AutoCloseable {
    private final Workspace workspace = Workspace.create();
    private final Setting setting;
    private final SampleQueue queue;
    private final NaturalGradient optimizer;
    private final DriftControl drift;
    private final Updater updater;
    private long now;

    Service(Setting setting, long now) {
      this.setting = setting;
      this.now = now;
      Mlp model = Mlp.of(INPUTS, List.of(5), Activation.TANH, CLASSES);
      Categorical plain = new Categorical(CLASSES);
      Problem problem =
          new Problem(
              model,
              setting.weighted ? new Weighted(workspace, plain, BATCH, Precision.F32) : plain,
              BATCH,
              Precision.F32,
              0);
      queue =
          setting.weighted
              ? SampleQueue.weighted(INPUTS, CLASSES, Precision.F32, 64)
              : new SampleQueue(INPUTS, CLASSES, Precision.F32, 64);
      optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.automatic().withSeed(3));
      Initialization.AUTO.fill(model, 2, optimizer.parameters());
      Mat reference = Mat.allocate(workspace, 7, INPUTS, Precision.F32);
      Random random = new Random(4);
      for (int i = 0; i < 7; i++) {
        for (int j = 0; j < INPUTS; j++) {
          reference.set(i, j, random.nextGaussian());
        }
      }
      SnapshotStore store = new SnapshotStore(workspace, model.parameters(), Precision.F32, 1, 1);
      drift = new DriftControl(workspace, problem, reference, setting.drift, () -> this.now);
      updater =
          new Updater(
                  workspace,
                  problem,
                  optimizer,
                  queue,
                  store,
                  UpdaterOptions.sliding(BATCH, FRESH, WINDOW).withHalfLife(setting.halfLife))
              .withDrift(drift)
              .withAudit(new SelfAudit(workspace, problem, 1), 3);
    }

    /** Makes the update of a number; what it left. */
    String update(int number) {
      now += 1_000;
      Random random = new Random(number);
      int rows = FRESH + number % 3;
      float[] x = new float[rows * INPUTS];
      float[] y = new float[rows * CLASSES];
      float[] weights = new float[rows];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < INPUTS; j++) {
          x[i * INPUTS + j] = (float) random.nextGaussian();
        }
        y[i * CLASSES + (x[i * INPUTS] > 0 ? 0 : 1 + random.nextInt(2))] = 1;
        weights[i] = i == 3 ? 0 : random.nextFloat() + 0.1f;
      }
      assertTrue(setting.weighted ? queue.offer(x, y, weights) : queue.offer(x, y));
      UpdateStatus status = updater.runOnce().status();
      while (queue.size() > 0 && updater.runOnce().status() != UpdateStatus.IDLE) {
        continue;
      }
      return status + " " + Double.doubleToRawLongBits(drift.spent());
    }

    Map<String, Stateful> parts() {
      return Map.of("updater", updater);
    }

    @Override
    public void close() {
      queue.close();
      workspace.close();
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void goesOnBitForBit(Setting setting) {
    List<String> outcomes = new ArrayList<>();
    List<double[]> parameters = new ArrayList<>();
    Path file = folder.resolve("checkpoint");
    CheckpointFile checkpoints = new CheckpointFile(file);
    Set<UpdateStatus> seen = EnumSet.noneOf(UpdateStatus.class);
    try (Service whole = new Service(setting, 17)) {
      for (int i = 0; i < UPDATES; i++) {
        outcomes.add(whole.update(i));
        seen.add(UpdateStatus.valueOf(outcomes.get(i).split(" ")[0]));
        parameters.add(whole.optimizer.parameters().toArray());
      }
    }
    assertTrue(seen.contains(UpdateStatus.UPDATED), seen::toString);
    assertTrue(seen.contains(UpdateStatus.BUDGET_SPENT), seen::toString);
    // Stopped again and again, and every time taken up by a new service with another clock.
    Random random = new Random(5);
    int next = 0;
    while (next < UPDATES) {
      try (Service service = new Service(setting, random.nextLong())) {
        if (next > 0) {
          try (Checkpoint checkpoint = checkpoints.open()) {
            checkpoint.restore(ABOUT, service.parts());
          }
        }
        for (int end = next + 1 + random.nextInt(6); next < Math.min(end, UPDATES); next++) {
          // What waits in the queue is not saved, so it must be empty to be comparable.
          assertEquals(outcomes.get(next), service.update(next), "update " + next);
          assertArrayEquals(parameters.get(next), service.optimizer.parameters().toArray());
        }
        checkpoints.write(ABOUT, service.parts());
      }
    }
  }

  @Test
  void anotherWindowIsAnotherRun() {
    Setting setting = settings().findFirst().orElseThrow();
    Path file = folder.resolve("checkpoint");
    try (Service service = new Service(setting, 0);
        Service other = new Service(new Setting(true, 8, setting.drift), 0)) {
      service.update(0);
      new CheckpointFile(file).write(ABOUT, service.parts());
      try (Checkpoint checkpoint = Checkpoint.open(file)) {
        CheckpointException e =
            assertThrows(CheckpointException.class, () -> checkpoint.restore(ABOUT, other.parts()));
        assertEquals(CheckpointException.Reason.OTHER_RUN, e.reason());
      }
    }
  }
}
