package dev.natgrad.bench.service;

import com.sun.net.httpserver.HttpServer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.SnapshotStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One running service: a learner, request threads that have their predictors, then the open port;
 * stopped in the opposite order.
 */
final class Service implements AutoCloseable {
  private static final int BACKLOG = 256;
  private static final int GRACE_SECONDS = 2;

  private final Learner learner;
  private final ThreadPoolExecutor requests;
  private final HttpServer server;

  /** Starts one; what it returns answers already. */
  Service(ServiceOptions options) throws IOException, InterruptedException {
    learner = new Learner(options);
    SnapshotStore store = learner.start();
    Problem problem = ServiceOptions.problem();
    AtomicLong bytes = new AtomicLong();
    int threads = options.requestThreads();
    CountDownLatch started = new CountDownLatch(threads);
    // Unbounded, yet never longer than there are connections: each has one request at a time.
    requests =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> new RequestThread(work, problem, store, bytes, started));
    requests.prestartAllCoreThreads();
    started.await();
    server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port()), BACKLOG);
    server.setExecutor(requests);
    server.createContext(
        "/", new Endpoints(learner, store, bytes, () -> requests.getQueue().size()));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Answers what has begun, then closes the predictors, then saves and ends the learner. */
  @Override
  public void close() {
    server.stop(GRACE_SECONDS);
    requests.shutdown();
    try {
      if (!requests.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        requests.shutdownNow();
        requests.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
      }
      learner.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
