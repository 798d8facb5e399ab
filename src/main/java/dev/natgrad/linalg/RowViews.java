package dev.natgrad.linalg;

/**
 * Views of rows of a caller's matrices, remembered for the last {@value #KEPT}: repeated calls with
 * the same matrices and rows allocate nothing.
 *
 * <p>Takes no off-heap memory. Thread rule: one thread at a time.
 */
public final class RowViews {
  private static final int KEPT = 64;

  private final Mat[] matrices = new Mat[KEPT];
  private final Mat[] views = new Mat[KEPT];
  private final int[] firsts = new int[KEPT];
  private int next;

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
    for (int i = 0; i < KEPT; i++) {
      if (matrices[i] == a && firsts[i] == first && views[i].rows() == rows) {
        return views[i];
      }
    }
    Mat view = a.block(first, 0, rows, a.cols());
    matrices[next] = a;
    firsts[next] = first;
    views[next] = view;
    next = (next + 1) % KEPT;
    return view;
  }
}
