package dev.natgrad.serving;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A bounded queue of labelled samples from any number of threads to one {@link Updater}. A batch is
 * taken as a whole or not at all, and the caller is told at once: what does not fit is refused, so
 * the queue never grows.
 *
 * <p>A ring of rows off heap: a producer claims rows by one compare-and-set, copies, and marks each
 * as ready; nobody waits for another but where two claim at the same moment, when one tries again.
 * The order within a batch is kept; batches of different threads come in the order they claimed.
 *
 * <p>A queue made by {@link #weighted} keeps a weight with every sample, for an updater whose
 * distribution is {@link dev.natgrad.distribution.Weighted}; any other spends nothing on weights.
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
  private final SampleRows rows;
  private final int capacity;

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
    this(inputs, targets, precision, capacity, false);
  }

  private SampleQueue(
      int inputs, int targets, Precision precision, int capacity, boolean weighted) {
    long bytes = SampleRows.bytes(inputs, targets, precision, capacity, weighted);
    this.capacity = capacity;
    this.ready = new long[capacity];
    this.rows = new SampleRows(arena, bytes, inputs, targets, precision, weighted);
  }

  /**
   * Takes the ring of a queue that keeps a weight with every sample.
   *
   * @param inputs features of a sample, at least 1
   * @param targets targets of a sample, at least 1
   * @param precision the format in which samples and weights are kept: that of the problem
   * @param capacity the most samples waiting, at least 1
   * @return the queue
   * @throws IllegalArgumentException if a number is below 1
   * @throws OutOfMemoryError if the system has no memory left
   */
  public static SampleQueue weighted(int inputs, int targets, Precision precision, int capacity) {
    return new SampleQueue(inputs, targets, precision, capacity, true);
  }

  /**
   * Returns the off-heap memory a queue takes, of no workspace: a ring of capacity·(inputs +
   * targets)·size.
   *
   * @param inputs features of a sample
   * @param targets targets of a sample
   * @param precision the format
   * @param capacity the most samples waiting
   * @return bytes
   * @throws IllegalArgumentException if a number is below 1
   */
  public static long bytes(int inputs, int targets, Precision precision, int capacity) {
    return SampleRows.bytes(inputs, targets, precision, capacity, false);
  }

  /**
   * Returns the off-heap memory a queue with weights takes, of no workspace: a ring of
   * capacity·(inputs + targets + 1)·size.
   *
   * @param inputs features of a sample
   * @param targets targets of a sample
   * @param precision the format
   * @param capacity the most samples waiting
   * @return bytes
   * @throws IllegalArgumentException if a number is below 1
   */
  public static long weightedBytes(int inputs, int targets, Precision precision, int capacity) {
    return SampleRows.bytes(inputs, targets, precision, capacity, true);
  }

  /**
   * Offers labelled samples, with the weight 1 each where the queue keeps weights.
   *
   * @param x rows of features, one after the other
   * @param y as many rows of targets
   * @return whether all were taken; if not, none was, for lack of room
   * @throws IllegalArgumentException if a length does not fit, there are no samples or more than
   *     the queue has room for at all, or a number is not finite; nothing was taken then
   * @throws IllegalStateException if the queue is closed
   */
  public boolean offer(float[] x, float[] y) {
    return put(samples(x.length, y.length), x, y, null);
  }

  /**
   * Offers labelled samples that count w times each. One of weight 0 is masked: its features and
   * targets may be anything, the updater passes it over.
   *
   * @param x rows of features, one after the other
   * @param y as many rows of targets
   * @param weights as many weights, 0 to {@link Float#MAX_VALUE}
   * @return whether all were taken; if not, none was, for lack of room
   * @throws IllegalArgumentException if a length does not fit, there are no samples or more than
   *     the queue has room for at all, a weight is out of its range or a number of a sample that is
   *     not masked is not finite; nothing was taken then
   * @throws IllegalStateException if the queue is closed or keeps no weights
   */
  public boolean offer(float[] x, float[] y, float[] weights) {
    return put(weightedSamples(x.length, y.length, weights.length), x, y, weights);
  }

  private boolean put(int samples, float[] x, float[] y, float[] weights) {
    rows.check(samples, x, y, weights);
    long first = claim(samples);
    for (int i = 0; i < samples && first >= 0; i++) {
      rows.put(row(first + i), x, y, weights, i);
      READY.setRelease(ready, row(first + i), first + i + 1);
    }
    return first >= 0;
  }

  /**
   * Offers labelled samples, with the weight 1 each where the queue keeps weights.
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
    return put(samples(x.length, y.length), x, y, null);
  }

  /**
   * Offers labelled samples that count w times each. One of weight 0 is masked: its features and
   * targets may be anything, the updater passes it over.
   *
   * @param x rows of features, one after the other
   * @param y as many rows of targets
   * @param weights as many weights, 0 to {@link Float#MAX_VALUE}
   * @return whether all were taken; if not, none was, for lack of room
   * @throws IllegalArgumentException if a length does not fit, there are no samples or more than
   *     the queue has room for at all, a weight is out of its range or a number of a sample that is
   *     not masked is not finite in the queue's precision; nothing was taken then
   * @throws IllegalStateException if the queue is closed or keeps no weights
   */
  public boolean offer(double[] x, double[] y, double[] weights) {
    return put(weightedSamples(x.length, y.length, weights.length), x, y, weights);
  }

  private boolean put(int samples, double[] x, double[] y, double[] weights) {
    rows.check(samples, x, y, weights);
    long first = claim(samples);
    for (int i = 0; i < samples && first >= 0; i++) {
      rows.put(row(first + i), x, y, weights, i);
      READY.setRelease(ready, row(first + i), first + i + 1);
    }
    return first >= 0;
  }

  private int samples(int xElements, int yElements) {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("this queue is closed: offer before it is closed");
    }
    int samples = Arguments.rows("x", xElements, rows.inputs(), capacity);
    Arguments.elements("y", yElements, samples, rows.targets());
    return samples;
  }

  private int weightedSamples(int xElements, int yElements, int weights) {
    int samples = samples(xElements, yElements);
    if (!rows.weighted()) {
      throw new IllegalStateException(
          "this queue keeps no weights: make it by SampleQueue.weighted, or offer without them");
    }
    Arguments.elements("weights", weights, samples, 1);
    return samples;
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

  /** Whether a sample is ready to be read by the consumer. */
  boolean hasNext() {
    long next = (long) HEAD.get(this);
    return (long) READY.getAcquire(ready, row(next)) == next + 1;
  }

  /** Copies the next sample's features into a row; the sample stays. */
  void features(Mat x, int row) {
    rows.features(row((long) HEAD.get(this)), x, row);
  }

  /** Copies the next sample's targets into a row; the sample stays. */
  void targets(Mat y, int row) {
    rows.targets(row((long) HEAD.get(this)), y, row);
  }

  /** The next sample's weight, 1 where none are kept; the sample stays. */
  double weight() {
    return rows.weight(row((long) HEAD.get(this)));
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

  /** How the samples lie in memory. */
  SampleRows rows() {
    return rows;
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
