package dev.natgrad.bench.service;

import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.serving.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.Recording;

/**
 * The example: warms up, opens the port, serves until it is told to stop (SIGTERM or Ctrl-C).
 *
 * <p>System properties: {@code service.port} (8080), {@code service.threads} (4).
 */
public final class ServiceMain {
  private static final String[] EVENTS = {
    "Step", "Rejected", "Fallback", "Publish", "Budget", "AuditFailed"
  };
  private static final long RECORDED_BYTES = 1 << 24;

  private ServiceMain() {}

  /**
   * Serves; returns when the port is open.
   *
   * @param folder for checkpoints and the recording; made if it is missing
   * @throws IOException if the port or the folder cannot be used
   * @throws InterruptedException if the thread is interrupted
   */
  public static void run(Path folder) throws IOException, InterruptedException {
    properties();
    Files.createDirectories(folder);
    record(folder);
    ServiceOptions options = ServiceOptions.fromProperties(folder);
    System.out.println(
        WarmUp.run(
            ServiceOptions.problem(),
            (w, p) -> new NaturalGradient(w, p, ServiceOptions.steps()),
            ServiceOptions.stream(),
            ServiceOptions.WARM_UP_NANOS));
    Rehearsal.run(options.asTwin());
    Service service = Service.start(options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "stop"));
    System.out.println(
        "serving on port " + service.port() + ", process " + ProcessHandle.current().pid());
  }

  /** What the JDK's server reads once, before the first of them is made. */
  static void properties() {
    // Else every reply waits for the client's delayed acknowledgement, 40 ms.
    setIfAbsent("sun.net.httpserver.nodelay", "true");
    // Seconds: a client that sends its request slowly must not keep a request thread.
    setIfAbsent("sun.net.httpserver.maxReqTime", "10");
    setIfAbsent("sun.net.httpserver.maxRspTime", "10");
    setIfAbsent("jdk.httpserver.maxConnections", "512");
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** The library's own events, the last 16 MB of them, written to the folder at the end. */
  private static void record(Path folder) throws IOException {
    Recording recording = new Recording();
    recording.setName("natgrad");
    recording.setToDisk(true);
    recording.setMaxSize(RECORDED_BYTES);
    for (String event : EVENTS) {
      recording.enable("dev.natgrad." + event);
    }
    recording.setDestination(folder.resolve("service.jfr"));
    recording.setDumpOnExit(true);
    recording.start();
  }

  private static void stop(Service service) {
    service.close();
    System.out.println("stopped");
  }
}
