package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.oracle.OtherJvm;
import dev.natgrad.training.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code natgrad train} that is asked to stop. */
class InterruptionTest {
  private static final long PATIENCE_SECONDS = 120;

  /** 128 + 15, as a shell shows the end by SIGTERM. */
  private static final int TERMINATED = 143;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    data = folder.resolve("data.csv");
    Random random = new Random(5);
    StringBuilder text = new StringBuilder("a,b,t\n");
    for (int i = 0; i < 200; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      text.append(a).append(',').append(b).append(',').append(a * b + random.nextGaussian());
      text.append('\n');
    }
    Files.writeString(data, text);
  }

  private List<String> train(String... more) {
    List<String> options = new ArrayList<>(List.of("train", "--data", data.toString()));
    // Batches keep it from converging before it is asked to stop.
    options.addAll(List.of("--hidden", "8", "--batch", "32", "--validation-fraction", "0"));
    options.addAll(List.of(more));
    return options;
  }

  private Process start(List<String> options) throws IOException {
    return OtherJvm.of(List.of(), Main.class, options.toArray())
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  /** SIGTERM and Ctrl-C take the same way; Windows has no signal that asks a process to end. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aRunThatIsAskedToStopWritesWhatWasAskedFor() throws Exception {
    Path model = folder.resolve("model");
    Path results = folder.resolve("results");
    Path checkpoint = folder.resolve("checkpoint");
    String many = "1000000000";
    Process process =
        start(
            train(
                "--steps",
                many,
                "--save",
                model.toString(),
                "--json",
                results.toString(),
                "--checkpoint",
                checkpoint.toString()));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    // A line of progress: "a step is" stands in the first lines, before there is anything to lose.
    while (!log().contains("\nstep ")) {
      assertTrue(process.isAlive() && System.nanoTime() < end, log());
      Thread.sleep(20);
    }
    process.destroy();
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), log());
    assertEquals(TERMINATED, process.exitValue(), log());
    assertTrue(log().contains("asked to stop"), log());
    assertTrue(log().contains("on request"), log());
    assertTrue(Files.readString(results).contains("\"stopped\""), log());
    long step = steps(Files.readString(results));
    Path whole = folder.resolve("whole");
    Path resumed = folder.resolve("resumed");
    String more = Long.toString(step + 3);
    assertEquals(
        0,
        Cli.run(train("--steps", Long.toString(step), "--save", whole.toString()).toArray())
            .code());
    assertEquals(parameters(whole), parameters(model));
    Cli again =
        Cli.run(
            train(
                    "--steps",
                    more,
                    "--resume",
                    "--checkpoint",
                    checkpoint.toString(),
                    "--save",
                    resumed.toString())
                .toArray());
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("after step " + step), again.out());
    assertEquals(0, Cli.run(train("--steps", more, "--save", whole.toString()).toArray()).code());
    assertEquals(parameters(whole), parameters(resumed));
  }

  private static long steps(String results) {
    String name = "\"steps\": ";
    int at = results.indexOf(name) + name.length();
    return Long.parseLong(results.substring(at).split("[^0-9]")[0]);
  }

  private static List<Double> parameters(Path model) {
    List<Double> values = new ArrayList<>();
    for (double value : ModelFile.read(model).parameters()) {
      values.add(value);
    }
    return values;
  }
}
