package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.oracle.OtherJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training process killed at random moments: what it leaves is a moment of the whole run. */
class KillTest {
  static final SmallRun.Kind KIND = SmallRun.Kind.ADAM;

  /** More of them by -Dnatgrad.test.kills=200. */
  private static final int KILLS = Integer.getInteger("natgrad.test.kills", 8);

  private static final long PATIENCE_MILLIS = 300_000;

  private static final String NONE = "none";

  @TempDir Path folder;

  private Process start(Path file) throws IOException {
    List<String> options = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    return OtherJvm.of(options, TrainUntilKilled.class, file)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  /**
   * Kills the process after a random while, from its start or from the first checkpoint of its own;
   * tells whether it had left one.
   */
  private boolean kill(Process process, Path file, Random random)
      throws IOException, InterruptedException {
    String before = identity(file);
    boolean progress = before.equals(NONE) || random.nextInt(4) > 0;
    if (!progress) {
      Thread.sleep(random.nextInt(1_000));
    }
    long end = System.currentTimeMillis() + PATIENCE_MILLIS;
    // Between its two renames a checkpoint is only there under its second name.
    while (progress && (identity(file).equals(before) || identity(file).equals(NONE))) {
      assertTrue(process.isAlive() && System.currentTimeMillis() < end, log());
      Thread.sleep(1);
    }
    Thread.sleep(random.nextInt(30), random.nextInt(1_000_000));
    assertTrue(process.isAlive(), log());
    process.destroyForcibly().waitFor();
    return progress;
  }

  private static String identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, "unix:ino,ctime").toString();
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  @Test
  void everyRestartResumesTheUninterruptedRun() throws Exception {
    Path file = folder.resolve("checkpoint");
    Random random = new Random();
    TreeMap<Long, double[]> left = new TreeMap<>();
    for (int kill = 0; kill < KILLS; kill++) {
      boolean progress = kill(start(file), file, random);
      try (SmallRun run = new SmallRun(KIND, Precision.F32, Long.MAX_VALUE)) {
        SmallRun.into(file, 0).restore(run.trainer, run.optimizer);
        long steps = run.trainer.steps();
        long last = left.isEmpty() ? 0 : left.lastKey();
        assertTrue(
            progress ? steps > last : steps >= last,
            "kill " + kill + " left step " + steps + " after " + last + ", " + log());
        double[] theta = run.theta();
        double[] known = left.putIfAbsent(steps, theta);
        assertTrue(known == null || Arrays.equals(known, theta), "step " + steps + " has changed");
      }
      try (var files = Files.list(folder)) {
        // The two checkpoints and the log: what was being written is swept away.
        assertTrue(files.count() <= 3);
      }
    }
    assertTrue(2 * left.size() > KILLS, left.size() + " restarts made steps");
    System.out.println(KILLS + " kills, " + left.size() + " with progress, at " + left.keySet());
    try (SmallRun whole = new SmallRun(KIND, Precision.F32, left.lastKey())) {
      long[] step = {0};
      whole.trainer.train(
          whole.optimizer,
          (outcome, history, seconds) -> {
            double[] expected = left.remove(++step[0]);
            if (expected != null) {
              assertArrayEquals(expected, whole.theta(), "after " + step[0]);
            }
            return true;
          });
    }
    assertEquals(0, left.size());
  }
}
