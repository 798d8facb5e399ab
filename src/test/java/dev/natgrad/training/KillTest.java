package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training process killed at random moments: what it leaves is a moment of the whole run. */
class KillTest {
  static final SmallRun.Kind KIND = SmallRun.Kind.ADAM;

  /** More of them by -Dnatgrad.test.kills=200. */
  private static final int KILLS = Integer.getInteger("natgrad.test.kills", 8);

  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir Path folder;

  private Process start(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            Path.of("target", "classes") + File.pathSeparator + Path.of("target", "test-classes"),
            TrainUntilKilled.class.getName(),
            file.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  /** Waits until the process has left a checkpoint of its own, then for a random while more. */
  private void kill(Process process, Path file, Random random)
      throws IOException, InterruptedException {
    Object before = identity(file);
    long end = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (identity(file).equals(before) && System.currentTimeMillis() < end) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(1);
    }
    Thread.sleep(random.nextInt(30), random.nextInt(1_000_000));
    assertTrue(process.isAlive(), log());
    process.destroyForcibly().waitFor();
  }

  private static Object identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, "unix:ino,ctime").toString();
    } catch (NoSuchFileException e) {
      return "none";
    }
  }

  @Test
  void everyRestartResumesTheUninterruptedRun() throws Exception {
    Path file = folder.resolve("checkpoint");
    Random random = new Random();
    TreeMap<Long, double[]> left = new TreeMap<>();
    for (int kill = 0; kill < KILLS; kill++) {
      kill(start(file), file, random);
      try (SmallRun run = new SmallRun(KIND, Precision.F32, Long.MAX_VALUE)) {
        SmallRun.into(file, 0).restore(run.trainer, run.optimizer);
        long steps = run.trainer.steps();
        assertTrue(left.isEmpty() || steps > left.lastKey(), "fell back to step " + steps);
        left.put(steps, run.theta());
      }
      try (var files = Files.list(folder)) {
        // The two checkpoints and the log: what was being written is swept away.
        assertTrue(files.count() <= 3);
      }
    }
    assertEquals(KILLS, left.size());
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
    assertTrue(left.isEmpty());
  }
}
