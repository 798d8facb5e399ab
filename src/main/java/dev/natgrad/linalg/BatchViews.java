package dev.natgrad.linalg;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Views of buffers for each batch size, made at its first use and kept: batches of changing sizes
 * then allocate nothing, whatever their order.
 *
 * <p>Takes no off-heap memory; on the heap a reference for each size up to the largest. Thread
 * rule: that of the buffers.
 *
 * @param <V> the views of one batch size
 */
public final class BatchViews<V> {
  /**
   * How many samples a product AᵀB, both with a sample a row, adds up at a time before it adds them
   * to C: C ← AᵀB + βC on the first samples, a multiple of so many, and then on the others with β =
   * 1 has the bits of one call on all. So have column sums after any sample, and a product Aᵀb, but
   * for a single number.
   */
  public static final int BLOCK = dev.natgrad.kernel.f64.Level3.DEPTH;

  private final List<V> made;
  private final IntFunction<V> make;

  /**
   * No views yet.
   *
   * @param maxBatch the largest batch size, at least 0
   * @param make makes the views of a batch size; not null
   */
  public BatchViews(int maxBatch, IntFunction<V> make) {
    this.made = new ArrayList<>(Collections.nCopies(maxBatch + 1, null));
    this.make = make;
  }

  /**
   * Returns the views of a batch size, the same object at every call.
   *
   * @param rows the batch size, 0 to the largest
   * @return its views
   * @throws IndexOutOfBoundsException if the size is out of range
   */
  public V of(int rows) {
    V views = made.get(rows);
    if (views == null) {
      views = make.apply(rows);
      made.set(rows, views);
    }
    return views;
  }
}
