package dev.natgrad.bench.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A bounded load from a process of its own: malformed requests first, then predictions and labelled
 * samples at fixed rates over kept-alive connections, and a report of what came back.
 *
 * <p>System properties: {@code service.port} (8080), {@code load.seconds} (60), {@code
 * load.predictions} and {@code load.learns} (requests a second: 400, 20), {@code load.connections}
 * (4).
 */
public final class LoadClient {
  private static final int LEARN_SAMPLES = 64;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final int OK = 200;
  private static final int TAKEN = 202;

  private final int port = Integer.getInteger("service.port", 8080);
  private final int seconds = Integer.getInteger("load.seconds", 60);
  private final int connections = Integer.getInteger("load.connections", 4);

  private LoadClient() {}

  /**
   * Loads the service and prints the report.
   *
   * @param target the folder of {@code service-load.json}
   * @throws IOException if the service is not there, or the report cannot be written
   * @throws InterruptedException if the thread is interrupted
   */
  public static void run(Path target) throws IOException, InterruptedException {
    Map<String, Object> report = new LoadClient().load();
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    System.out.println(mapper.writeValueAsString(report));
    Files.createDirectories(target);
    mapper.writeValue(target.resolve("service-load.json").toFile(), report);
  }

  private Map<String, Object> load() throws IOException, InterruptedException {
    final int malformed = malformed();
    final Messages.StatusReply before = collectedStatus();
    double predictions = Integer.getInteger("load.predictions", 400);
    List<LoadThread> predict = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      SampleStream samples = new SampleStream(100 + i);
      predict.add(
          new LoadThread(port, connections / predictions, seconds, OK, () -> samples.predict(1)));
    }
    SampleStream samples = new SampleStream(99);
    double learns = Integer.getInteger("load.learns", 20);
    LoadThread learn =
        new LoadThread(port, 1 / learns, seconds, TAKEN, () -> samples.learn(LEARN_SAMPLES));
    predict.forEach(Thread::start);
    learn.start();
    for (LoadThread thread : predict) {
      thread.join();
    }
    learn.join();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("seconds", seconds);
    report.put("malformed_refused", malformed);
    report.put("predict", summary(predict));
    report.put("learn", summary(List.of(learn)));
    memory(report, before, collectedStatus());
    return report;
  }

  private static Map<String, Object> summary(List<LoadThread> threads) {
    Histogram all = LoadThread.histogram();
    long requests = 0;
    long failed = 0;
    long refused = 0;
    for (LoadThread thread : threads) {
      all.add(thread.latencies());
      requests += thread.requests();
      failed += thread.failed();
      refused += thread.refused();
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("requests", requests);
    summary.put("failed", failed);
    summary.put("refused", refused);
    for (double percentile : new double[] {50, 99, 99.9, 100}) {
      String name = percentile == 100 ? "max" : "p" + String.valueOf(percentile).replace(".0", "");
      summary.put(name + "_us", all.getValueAtPercentile(percentile) / NANOS_PER_MICRO);
    }
    return summary;
  }

  private static void memory(
      Map<String, Object> report, Messages.StatusReply before, Messages.StatusReply after) {
    report.put("heap_after_collection_bytes", List.of(before.heapBytes(), after.heapBytes()));
    report.put("updater_off_heap_bytes", List.of(offHeap(before), offHeap(after)));
    report.put(
        "predictor_off_heap_bytes", List.of(before.predictorBytes(), after.predictorBytes()));
    report.put("version", List.of(before.version(), after.version()));
    report.put("collections", List.of(before.collections(), after.collections()));
    report.put("status", after);
  }

  private static long offHeap(Messages.StatusReply status) {
    return status.counters().get("BYTES_OFF_HEAP");
  }

  /** The status after a full collection, which the JDK's own tool asks the service's JVM for. */
  private Messages.StatusReply collectedStatus() throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process collect = new ProcessBuilder(jcmd, String.valueOf(status().pid()), "GC.run").start();
    if (!collect.waitFor(20, TimeUnit.SECONDS) || collect.exitValue() != 0) {
      throw new IllegalStateException("jcmd could not ask the service for a collection");
    }
    return status();
  }

  private Messages.StatusReply status() throws IOException {
    try (HttpConnection connection = new HttpConnection(port)) {
      if (connection.send(HttpConnection.get("/status")) != OK) {
        throw new IllegalStateException("no status");
      }
      return Json.parse(connection.body(), Messages.StatusReply.class);
    }
  }

  /** Sends what no service should choke on, and returns how many got the reply they deserve. */
  private int malformed() throws IOException {
    String row = "[" + "0,".repeat(ServiceOptions.INPUTS - 1) + "1]";
    Map<String, Integer> bodies = new LinkedHashMap<>();
    bodies.put("/predict ", 400);
    bodies.put("/predict null", 400);
    bodies.put("/predict {", 400);
    bodies.put("/predict []", 400);
    bodies.put("/predict {}", 400);
    bodies.put("/predict {\"x\":null}", 400);
    bodies.put("/predict {\"x\":[]}", 400);
    bodies.put("/predict {\"x\":[null]}", 400);
    bodies.put("/predict {\"x\":[[1,2]]}", 400);
    bodies.put("/predict {\"y\":[" + row + "]}", 400);
    bodies.put("/predict {\"x\":[" + row.replace("1]", "null]") + "]}", 400);
    bodies.put("/predict {\"x\":[" + row.replace("1]", "\"NaN\"]") + "]}", 400);
    bodies.put("/predict {\"x\":[" + row.replace("1]", "1e99]") + "]}", 400);
    bodies.put("/predict {\"x\":[" + row + "]} {}", 400);
    bodies.put("/predict " + "[".repeat(5000), 400);
    bodies.put("/predict " + " ".repeat(ServiceOptions.MOST_BYTES + 1), 413);
    bodies.put("/learn {\"x\":[" + row + "]}", 400);
    bodies.put("/learn {\"x\":[" + row + "],\"label\":[10]}", 400);
    bodies.put("/learn {\"x\":[" + row + "],\"label\":[1.5]}", 400);
    bodies.put("/learn {\"x\":[" + row + "],\"label\":[1,2]}", 400);
    bodies.put("/rollback {}", 400);
    bodies.put("/rollback {\"version\":-1}", 404);
    bodies.put("/status x", 405);
    bodies.put("/nothing x", 404);
    for (Map.Entry<String, Integer> e : bodies.entrySet()) {
      String[] parts = e.getKey().split(" ", 2);
      try (HttpConnection connection = new HttpConnection(port)) {
        int got =
            connection.send(
                HttpConnection.post(parts[0], parts[1].getBytes(StandardCharsets.UTF_8)));
        if (got != e.getValue()) {
          String reply = new String(connection.body(), StandardCharsets.UTF_8);
          throw new IllegalStateException(e.getKey() + " was answered by " + got + ": " + reply);
        }
      }
    }
    return bodies.size();
  }
}
