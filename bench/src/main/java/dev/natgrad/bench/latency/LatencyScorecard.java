package dev.natgrad.bench.latency;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The latencies of predictions, steps and steps under a deadline: a line for each, and {@code
 * scorecard-latency.json}. The system property {@code natgrad.latency} chooses some of {@code
 * predict,step,deadline}.
 */
public final class LatencyScorecard {
  private static final double PREDICTION_SECONDS = 15;
  private static final double DEADLINE_SECONDS = 6;
  private static final List<DeadlineOvershoot.Deadline> DEADLINES =
      List.of(
          new DeadlineOvershoot.Deadline(250_000, 256),
          new DeadlineOvershoot.Deadline(1_000_000, 256),
          new DeadlineOvershoot.Deadline(5_000_000, 256));

  private LatencyScorecard() {}

  /**
   * Measures; takes less than three minutes where two processors are free.
   *
   * @param target the folder of the JSON
   * @throws IOException if it cannot be written
   * @throws InterruptedException if the thread is interrupted
   */
  public static void run(Path target) throws IOException, InterruptedException {
    String chosen = System.getProperty("natgrad.latency", "predict,step,deadline");
    List<Row> rows = new ArrayList<>();
    if (chosen.contains("predict")) {
      rows.add(new PredictionLatency().measure(PREDICTION_SECONDS));
    }
    if (chosen.contains("step")) {
      rows.add(StepLatency.measure());
    }
    if (chosen.contains("deadline")) {
      new DeadlineOvershoot().measure(DEADLINES, DEADLINE_SECONDS, rows);
    }
    rows.forEach(row -> System.out.println(row.fields()));
    Files.createDirectories(target);
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(
            target.resolve("scorecard-latency.json").toFile(),
            rows.stream().map(Row::fields).toList());
  }
}
