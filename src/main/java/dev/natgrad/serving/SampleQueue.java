package dev.natgrad.serving;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * A bounded queue of labelled samples from any number of threads to one {@link Updater}. A batch is
 * taken as a whole or not at all, and the caller is told at once: what does not fit is refused, so
 * the queue never grows.
 *
 * <p>A ring of rows off heap: a producer claims rows by one compare-and-set, copies, and marks each
 * as ready; nobody waits for another but where two claim at the same moment, when one tries again.
 * The order within a batch is kept; batches of different threads come in the order they claimed.
 *
 * <p>Thread rule: {@link #offer}, {@link #close} and the counts from any thread. Allocates nothing
 * after construction.
 */
public final class SampleQueue implements AutoCloseable {
  private static final VarHandle READY = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle TAIL;
  private static final VarHandle HEAD;
  private static final VarHandle REFUSED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAIL = lookup.findVarHandle(SampleQueue.class, "tail", long.class);
      HEAD = lookup.findVarHandle(SampleQueue.class, "head", long.class);
      REFUSED = lookup.findVarHandle(SampleQueue.class, "refused", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Arena arena = Arena.ofShared();
  private final MemorySegment rows;
  private final int inputs;
  private final int targets;
  private final Precision precision;
  private final int capacity;
  private final long rowBytes;

  /** Number of the last sample written to each row, from 1. */
  private final long[] ready;

  /** Samples ever claimed. */
  @SuppressWarnings("unused")
  private long tail;

  /** Samples ever taken; written by the consumer alone. */
  @SuppressWarnings("unused")
  private long head;

  @SuppressWarnings("unused")
  private long refused;

  /**
   * Takes the ring.
   *
   * @param inputs features of a sample, at least 1
   * @param targets targets of a sample, at least 1
   * @param precision the format in which samples are kept: that of the problem
   * @param capacity the most samples waiting, at least 1
   * @throws IllegalArgumentException if a number is below 1
   * @throws OutOfMemoryError if the system has no memory left
   */
  public SampleQueue(int inputs, int targets, Precision precision, int capacity) {
    this.rowBytes = rowBytes(inputs, targets, precision, capacity);
    this.inputs = inputs;
    this.targets = targets;
    this.precision = precision;
    this.capacity = capacity;
    this.ready = new long[capacity];
    this.rows = arena.allocate(rowBytes * capacity, Workspace.ALIGNMENT);
  }

  private static long rowBytes(int inputs, int targets, Precision precision, int capacity) {
    Objects.requireNonNull(precision, "precision");
    Arguments.atLeast("inputs", inputs, 1);
    Arguments.atLeast("targets", targets, 1);
    Arguments.atLeast("capacity", capacity, 1);
    long rowBytes = ((long) inputs + targets) * precision.bytes();
    Math.multiplyExact(rowBytes, capacity);
    return rowBytes;
  }

  /**
   * Returns the off-heap memory a queue takes, of no workspace: its ring.
   *
   * @param inputs features of a sample
   * @param targets targets of a sample
   * @param precision the format
   * @param capacity the most samples waiting
   * @return bytes
   * @throws IllegalArgumentException if a number is below 1
   */
  public static long bytes(int inputs, int targets, Precision precision, int capacity) {
    return rowBytes(inputs, targets, precision, capacity) * capacity;
  }

  /**
   * Offers labelled samples.
   *
   * @param x rows of features, one after the other
   * @param y as many rows of targets
   * @return whether all were taken; if not, none was, for lack of room
   * @throws IllegalArgumentException if a length does not fit, there are no samples or more than
   *     the queue has room for at all, or a number is not finite; nothing was taken then
   * @throws IllegalStateException if the queue is closed
   */
  public boolean offer(float[] x, float[] y) {
    int samples = samples(x.length, y.length);
    for (int i = 0; i < x.length; i++) {
      finite("x", i, x[i]);
    }
    for (int i = 0; i < y.length; i++) {
      finite("y", i, y[i]);
    }
    long first = claim(samples);
    for (int i = 0; i < samples && first >= 0; i++) {
      long to = offset(first + i);
      copy(x, i * inputs, to, inputs);
      copy(y, i * targets, to + (long) inputs * precision.bytes(), targets);
      READY.setRelease(ready, row(first + i), first + i + 1);
    }
    return first >= 0;
  }

  /**
   * Offers labelled samples.
   *
   * @param x rows of features, one after the other
   * @param y as many rows of targets
   * @return whether all were taken; if not, none was, for lack of room
   * @throws IllegalArgumentException if a length does not fit, there are no samples or more than
   *     the queue has room for at all, or a number is not finite in the queue's precision; nothing
   *     was taken then
   * @throws IllegalStateException if the queue is closed
   */
  public boolean offer(double[] x, double[] y) {
    int samples = samples(x.length, y.length);
    for (int i = 0; i < x.length; i++) {
      finite("x", i, precision == Precision.F32 ? (float) x[i] : x[i]);
    }
    for (int i = 0; i < y.length; i++) {
      finite("y", i, precision == Precision.F32 ? (float) y[i] : y[i]);
    }
    long first = claim(samples);
    for (int i = 0; i < samples && first >= 0; i++) {
      long to = offset(first + i);
      copy(x, i * inputs, to, inputs);
      copy(y, i * targets, to + (long) inputs * precision.bytes(), targets);
      READY.setRelease(ready, row(first + i), first + i + 1);
    }
    return first >= 0;
  }

  private int samples(int xElements, int yElements) {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("this queue is closed: offer before it is closed");
    }
    int samples = Arguments.rows("x", xElements, inputs, capacity);
    Arguments.elements("y", yElements, samples, targets);
    return samples;
  }

  private static void finite(String name, int index, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          name
              + "["
              + index
              + "] is "
              + value
              + "; features and targets must be finite: leave the sample out");
    }
  }

  /** Number of the first sample claimed, or −1. */
  private long claim(int samples) {
    long first;
    do {
      first = (long) TAIL.getVolatile(this);
      if (first + samples - (long) HEAD.getAcquire(this) > capacity) {
        REFUSED.getAndAdd(this, (long) samples);
        return -1;
      }
    } while (!TAIL.compareAndSet(this, first, first + samples));
    return first;
  }

  private int row(long sample) {
    return (int) (sample % capacity);
  }

  private long offset(long sample) {
    return row(sample) * rowBytes;
  }

  private void copy(float[] from, int index, long to, int n) {
    if (precision == Precision.F32) {
      MemorySegment.copy(from, index, rows, JAVA_FLOAT, to, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      rows.set(JAVA_DOUBLE, to + (long) i * Double.BYTES, from[index + i]);
    }
  }

  private void copy(double[] from, int index, long to, int n) {
    if (precision == Precision.F64) {
      MemorySegment.copy(from, index, rows, JAVA_DOUBLE, to, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      rows.set(JAVA_FLOAT, to + (long) i * Float.BYTES, (float) from[index + i]);
    }
  }

  /** Whether a sample is ready to be read by the consumer. */
  boolean hasNext() {
    long next = (long) HEAD.get(this);
    return (long) READY.getAcquire(ready, row(next)) == next + 1;
  }

  /** Copies the next sample's features into a row; the sample stays. */
  void features(Mat x, int row) {
    x.copyRowFrom(row, rows, offset((long) HEAD.get(this)), precision);
  }

  /** Copies the next sample's targets into a row; the sample stays. */
  void targets(Mat y, int row) {
    long at = offset((long) HEAD.get(this)) + (long) inputs * precision.bytes();
    y.copyRowFrom(row, rows, at, precision);
  }

  /** Gives the next sample's row back to the producers. */
  void remove() {
    HEAD.setRelease(this, (long) HEAD.get(this) + 1);
  }

  /**
   * Returns how many samples wait or are being copied in. Any thread may ask.
   *
   * @return a count, 0 to the capacity
   */
  public int size() {
    long taken = (long) HEAD.getAcquire(this);
    return Math.clamp((long) TAIL.getAcquire(this) - taken, 0, capacity);
  }

  /**
   * Returns the most samples waiting.
   *
   * @return the capacity
   */
  public int capacity() {
    return capacity;
  }

  /**
   * Returns how many samples were refused for lack of room. Any thread may ask.
   *
   * @return a count ≥ 0
   */
  public long refused() {
    return (long) REFUSED.getAcquire(this);
  }

  int inputs() {
    return inputs;
  }

  int targets() {
    return targets;
  }

  Precision precision() {
    return precision;
  }

  /**
   * Frees the ring; samples that wait are lost. Any thread may call it, once; it can take
   * milliseconds, since the JVM makes sure that no thread is reading.
   *
   * @throws IllegalStateException if it is closed already, or a thread is just copying: try again
   */
  @Override
  public void close() {
    arena.close();
  }
}
