package dev.natgrad.bench.service;

import dev.natgrad.serving.Updater;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.Checkpoint;
import dev.natgrad.training.CheckpointException;
import dev.natgrad.training.CheckpointException.Reason;
import dev.natgrad.training.CheckpointFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;

/**
 * Saves the updater's whole state from time to time, on the updater's thread between two steps.
 * What cannot be written is counted and logged; learning goes on.
 */
final class Checkpoints {
  private static final Logger LOG = System.getLogger(Checkpoints.class.getName());

  private final CheckpointFile file;
  private final Map<String, String> about;
  private final Map<String, Stateful> parts;
  private long next;
  private volatile long written;
  private volatile long failed;

  Checkpoints(Path folder, Updater updater) {
    this.file = folder == null ? null : new CheckpointFile(folder.resolve("service.checkpoint"));
    this.about =
        Map.of(
            "model",
            ServiceOptions.model().toString(),
            "steps",
            ServiceOptions.steps().toString(),
            "stream",
            ServiceOptions.stream().toString(),
            "drift",
            ServiceOptions.drift().toString());
    this.parts = Map.of("updater", updater);
  }

  /**
   * Takes up the last state saved.
   *
   * @return false if none was ever saved
   * @throws CheckpointException if it is of another model or damaged beside its predecessor: an
   *     operator must decide, not the service
   */
  boolean resume() {
    if (file == null) {
      return false;
    }
    try (Checkpoint checkpoint = file.open()) {
      checkpoint.restore(about, parts);
      LOG.log(Level.INFO, "resumed from {0}", checkpoint.file());
      return true;
    } catch (CheckpointException e) {
      if (e.reason() == Reason.MISSING) {
        return false;
      }
      throw e;
    }
  }

  /** Saves if it is time to. */
  void tick() {
    long now = System.nanoTime();
    if (written + failed == 0 && next == 0) {
      next = now + ServiceOptions.CHECKPOINT_NANOS;
    } else if (now - next >= 0) {
      next = now + ServiceOptions.CHECKPOINT_NANOS;
      save();
    }
  }

  void save() {
    if (file == null) {
      return;
    }
    try {
      file.write(about, parts);
      written++;
    } catch (CheckpointException e) {
      failed++;
      LOG.log(Level.WARNING, "no checkpoint written: {0}", e.getMessage());
    }
  }

  long written() {
    return written;
  }

  long failed() {
    return failed;
  }
}
