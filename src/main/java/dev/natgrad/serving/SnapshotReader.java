package dev.natgrad.serving;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * One thread's access to the published versions of a {@link SnapshotStore}. It holds at most one
 * version, which stays whole and unchanged until the reader acquires a newer one, releases it or is
 * closed.
 *
 * <p>Its workspace takes a lease on the store's, so that the store cannot be freed beneath it; the
 * lease ends when that workspace is closed, the registration when this reader is.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing after construction, and takes no
 * off-heap memory.
 */
public final class SnapshotReader implements AutoCloseable {
  /** Never current, so that a reader's first acquire is one like any other to the compiler. */
  private static final long NONE = HazardSlots.NOTHING - 1;

  private final Workspace workspace;
  private final Thread owner = Thread.currentThread();
  private final HazardSlots slots;
  private final long[] versions;
  private final Vec[] thetas;
  private final int number;
  private long held = NONE;
  private boolean closed;

  /**
   * Registers a reader on the calling thread.
   *
   * @param workspace a workspace of the calling thread, which takes a lease on the store's; it may
   *     be the store's own where one thread publishes and reads
   * @param store whose versions are read
   * @throws IllegalStateException if as many readers are registered as the store was built for, or
   *     a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public SnapshotReader(Workspace workspace, SnapshotStore store) {
    Objects.requireNonNull(store, "store");
    workspace.checkAccess("workspace");
    boolean own = workspace == store.workspace();
    if (!own) {
      workspace.borrow(store.workspace());
    }
    this.workspace = workspace;
    this.slots = store.slots;
    this.versions = store.versions;
    this.thetas = store.thetas.clone();
    for (int buffer = 0; buffer < thetas.length && !own; buffer++) {
      thetas[buffer] = thetas[buffer].borrowedBy(workspace);
    }
    this.number = slots.register();
    if (number < 0) {
      throw new IllegalStateException(
          "the store has "
              + store.readers()
              + " registered readers, as many as it was built for: close one, or build the store"
              + " for more");
    }
  }

  /**
   * Takes the newest version, giving back the one held. Wait-free; where the one held is the
   * newest, a single load of a shared variable and no store.
   *
   * @return the number of the version now held
   * @throws IllegalStateException if nothing has been published yet, or this reader or its
   *     workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public long acquire() {
    newest();
    return versions[HazardSlots.buffer(held)];
  }

  /** Acquires; the number of the buffer now held. */
  int newest() {
    workspace.checkAccess("this reader");
    checkOpen();
    if (!slots.isCurrent(held)) {
      held = slots.acquire(number);
      if (held < 0) {
        held = NONE;
        slots.release(number);
        throw new IllegalStateException(
            "nothing has been published yet: publish a version before it is read");
      }
    }
    return HazardSlots.buffer(held);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this reader is closed: register a new one");
    }
  }

  /** θ of a buffer as this reader's thread sees it; valid while it is held, and only to be read. */
  Vec theta(int buffer) {
    return thetas[buffer];
  }

  int buffers() {
    return thetas.length;
  }

  /**
   * Returns the number of the version held.
   *
   * @return the version; 0 if none is held
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public long version() {
    workspace.checkAccess("this reader");
    return held < 0 ? 0 : versions[HazardSlots.buffer(held)];
  }

  /**
   * Copies the parameters held.
   *
   * @param theta receives θ, of length P
   * @throws IllegalArgumentException if its length or precision is another
   * @throws IllegalStateException if no version is held or a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public void copyTo(Vec theta) {
    workspace.checkAccess("this reader");
    if (held < 0) {
      throw new IllegalStateException("this reader holds no version: call acquire first");
    }
    Vec from = thetas[HazardSlots.buffer(held)];
    Arguments.vector("theta", theta, from.length(), from.precision());
    Blas.copy(from, theta);
  }

  /**
   * Gives back the version held, if any; its buffer may then be reused.
   *
   * @throws IllegalStateException if this reader or its workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public void release() {
    workspace.checkAccess("this reader");
    checkOpen();
    held = NONE;
    slots.release(number);
  }

  /**
   * Gives back the version held and the registration, also after its workspace was closed. Closing
   * twice has no effect.
   *
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  @Override
  public void close() {
    if (Thread.currentThread() != owner) {
      workspace.checkAccess("this reader");
    }
    if (closed) {
      return;
    }
    closed = true;
    held = NONE;
    slots.unregister(number);
  }
}
