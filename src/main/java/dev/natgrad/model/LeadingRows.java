package dev.natgrad.model;

import dev.natgrad.linalg.Mat;

/**
 * Views of the first rows of a caller's matrices, remembered for the last {@value #KEPT}: repeated
 * calls with the same matrices allocate nothing.
 */
final class LeadingRows {
  private static final int KEPT = 16;

  private final Mat[] matrices = new Mat[KEPT];
  private final Mat[] tops = new Mat[KEPT];
  private int next;

  /** The first {@code rows} rows of {@code a}, a itself if these are all. */
  Mat of(Mat a, int rows) {
    if (rows == a.rows()) {
      return a;
    }
    for (int i = 0; i < KEPT; i++) {
      if (matrices[i] == a && tops[i].rows() == rows) {
        return tops[i];
      }
    }
    Mat top = a.top(rows);
    matrices[next] = a;
    tops[next] = top;
    next = (next + 1) % KEPT;
    return top;
  }
}
