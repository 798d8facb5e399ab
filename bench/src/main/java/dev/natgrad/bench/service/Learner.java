package dev.natgrad.bench.service;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Initialization;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.random.Philox;
import dev.natgrad.serving.Counters;
import dev.natgrad.serving.DriftControl;
import dev.natgrad.serving.SampleQueue;
import dev.natgrad.serving.SelfAudit;
import dev.natgrad.serving.SnapshotStore;
import dev.natgrad.serving.UpdateStatus;
import dev.natgrad.serving.Updater;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that learns: it makes and owns the workspace, the optimiser and the store, and
 * does what others ask for between two updates. If it fails, predictions go on with the last
 * version, and the memory stays until {@link #stop}.
 */
final class Learner {
  private static final Logger LOG = System.getLogger(Learner.class.getName());
  private static final long PAUSE_NANOS = 200_000;
  private static final int REFERENCE_ROWS = 256;

  private final ServiceOptions options;
  private final Problem problem = ServiceOptions.problem();
  private final SampleQueue queue =
      new SampleQueue(
          ServiceOptions.INPUTS, ServiceOptions.CLASSES, problem.precision(), ServiceOptions.QUEUE);
  private final BlockingQueue<Rollback> rollbacks = new ArrayBlockingQueue<>(4);
  private final CompletableFuture<SnapshotStore> ready = new CompletableFuture<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::own, "updater");
  private volatile boolean stopping;
  private volatile boolean failed;
  private volatile Counters counters;
  private volatile Checkpoints checkpoints;

  /** A version asked for, and the answer. */
  private record Rollback(long version, CompletableFuture<Messages.RollbackReply> reply) {}

  Learner(ServiceOptions options) {
    this.options = options;
  }

  /**
   * Starts the thread and waits until the first version is published.
   *
   * @return the store to read from
   */
  SnapshotStore start() {
    thread.start();
    return ready.join();
  }

  private void own() {
    try (Workspace workspace = Workspace.create()) {
      try {
        // Else the first step would take it, and the bytes in use would rise once under traffic.
        workspace.productScratch(Blas.scratchBytes());
        NaturalGradient optimizer = new NaturalGradient(workspace, problem, ServiceOptions.steps());
        Initialization.AUTO.fill(ServiceOptions.model(), 1, optimizer.parameters());
        SnapshotStore store =
            new SnapshotStore(
                workspace,
                problem.model().parameters(),
                problem.precision(),
                options.readers(),
                ServiceOptions.HISTORY);
        Updater updater = updater(workspace, optimizer, store);
        Checkpoints saved = new Checkpoints(options.folder(), updater);
        saved.resume();
        checkpoints = saved;
        counters = updater.counters();
        updater.publish();
        ready.complete(store);
        learn(updater, store, saved);
      } catch (RuntimeException | Error e) {
        failed = true;
        LOG.log(Level.ERROR, "the updater failed; predictions go on with the last version", e);
        ready.completeExceptionally(e);
      }
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      queue.close();
    }
  }

  private Updater updater(Workspace workspace, NaturalGradient optimizer, SnapshotStore store) {
    Mat reference =
        Mat.allocate(workspace, REFERENCE_ROWS, ServiceOptions.INPUTS, problem.precision());
    for (int i = 0; i < REFERENCE_ROWS; i++) {
      for (int j = 0; j < ServiceOptions.INPUTS; j++) {
        reference.set(i, j, Philox.normal(5, i, j));
      }
    }
    return new Updater(workspace, problem, optimizer, queue, store, ServiceOptions.stream())
        .withDrift(
            new DriftControl(
                workspace, problem, reference, ServiceOptions.drift(), System::nanoTime))
        .withAudit(new SelfAudit(workspace, problem, 1), ServiceOptions.AUDIT_EVERY);
  }

  private void learn(Updater updater, SnapshotStore store, Checkpoints saved) {
    while (!stopping) {
      for (Rollback asked = rollbacks.poll(); asked != null; asked = rollbacks.poll()) {
        boolean done = updater.rollBack(asked.version);
        asked.reply.complete(new Messages.RollbackReply(done, store.version(), store.retained()));
      }
      if (updater.runOnce().status() == UpdateStatus.IDLE) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      saved.tick();
    }
    saved.save();
  }

  /** Whether samples are taken and rollbacks made. */
  boolean learning() {
    return !stopping && !failed;
  }

  SampleQueue queue() {
    return queue;
  }

  Counters counters() {
    return counters;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  /** Asks for a rollback; null if too many are asked for already. */
  CompletableFuture<Messages.RollbackReply> rollBack(long version) {
    CompletableFuture<Messages.RollbackReply> reply = new CompletableFuture<>();
    return rollbacks.offer(new Rollback(version, reply)) ? reply : null;
  }

  /** Ends the loop, saves, and gives the memory back: every predictor must be closed by now. */
  void stop() throws InterruptedException {
    stopping = true;
    stopped.countDown();
    LockSupport.unpark(thread);
    thread.join();
  }
}
