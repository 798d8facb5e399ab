package dev.natgrad.training;

import dev.natgrad.memory.Precision;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains with a checkpoint after every step until it is killed, for {@link KillTest}. */
final class TrainUntilKilled {
  private TrainUntilKilled() {}

  public static void main(String[] args) {
    Path file = Path.of(args[0]);
    try (SmallRun run = new SmallRun(KillTest.KIND, Precision.F32, Long.MAX_VALUE)) {
      Checkpointing checkpointing = SmallRun.into(file, 1);
      run.trainer.setCheckpointing(checkpointing);
      Trainer.Listener listener = (outcome, history, seconds) -> true;
      if (Files.exists(file) || Files.exists(new CheckpointFile(file).previous())) {
        checkpointing.restore(run.trainer, run.optimizer);
        run.trainer.resume(run.optimizer, listener);
      } else {
        run.trainer.train(run.optimizer, listener);
      }
    }
    throw new AssertionError("training ended by itself");
  }
}
