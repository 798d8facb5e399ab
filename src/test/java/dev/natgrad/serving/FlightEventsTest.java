package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.serving.Counters.Counter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightEventsTest {
  private static final String[] NAMES = {"Step", "Rejected", "Fallback", "Publish", "Budget"};

  @TempDir Path folder;

  private static Updater updater(Stream s, double budget) {
    Mat x = Mat.allocate(s.workspace, 8, Stream.INPUTS, s.problem.precision());
    // Far from the training data, so that the estimate of what fits is wrong at first.
    float[] features = s.features(8);
    for (int i = 0; i < features.length; i++) {
      features[i] *= 5;
    }
    for (int i = 0; i < 8; i++) {
      x.copyRowFrom(i, features, i * Stream.INPUTS);
    }
    UpdaterOptions options = UpdaterOptions.sliding(16, 8, 32);
    return new Updater(s.workspace, s.problem, s.optimizer, s.queue, s.store, options)
        .withDrift(Drift.control(s, x, budget, DriftBudget.WhenSpent.SHRINK));
  }

  @Test
  void everythingThatHappensIsRecorded() throws Exception {
    Path file = folder.resolve("events.jfr");
    Counters counters;
    try (Recording recording = new Recording();
        Stream s = new Stream(Precision.F32, 0.05, 2)) {
      for (String name : NAMES) {
        recording.enable("dev.natgrad." + name).withThreshold(Duration.ZERO);
      }
      recording.start();
      Updater updater = updater(s, 0.03);
      counters = updater.counters();
      for (int i = 0; i < 40; i++) {
        s.offer(8);
        updater.runOnce();
      }
      updater.rollBack(s.store.retained()[1]);
      recording.stop();
      recording.dump(file);
    }
    TreeMap<String, Integer> count = new TreeMap<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      String name = event.getEventType().getName().substring("dev.natgrad.".length());
      count.merge(name, 1, Integer::sum);
      if (name.equals("Step")) {
        assertTrue(event.getDouble("lossBefore") > 0, event::toString);
        assertTrue(event.getInt("samples") >= 8, event::toString);
        assertTrue(event.getDuration().toNanos() >= event.getLong("nanos"), event::toString);
      }
    }
    assertEquals(
        counters.get(Counter.STEPS), (long) count.getOrDefault("Step", 0), count::toString);
    assertEquals(counters.get(Counter.PUBLISHED) + 1, (long) count.getOrDefault("Publish", 0));
    assertTrue(counters.get(Counter.UNDONE_BY_DRIFT) > 0);
    assertTrue(count.containsKey("Budget") && count.containsKey("Fallback"), count::toString);
  }

  /** The same event objects throughout; the recorder's own thread-local buffers come first. */
  @Tag("allocation")
  @Test
  void eventsBelowTheThresholdAllocateNothing() {
    try (Recording recording = new Recording();
        Stream s = new Stream(Precision.F32, 1e-4, 2)) {
      recording.enable("dev.natgrad.Step").withThreshold(Duration.ofSeconds(100));
      recording.start();
      Updater updater = updater(s, 1e6);
      float[][] x = new float[50][];
      float[][] y = new float[50][];
      for (int i = 0; i < x.length; i++) {
        x[i] = s.features(8);
        y[i] = Stream.labels(x[i]);
      }
      int[] next = {0};
      Allocation.assertNone(
          "a step with its event on but below the threshold",
          () -> {
            next[0] = (next[0] + 1) % x.length;
            s.queue.offer(x[next[0]], y[next[0]]);
            updater.runOnce();
          });
    }
  }

  /** With the modules absent nothing is told, and all the rest works. */
  @Test
  void worksInARuntimeWithoutTheFlightRecorder() throws Exception {
    String classPath =
        List.of(Updater.class, FlightSmoke.class, org.junit.jupiter.api.Assertions.class).stream()
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
            .distinct()
            .reduce((a, b) -> a + java.io.File.pathSeparator + b)
            .orElseThrow();
    for (boolean limited : new boolean[] {true, false}) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      if (limited) {
        command.addAll(List.of("--limit-modules", "java.base,jdk.incubator.vector"));
      }
      command.addAll(
          List.of(
              "--add-modules",
              "jdk.incubator.vector",
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              classPath,
              FlightSmoke.class.getName()));
      Path out = folder.resolve("out" + limited);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      assertEquals(0, process.waitFor(), () -> read(out));
      String events = limited ? "" : "FlightEvents";
      assertTrue(
          read(out)
              .contains(
                  "2 updates, events "
                      + events
                      + ", compilation "
                      + limited
                      + ", allocation "
                      + limited),
          () -> read(out));
    }
  }

  private static String read(Path file) {
    try {
      return java.nio.file.Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
