package dev.natgrad.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A fixed number of threads that share the work of one call: the caller's own and workers made
 * here, started once and ended by {@link #close()}.
 *
 * <p>{@link Workspace#use} gives it to the products of a workspace. It then holds a lease on that
 * workspace, so memory in which a worker may be at work cannot be freed: close the parallelism
 * first. Closing it gives the leases back, and the products go on with the caller's thread alone,
 * to the same bits.
 *
 * <p>A call hands its task over through volatile fields: a worker that waits spins for a while,
 * then parks. {@link #run} returns when every thread is done, allocates nothing, and is not
 * interrupted.
 *
 * <p>Thread rule: confined to the thread that created it. A task that calls back gets a {@link
 * WrongThreadException} on a worker, an {@link IllegalStateException} on the caller's thread.
 */
public final class Parallelism implements AutoCloseable {
  /** Pauses before a thread that waits parks: some 100 µs, the time between two products. */
  private static final int SPINS = 1 << 13;

  /**
   * Turns the owner then gives away before it parks: some 10 ms. A kernel may wake a worker on the
   * owner's processor. It moves it to an idle one when it sees two threads wanting to run, which it
   * never does where the owner sleeps until the worker is done, and the worker until the next call.
   */
  private static final int YIELDS = 1 << 14;

  private static final int MAX_THREADS = 1024;
  private static final VarHandle EPOCH;
  private static final VarHandle REMAINING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      EPOCH = lookup.findVarHandle(Parallelism.class, "epoch", int.class);
      REMAINING = lookup.findVarHandle(Parallelism.class, "remaining", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Work that can be done in shares. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does one share, at the same time as the others do theirs.
     *
     * @param share which one, 0 to shares − 1; share 0 is the caller's
     * @param shares how many there are
     */
    void run(int share, int shares);
  }

  private final Thread owner = Thread.currentThread();
  private final Worker[] workers;
  private final Workspace scratch = Workspace.create();
  private final MemorySegment[] blocks;
  private final List<Workspace> users = new ArrayList<>();
  private final List<Task> tasks = new ArrayList<>();

  private Task task;
  private boolean running;
  private boolean closed;

  /** Rises with every task handed over; published after the task, read by the workers. */
  private volatile int epoch;

  /** Workers that have not finished the task. */
  private volatile int remaining;

  private volatile boolean ownerParked;
  private volatile boolean stopping;
  private volatile Throwable failure;

  private final class Worker extends Thread {
    final int share;
    volatile boolean parked;

    Worker(int share) {
      super(null, null, "natgrad-worker-" + share, 0, false);
      this.share = share;
      setDaemon(true);
    }

    @Override
    public void run() {
      int seen = 0;
      while (true) {
        seen = awaitAfter(seen);
        if (stopping) {
          return;
        }
        try {
          task.run(share, threads());
        } catch (Throwable t) {
          failure = t;
        } finally {
          finish();
        }
      }
    }

    private int awaitAfter(int seen) {
      int spins = 0;
      int now;
      while ((now = epoch) == seen) {
        if (++spins < SPINS) {
          Thread.onSpinWait();
        } else {
          parked = true;
          // Either this sees the new epoch, or the caller sees the flag.
          if (epoch == seen) {
            LockSupport.park(Parallelism.this);
          }
          parked = false;
        }
      }
      return now;
    }

    private void finish() {
      if ((int) REMAINING.getAndAdd(Parallelism.this, -1) == 1 && ownerParked) {
        LockSupport.unpark(owner);
      }
    }
  }

  private Parallelism(int threads) {
    workers = new Worker[threads - 1];
    blocks = new MemorySegment[threads];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /**
   * Starts the workers.
   *
   * @param threads how many threads share a call, the caller's own included, 1 to 1024
   * @return the parallelism, confined to the calling thread
   * @throws IllegalArgumentException if {@code threads} is out of range
   */
  public static Parallelism of(int threads) {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new IllegalArgumentException(
          "threads is " + threads + "; it must be 1 to " + MAX_THREADS);
    }
    return new Parallelism(threads);
  }

  /**
   * Returns how many threads share a call.
   *
   * @return a count ≥ 1, the caller's thread included
   */
  public int threads() {
    return workers.length + 1;
  }

  /**
   * Returns the task of a class, made at the first call and the same ever after: a task keeps its
   * operands in fields, so that a call allocates nothing.
   *
   * @param <T> the class of the task
   * @param type the class of the task
   * @param maker makes it
   * @return the task; no thread is running it
   * @throws IllegalStateException if this is closed, or running a task
   * @throws WrongThreadException if called from another thread than the owner's
   */
  public <T extends Task> T task(Class<T> type, Supplier<T> maker) {
    checkIdle();
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).getClass() == type) {
        return type.cast(tasks.get(i));
      }
    }
    T made = maker.get();
    tasks.add(made);
    return made;
  }

  /**
   * Returns the scratch of one share, taken at the first call; later calls with the same size
   * return the same block and allocate nothing. Nothing in it outlives the task that wrote it.
   *
   * @param share which share's, 0 to threads − 1
   * @param bytes its size in bytes: the same at every call
   * @return a block of at least {@code bytes} bytes, 64-byte aligned, freed by {@link #close()}
   * @throws IllegalStateException if this is closed, or running a task
   * @throws WrongThreadException if called from another thread than the owner's
   */
  public MemorySegment scratch(int share, long bytes) {
    checkIdle();
    if (blocks[share] == null || blocks[share].byteSize() < bytes) {
      blocks[share] = scratch.allocate("scratch of share " + share, bytes);
    }
    return blocks[share];
  }

  /**
   * Runs every share of a task, one on each thread, and returns when all are done.
   *
   * @param work the task
   * @throws IllegalStateException if this is closed, or already running a task
   * @throws WrongThreadException if called from another thread than the owner's
   * @throws Error or RuntimeException what a share threw, the caller's share first; the others have
   *     run to their end
   */
  public void run(Task work) {
    Objects.requireNonNull(work, "work");
    checkIdle();
    running = true;
    task = work;
    failure = null;
    remaining = workers.length;
    EPOCH.setVolatile(this, epoch + 1);
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker);
      }
    }
    try {
      work.run(0, threads());
    } finally {
      awaitWorkers();
      running = false;
    }
    Throwable thrown = failure;
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private void awaitWorkers() {
    boolean interrupted = false;
    int spins = 0;
    while (remaining > 0) {
      if (++spins < SPINS) {
        Thread.onSpinWait();
      } else if (spins < SPINS + YIELDS) {
        Thread.yield();
      } else {
        ownerParked = true;
        if (remaining > 0) {
          LockSupport.park(this);
        }
        ownerParked = false;
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      owner.interrupt();
    }
  }

  private void checkOwner() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "this parallelism belongs to thread '"
              + owner.getName()
              + "' and was used by '"
              + Thread.currentThread().getName()
              + "': it is confined to the thread that created it, and a task cannot use it");
    }
  }

  private void checkIdle() {
    checkOwner();
    if (closed) {
      throw new IllegalStateException("this parallelism is closed: use it before it is closed");
    }
    if (running) {
      throw new IllegalStateException(
          "this parallelism is running a task: a task cannot use the parallelism that runs it");
    }
  }

  /** A workspace that has taken a lease for this. */
  void addUser(Workspace workspace) {
    checkIdle();
    users.add(workspace);
  }

  /**
   * Ends the workers, frees their scratch and gives the leases on workspaces back, whose products
   * then run on their owner's thread alone. Closing twice has no effect.
   *
   * @throws IllegalStateException if a task is running, since a task cannot close what runs it
   * @throws WrongThreadException if called from another thread than the owner's
   */
  @Override
  public void close() {
    checkOwner();
    if (closed) {
      return;
    }
    checkIdle();
    closed = true;
    stopping = true;
    EPOCH.setVolatile(this, epoch + 1);
    boolean interrupted = false;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    for (Workspace user : users) {
      user.release(this);
    }
    users.clear();
    scratch.close();
    if (interrupted) {
      owner.interrupt();
    }
  }
}
