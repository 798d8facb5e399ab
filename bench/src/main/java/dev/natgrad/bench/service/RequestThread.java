package dev.natgrad.bench.service;

import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.Predictor;
import dev.natgrad.serving.SnapshotStore;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A thread that answers requests; it makes its predictor when it begins and closes it at its end.
 */
final class RequestThread extends Thread {
  private final Problem problem;
  private final SnapshotStore store;
  private final AtomicLong bytes;
  private final CountDownLatch started;
  private Predictor predictor;

  RequestThread(
      Runnable work,
      Problem problem,
      SnapshotStore store,
      AtomicLong bytes,
      CountDownLatch started) {
    super(work, "request");
    this.problem = problem;
    this.store = store;
    this.bytes = bytes;
    this.started = started;
  }

  @Override
  public void run() {
    try (Workspace workspace = Workspace.create();
        Predictor made =
            Predictor.ofMeans(
                workspace,
                store,
                problem.model(),
                problem.distribution(),
                ServiceOptions.MOST_SAMPLES)) {
      predictor = made;
      long used = workspace.bytesUsed();
      bytes.addAndGet(used);
      started.countDown();
      try {
        super.run();
      } finally {
        bytes.addAndGet(-used);
      }
    }
  }

  /** The calling thread's own predictor. */
  static Predictor predictor() {
    return ((RequestThread) Thread.currentThread()).predictor;
  }
}
