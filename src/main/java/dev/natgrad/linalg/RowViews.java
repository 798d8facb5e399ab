package dev.natgrad.linalg;

import java.util.ArrayList;
import java.util.List;

/**
 * Views of rows of a caller's matrices, remembered for the last {@value #KEPT} matrices: repeated
 * calls with the same matrices and rows allocate nothing.
 *
 * <p>Takes no off-heap memory. Thread rule: one thread at a time.
 */
public final class RowViews {
  private static final int KEPT = 64;

  private final List<Kept> kept = new ArrayList<>(KEPT);
  private int next;

  /** Views of one matrix; few, so they are looked for one by one. */
  private record Kept(Mat matrix, List<View> views) {}

  private record View(int first, Mat rows) {}

  /** None yet. */
  public RowViews() {}

  /**
   * Returns some rows of a matrix.
   *
   * @param a the matrix
   * @param first the first of them
   * @param rows how many; with all of them the view is {@code a} itself
   * @return the view, the same object as at the last call with these arguments
   * @throws IndexOutOfBoundsException if there are no such rows
   */
  public Mat of(Mat a, int first, int rows) {
    if (first == 0 && rows == a.rows()) {
      return a;
    }
    List<View> views = of(a);
    for (int i = 0; i < views.size(); i++) {
      View view = views.get(i);
      if (view.first == first && view.rows.rows() == rows) {
        return view.rows;
      }
    }
    Mat made = a.block(first, 0, rows, a.cols());
    views.add(new View(first, made));
    return made;
  }

  private List<View> of(Mat a) {
    for (int i = 0; i < kept.size(); i++) {
      if (kept.get(i).matrix == a) {
        return kept.get(i).views;
      }
    }
    Kept added = new Kept(a, new ArrayList<>());
    if (kept.size() < KEPT) {
      kept.add(added);
    } else {
      kept.set(next, added);
      next = (next + 1) % KEPT;
    }
    return added.views;
  }
}
