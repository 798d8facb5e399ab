package dev.natgrad.training;

import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.state.Stateful;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Where and how often a training run leaves checkpoints, and how it takes one up. A checkpoint that
 * cannot be written does not stop the run.
 *
 * <p>Thread rule: the thread of the run.
 */
public final class Checkpointing {
  static final Checkpointing NONE = new Checkpointing();

  /** Null for none. */
  private final CheckpointFile file;

  private final Map<String, String> about;
  private final long everySteps;
  private final double everySeconds;
  private final Consumer<CheckpointException> failures;
  private double lastSeconds;

  private Checkpointing() {
    this.file = null;
    this.about = Map.of();
    this.everySteps = 0;
    this.everySeconds = Double.POSITIVE_INFINITY;
    this.failures = failure -> {};
  }

  /**
   * Says where and how often; a run that ends always leaves one, unless it diverged.
   *
   * @param file where to
   * @param about what the run is of: whatever must be equal for a checkpoint to be of use
   * @param everySteps steps from one to the next, or 0 to go by the time alone
   * @param everySeconds seconds from one to the next, &gt; 0; infinite to go by the steps alone
   * @param failures told of each that could not be written
   * @throws IllegalArgumentException if a number is out of range
   */
  public Checkpointing(
      CheckpointFile file,
      Map<String, String> about,
      long everySteps,
      double everySeconds,
      Consumer<CheckpointException> failures) {
    if (everySteps < 0 || !(everySeconds > 0)) {
      throw new IllegalArgumentException(
          "everySteps is "
              + everySteps
              + " and everySeconds "
              + everySeconds
              + "; they must be ≥ 0 and > 0");
    }
    this.file = Objects.requireNonNull(file, "file");
    this.about = new TreeMap<>(about);
    this.everySteps = everySteps;
    this.everySeconds = everySeconds;
    this.failures = Objects.requireNonNull(failures, "failures");
  }

  /** Counts the time to the next one from here: a run begins, or goes on. */
  void begin(double seconds) {
    if (file != null) {
      lastSeconds = seconds;
    }
  }

  boolean due(long step, double seconds, boolean last) {
    return file != null
        && (last
            || everySteps > 0 && step % everySteps == 0
            || seconds - lastSeconds >= everySeconds);
  }

  void save(Trainer trainer, Optimizer optimizer, double seconds) {
    lastSeconds = seconds;
    try {
      file.write(about, parts(trainer, optimizer));
    } catch (CheckpointException e) {
      failures.accept(e);
    }
  }

  private static Map<String, Stateful> parts(Trainer trainer, Optimizer optimizer) {
    Map<String, Stateful> parts = new LinkedHashMap<>();
    parts.put("trainer", trainer);
    parts.put("optimizer", optimizer);
    return parts;
  }

  /**
   * Restores the newest complete checkpoint, for {@link Trainer#resume}.
   *
   * @param trainer the trainer
   * @param optimizer the optimiser
   * @return the file that was used: the checkpoint, or the one before it
   * @throws CheckpointException if there is none that can be used, or it is of another run; trainer
   *     and optimiser are as before then
   */
  public Path restore(Trainer trainer, Optimizer optimizer) {
    try (Checkpoint checkpoint = file.open()) {
      checkpoint.restore(about, parts(trainer, optimizer));
      return checkpoint.file();
    }
  }
}
