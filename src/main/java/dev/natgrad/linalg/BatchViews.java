package dev.natgrad.fisher;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Views of buffers for each batch size, made at its first use, so that later ones allocate nothing.
 *
 * @param <V> the views of one batch size
 */
final class ByBatch<V> {
  private final List<V> made;
  private final IntFunction<V> make;

  ByBatch(int maxBatch, IntFunction<V> make) {
    this.made = new ArrayList<>(Collections.nCopies(maxBatch + 1, null));
    this.make = make;
  }

  V of(int rows) {
    V views = made.get(rows);
    if (views == null) {
      views = make.apply(rows);
      made.set(rows, views);
    }
    return views;
  }
}
