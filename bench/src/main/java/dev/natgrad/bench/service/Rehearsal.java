package dev.natgrad.bench.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Warms up what lies around the library, HTTP and JSON: a twin of the service on a port of its own
 * gets requests of every kind and is stopped again.
 */
final class Rehearsal {
  private static final int REQUESTS = 4000;
  private static final long MOST_NANOS = 8_000_000_000L;
  private static final int LEARN_EVERY = 8;

  private Rehearsal() {}

  static void run(ServiceOptions options) throws IOException, InterruptedException {
    try (Service twin = Service.start(options);
        HttpConnection connection = new HttpConnection(twin.port())) {
      SampleStream samples = new SampleStream(1);
      byte[] malformed =
          HttpConnection.post("/predict", "{\"x\": [[1]]}".getBytes(StandardCharsets.UTF_8));
      byte[] status = HttpConnection.get("/status");
      final long start = System.nanoTime();
      for (int i = 0; i < REQUESTS && System.nanoTime() - start < MOST_NANOS; i++) {
        boolean large = i % LEARN_EVERY == 0;
        expect(200, connection.send(samples.predict(large ? ServiceOptions.MOST_SAMPLES : 1)));
        if (large) {
          connection.send(samples.learn(ServiceOptions.FRESH));
          expect(RequestException.BAD_REQUEST, connection.send(malformed));
          expect(200, connection.send(status));
        }
      }
    }
  }

  private static void expect(int status, int got) {
    if (got != status) {
      throw new IllegalStateException("the rehearsal got " + got + " instead of " + status);
    }
  }
}
