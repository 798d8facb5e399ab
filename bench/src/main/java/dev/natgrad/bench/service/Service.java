package dev.natgrad.bench.service;

import com.sun.net.httpserver.HttpServer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.SnapshotStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;
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

  /** Starts one, or leaves nothing behind; what it returns answers already. */
  static Service start(ServiceOptions options) throws IOException, InterruptedException {
    // The port first, since another process may have it; nobody is answered before the end.
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port()), BACKLOG);
    Learner learner = new Learner(options);
    try {
      SnapshotStore store = learner.start();
      return new Service(options, server, learner, store);
    } catch (CompletionException e) {
      server.stop(0);
      learner.stop();
      throw e;
    }
  }

  private Service(ServiceOptions options, HttpServer server, Learner learner, SnapshotStore store)
      throws InterruptedException {
    this.server = server;
    this.learner = learner;
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
