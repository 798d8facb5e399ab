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

  private static final String TRAINER = "trainer";
  private static final String OPTIMIZER = "optimizer";

  /** Null for none. */
  private final CheckpointFile file;

  private final Map<String, String> about;
  private final long everySteps;
  private final double everySeconds;
  private final Consumer<CheckpointException> failures;

  /** What is kept beside the trainer and the optimiser. */
  private final Map<String, Stateful> others = new LinkedHashMap<>();

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

  /**
   * Keeps something of the caller's in every checkpoint too, and restores it with the rest.
   *
   * @param name its name, without a slash, neither {@code trainer} nor {@code optimizer}
   * @param part what is kept; a checkpoint without it is of another run
   * @throws IllegalArgumentException if the name is taken or has a slash
   */
  public void with(String name, Stateful part) {
    if (name.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "name is " + name + "; it must have no slash, which separates a part from its own");
    }
    boolean taken = name.equals(TRAINER) || name.equals(OPTIMIZER);
    if (taken || others.putIfAbsent(name, Objects.requireNonNull(part, "part")) != null) {
      throw new IllegalArgumentException("name is " + name + ", which is taken; give another");
    }
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

  private Map<String, Stateful> parts(Trainer trainer, Optimizer optimizer) {
    // In this order they are restored: what refuses a number comes before what must not change
    // then.
    Map<String, Stateful> parts = new LinkedHashMap<>(others);
    parts.put(TRAINER, trainer);
    parts.put(OPTIMIZER, optimizer);
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
