package dev.natgrad.bench.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.serving.Counters;
import dev.natgrad.serving.SnapshotStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/** What is answered: predict, learn, status, rollback. Runs on request threads only. */
final class Endpoints implements HttpHandler {
  private static final Logger LOG = System.getLogger(Endpoints.class.getName());
  private static final int OK = 200;
  private static final int ACCEPTED = 202;
  private static final int INTERNAL_ERROR = 500;
  private static final long ROLLBACK_SECONDS = 5;
  private static final int INPUTS = ServiceOptions.INPUTS;
  private static final int CLASSES = ServiceOptions.CLASSES;

  private final Learner learner;
  private final SnapshotStore store;
  private final AtomicLong predictorBytes;
  private final IntSupplier waiting;
  private final Map<Integer, LongAdder> replies = new ConcurrentHashMap<>();
  private final long start = System.nanoTime();

  Endpoints(Learner learner, SnapshotStore store, AtomicLong predictorBytes, IntSupplier waiting) {
    this.learner = learner;
    this.store = store;
    this.predictorBytes = predictorBytes;
    this.waiting = waiting;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        route(exchange);
      } catch (RequestException e) {
        if (e.temporary()) {
          exchange.getResponseHeaders().set("Retry-After", "1");
        }
        reply(exchange, e.status(), new Messages.ErrorReply(e.getMessage()));
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "a request failed", e);
        reply(exchange, INTERNAL_ERROR, new Messages.ErrorReply("internal error; see the log"));
      }
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    if (waiting.getAsInt() > ServiceOptions.MOST_WAITING) {
      throw new RequestException(
          RequestException.UNAVAILABLE, "too many requests wait already: try again later");
    }
    switch (exchange.getRequestURI().getPath()) {
      case "/predict" -> {
        only("POST", exchange);
        reply(exchange, OK, predict(Json.read(exchange, Messages.PredictRequest.class)));
      }
      case "/learn" -> {
        only("POST", exchange);
        reply(exchange, ACCEPTED, learn(Json.read(exchange, Messages.LearnRequest.class)));
      }
      case "/rollback" -> {
        only("POST", exchange);
        Messages.RollbackReply done = rollBack(Json.read(exchange, Messages.RollbackRequest.class));
        reply(exchange, done.done() ? OK : RequestException.NOT_FOUND, done);
      }
      case "/status" -> {
        only("GET", exchange);
        reply(exchange, OK, status());
      }
      default ->
          throw new RequestException(
              RequestException.NOT_FOUND,
              "there are POST /predict, /learn, /rollback and GET /status");
    }
  }

  private static void only(String method, HttpExchange exchange) {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new RequestException(RequestException.METHOD_NOT_ALLOWED, "use " + method);
    }
  }

  private void reply(HttpExchange exchange, int status, Object message) throws IOException {
    replies.computeIfAbsent(status, s -> new LongAdder()).increment();
    Json.write(exchange, status, message);
  }

  private Messages.PredictReply predict(Messages.PredictRequest request) {
    float[] x = features(request.x());
    float[] y = new float[request.x().length * CLASSES];
    long version = RequestThread.predictor().predict(x, y);
    float[][] probabilities = new float[request.x().length][CLASSES];
    for (int i = 0; i < probabilities.length; i++) {
      System.arraycopy(y, i * CLASSES, probabilities[i], 0, CLASSES);
    }
    return new Messages.PredictReply(version, probabilities);
  }

  /** The samples in a row, checked here so that the message speaks of the request's own terms. */
  private static float[] features(float[][] x) {
    if (x == null || x.length < 1 || x.length > ServiceOptions.MOST_SAMPLES) {
      throw RequestException.bad(
          "x has "
              + (x == null ? "no" : x.length)
              + " samples; send 1 to "
              + ServiceOptions.MOST_SAMPLES
              + ", each an array of "
              + INPUTS
              + " numbers");
    }
    float[] flat = new float[x.length * INPUTS];
    for (int i = 0; i < x.length; i++) {
      if (x[i] == null || x[i].length != INPUTS) {
        throw RequestException.bad(
            "x["
                + i
                + "] has "
                + (x[i] == null ? "no" : x[i].length)
                + " numbers; it must have "
                + INPUTS);
      }
      for (int j = 0; j < INPUTS; j++) {
        if (!Float.isFinite(x[i][j])) {
          throw RequestException.bad(
              "x[" + i + "][" + j + "] is " + x[i][j] + "; it must be finite in single precision");
        }
      }
      System.arraycopy(x[i], 0, flat, i * INPUTS, INPUTS);
    }
    return flat;
  }

  private Messages.LearnReply learn(Messages.LearnRequest request) {
    float[] x = features(request.x());
    int samples = request.x().length;
    int[] label = request.label();
    if (label == null || label.length != samples) {
      throw RequestException.bad(
          "label has "
              + (label == null ? "no" : label.length)
              + " classes; send one for each of the "
              + samples
              + " samples");
    }
    float[] y = new float[samples * CLASSES];
    for (int i = 0; i < samples; i++) {
      if (label[i] < 0 || label[i] >= CLASSES) {
        throw RequestException.bad(
            "label[" + i + "] is " + label[i] + "; it must be from 0 to " + (CLASSES - 1));
      }
      y[i * CLASSES + label[i]] = 1;
    }
    checkLearning();
    if (!learner.queue().offer(x, y)) {
      throw new RequestException(
          RequestException.TOO_MANY_REQUESTS,
          "no room for " + samples + " samples, none was taken: send them again later");
    }
    return new Messages.LearnReply(samples, learner.queue().size());
  }

  private void checkLearning() {
    if (!learner.learning()) {
      throw new RequestException(
          RequestException.UNAVAILABLE, "the service does not learn now; predictions go on");
    }
  }

  private Messages.RollbackReply rollBack(Messages.RollbackRequest request) {
    if (request.version() == null) {
      throw RequestException.bad("version is missing: send the number of a version");
    }
    checkLearning();
    CompletableFuture<Messages.RollbackReply> reply = learner.rollBack(request.version());
    if (reply == null) {
      throw new RequestException(
          RequestException.TOO_MANY_REQUESTS, "other rollbacks wait already: try again later");
    }
    try {
      return reply.get(ROLLBACK_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new RequestException(
          RequestException.UNAVAILABLE, "the updater did not answer: look at /status");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestException(RequestException.UNAVAILABLE, "the service is being stopped");
    }
  }

  private Messages.StatusReply status() {
    Counters counters = learner.counters();
    Map<String, Long> counts = new TreeMap<>();
    for (Counters.Counter counter : Counters.Counter.values()) {
      counts.put(counter.name(), counters.get(counter));
    }
    Map<String, Long> steps = new TreeMap<>();
    for (StepStatus status : StepStatus.values()) {
      steps.put(status.name(), counters.steps(status));
    }
    Map<Integer, Long> replied = new TreeMap<>();
    replies.forEach((status, count) -> replied.put(status, count.sum()));
    long collections = 0;
    long collectionMillis = 0;
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections += Math.max(0, bean.getCollectionCount());
      collectionMillis += Math.max(0, bean.getCollectionTime());
    }
    return new Messages.StatusReply(
        learner.learning() ? "learning" : "predicting only",
        ProcessHandle.current().pid(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        store.version(),
        counts,
        steps,
        replied,
        learner.queue().size(),
        learner.queue().refused(),
        waiting.getAsInt(),
        store.readers(),
        predictorBytes.get(),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        collections,
        collectionMillis,
        learner.checkpoints().written(),
        learner.checkpoints().failed());
  }
}
