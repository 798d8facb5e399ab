package dev.natgrad.serving;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * Versions of a parameter vector θ that one thread publishes and others read.
 *
 * <p>A published version never changes. A {@link SnapshotReader} gets the newest without waiting,
 * whole, and keeps it for as long as it holds it, whatever is published meanwhile. The buffers are
 * fixed in number and reused, so memory is bounded whatever a reader does: with {@link
 * #buffersFor(int, int) readers + history + 2} of them one is always free to publish into, even if
 * no reader ever gives its version back. With fewer, a publish that finds none free says so. The
 * protocol is stated and argued in {@code HazardSlots}.
 *
 * <p>The last versions are retained: the current one and {@code history} more, those that were
 * current last. {@link #rollBack} makes one of them current again in time that does not depend on
 * P.
 *
 * <p>Thread rule: the owner of the workspace publishes and rolls back; {@link #version()} and
 * {@link #readers()} may be asked by any thread; other threads read through a {@link
 * SnapshotReader} of their own. Allocates nothing after construction.
 */
public final class SnapshotStore {
  private static final int MOST_BUFFERS = 1 << 16;

  final Vec[] thetas;
  final HazardSlots slots;

  /** Of each buffer, written before it is published. */
  final long[] versions;

  private final Workspace workspace;
  private final int parameters;
  private final Precision precision;
  private final int history;
  private long lastVersion;
  private volatile long version;

  /**
   * Takes the buffers, {@link #buffersFor} of them.
   *
   * @param workspace the owner of {@link #bytes(int, Precision, int)} bytes
   * @param parameters P, at least 1
   * @param precision the format of θ
   * @param readers the most readers registered at once, at least 1
   * @param history how many versions are retained beside the current one, at least 0
   * @throws IllegalArgumentException if a number is out of range or the buffers exceed 65,536
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public SnapshotStore(
      Workspace workspace, int parameters, Precision precision, int readers, int history) {
    this(workspace, parameters, precision, readers, history, buffersFor(readers, history));
  }

  /**
   * Takes a number of buffers, which may be smaller: then a publish may find none free.
   *
   * @param workspace the owner of {@link #bytes(int, Precision, int)} bytes
   * @param parameters P, at least 1
   * @param precision the format of θ
   * @param readers the most readers registered at once, at least 1
   * @param history how many versions are retained beside the current one, at least 0
   * @param buffers the number of buffers, at least history + 2
   * @throws IllegalArgumentException if a number is out of range or the buffers exceed 65,536
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public SnapshotStore(
      Workspace workspace,
      int parameters,
      Precision precision,
      int readers,
      int history,
      int buffers) {
    Objects.requireNonNull(workspace, "workspace");
    Objects.requireNonNull(precision, "precision");
    Arguments.atLeast("parameters", parameters, 1);
    buffersFor(readers, history);
    if (buffers < history + 2 || buffers > MOST_BUFFERS) {
      throw new IllegalArgumentException(
          "buffers is "
              + buffers
              + "; it must be from history + 2 = "
              + (history + 2)
              + " to "
              + MOST_BUFFERS);
    }
    this.workspace = workspace;
    this.parameters = parameters;
    this.precision = precision;
    this.history = history;
    this.slots = new HazardSlots(readers, history, buffers);
    this.versions = new long[buffers];
    this.thetas = new Vec[buffers];
    for (int buffer = 0; buffer < buffers; buffer++) {
      thetas[buffer] = Vec.allocate(workspace, parameters, precision);
    }
  }

  /**
   * Returns how many buffers make a publish succeed whatever the readers do.
   *
   * @param readers the most readers registered at once, at least 1
   * @param history how many versions are retained beside the current one, at least 0
   * @return readers + history + 2: what the readers hold, what is retained, the current one, and
   *     one to publish into
   * @throws IllegalArgumentException if a number is out of range or the sum exceeds 65,536
   */
  public static int buffersFor(int readers, int history) {
    Arguments.atLeast("readers", readers, 1);
    Arguments.atLeast("history", history, 0);
    long buffers = (long) readers + history + 2;
    if (buffers > MOST_BUFFERS) {
      throw new IllegalArgumentException(
          "readers + history + 2 is " + buffers + "; it must be at most " + MOST_BUFFERS);
    }
    return (int) buffers;
  }

  /**
   * Returns the off-heap memory a store takes: its buffers.
   *
   * @param parameters P
   * @param precision the format of θ
   * @param buffers their number
   * @return bytes
   */
  public static long bytes(int parameters, Precision precision, int buffers) {
    return Math.multiplyExact(buffers, Vec.bytes(parameters, precision));
  }

  /**
   * Publishes a copy of θ as the next version, which is one above the highest so far.
   *
   * @param theta θ, of length P
   * @return whether it was published
   * @throws IllegalArgumentException if its length or precision is another
   * @throws IllegalStateException if a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public PublishStatus publish(Vec theta) {
    workspace.checkAccess("the store's workspace");
    Arguments.vector("theta", theta, parameters, precision);
    if (!Double.isFinite(Norms.largestAbsolute(theta))) {
      return PublishStatus.NON_FINITE;
    }
    int buffer = slots.free();
    if (buffer < 0) {
      return PublishStatus.NO_FREE_BUFFER;
    }
    Blas.copy(theta, thetas[buffer]);
    lastVersion++;
    versions[buffer] = lastVersion;
    slots.publish(buffer);
    version = lastVersion;
    return PublishStatus.PUBLISHED;
  }

  /**
   * Makes a retained version the one that readers get. The others stay retained, newer ones too.
   *
   * @param version its number
   * @return false if it is not retained (any more); nothing has changed then
   * @throws IllegalStateException if the workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public boolean rollBack(long version) {
    workspace.checkAccess("the store's workspace");
    int buffer = bufferOf(version);
    if (buffer < 0) {
      return false;
    }
    slots.publish(buffer);
    this.version = version;
    return true;
  }

  private int bufferOf(long version) {
    for (int i = 0; i < slots.retained(); i++) {
      int buffer = slots.recent(i);
      if (versions[buffer] == version) {
        return buffer;
      }
    }
    return -1;
  }

  /**
   * Copies a retained version into a vector.
   *
   * @param version its number
   * @param theta receives θ, of length P
   * @return false if the version is not retained (any more); nothing has been written then
   * @throws IllegalArgumentException if the vector's length or precision is another
   * @throws IllegalStateException if a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public boolean copyTo(long version, Vec theta) {
    workspace.checkAccess("the store's workspace");
    Arguments.vector("theta", theta, parameters, precision);
    int buffer = bufferOf(version);
    if (buffer < 0) {
      return false;
    }
    Blas.copy(thetas[buffer], theta);
    return true;
  }

  /**
   * Returns the retained versions, the current one first, then in the order they were last current.
   * Thread rule: the owner.
   *
   * @return version numbers; empty before the first publish
   */
  public long[] retained() {
    workspace.checkAccess("the store's workspace");
    long[] retained = new long[slots.retained()];
    for (int i = 0; i < retained.length; i++) {
      retained[i] = versions[slots.recent(i)];
    }
    return retained;
  }

  /**
   * Returns the version that readers get. Any thread may ask.
   *
   * @return its number, from 1; 0 before the first publish
   */
  public long version() {
    return version;
  }

  /**
   * Returns how many readers are registered. Any thread may ask.
   *
   * @return a count ≥ 0
   */
  public int readers() {
    return slots.registered();
  }

  /**
   * Returns P.
   *
   * @return the length of θ
   */
  public int parameters() {
    return parameters;
  }

  /**
   * Returns the format of θ.
   *
   * @return the precision
   */
  public Precision precision() {
    return precision;
  }

  /**
   * Returns how many versions are retained beside the current one.
   *
   * @return a count ≥ 0
   */
  public int history() {
    return history;
  }

  Workspace workspace() {
    return workspace;
  }
}
