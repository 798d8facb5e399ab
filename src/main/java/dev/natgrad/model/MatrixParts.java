package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * What a pass cut a caller's matrices into, remembered for the last {@value #KEPT} matrices of each
 * number of rows: whoever has a matrix for each batch size and role allocates nothing, however many
 * sizes there are.
 *
 * <p>Takes no off-heap memory; on the heap a reference for each number of rows up to the largest.
 * Thread rule: one thread at a time.
 *
 * @param <V> the parts of one matrix
 */
final class MatrixParts<V> {
  private static final int KEPT = 16;

  private final Function<Mat, V> cut;
  private final List<Ring<V>> rings = new ArrayList<>();

  /** The last matrices of one number of rows. */
  private static final class Ring<V> {
    private final Mat[] whole = new Mat[KEPT];
    private final List<V> parts = new ArrayList<>(Collections.nCopies(KEPT, null));
    private int next;
  }

  MatrixParts(Function<Mat, V> cut) {
    this.cut = cut;
  }

  /** The parts of a matrix, the same object as at the last call with it. */
  V of(Mat a) {
    int rows = a.rows();
    while (rings.size() <= rows) {
      rings.add(null);
    }
    Ring<V> ring = rings.get(rows);
    if (ring == null) {
      ring = new Ring<>();
      rings.set(rows, ring);
    }
    for (int i = 0; i < KEPT; i++) {
      if (ring.whole[i] == a) {
        return ring.parts.get(i);
      }
    }
    V parts = cut.apply(a);
    ring.whole[ring.next] = a;
    ring.parts.set(ring.next, parts);
    ring.next = (ring.next + 1) % KEPT;
    return parts;
  }
}
