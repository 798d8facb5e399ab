package dev.natgrad.report;

import java.util.Arrays;

/** Thins a long curve without changing how it looks. */
final class Downsample {
  /** Up to this many points a curve is drawn as given. */
  static final int LIMIT = 800;

  private Downsample() {}

  /**
   * Indices to keep, ascending: of each run of points in one pixel column the first, the lowest,
   * the highest and the last (all four, since min and max alone bend the joints between columns),
   * and one index for each gap.
   *
   * @param x pixels, n elements
   * @param y pixels, n elements, NaN for a gap
   */
  static int[] indices(double[] x, double[] y) {
    int n = x.length;
    int[] kept = new int[n];
    int count = 0;
    if (n <= LIMIT) {
      Arrays.setAll(kept, i -> i);
      return kept;
    }
    for (int i = 0; i < n; ) {
      int first = i;
      boolean gap = gap(x, y, i);
      int lowest = i;
      int highest = i;
      do {
        lowest = y[i] > y[lowest] ? i : lowest;
        highest = y[i] < y[highest] ? i : highest;
        i++;
      } while (i < n && gap == gap(x, y, i) && (gap || Math.floor(x[i]) == Math.floor(x[first])));
      int[] extremes = {first, Math.min(lowest, highest), Math.max(lowest, highest), i - 1};
      for (int index : gap ? new int[] {first} : extremes) {
        if (count == 0 || kept[count - 1] != index) {
          kept[count++] = index;
        }
      }
    }
    return Arrays.copyOf(kept, count);
  }

  private static boolean gap(double[] x, double[] y, int i) {
    return Double.isNaN(x[i]) || Double.isNaN(y[i]);
  }
}
