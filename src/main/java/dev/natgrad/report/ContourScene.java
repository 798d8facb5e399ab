package dev.natgrad.report;

import java.util.Arrays;
import java.util.List;

/**
 * Paths over the contours of a loss of two parameters. Immutable but for the arrays, which are not
 * copied; any thread may read it.
 *
 * @param title what the picture shows
 * @param xTitle name of the first parameter
 * @param yTitle name of the second parameter
 * @param x grid along the first parameter, n ≥ 2 elements, strictly ascending
 * @param y grid along the second parameter, m ≥ 2 elements, strictly ascending
 * @param loss loss at the grid's nodes, m × n, row-major, row i at {@code y[i]}; NaN leaves a hole
 * @param levels contour levels, or 0 elements for levels chosen from the grid's values
 * @param minimumX the minimiser's first parameter, NaN if it is not to be marked
 * @param minimumY the minimiser's second parameter, NaN if it is not to be marked
 * @param paths the optimisers' paths
 * @param ellipses equal-KL ellipses
 */
public record ContourScene(
    String title,
    String xTitle,
    String yTitle,
    double[] x,
    double[] y,
    double[] loss,
    double[] levels,
    double minimumX,
    double minimumY,
    List<ContourPath> paths,
    List<KlEllipse> ellipses) {
  private static final int AUTOMATIC_LEVELS = 16;

  /**
   * Checks the grid.
   *
   * @throws IllegalArgumentException if the title is blank, the grid does not ascend, or the loss
   *     has another size
   */
  public ContourScene {
    Check.notBlank("title", title);
    Check.ascending("x", x);
    Check.ascending("y", y);
    Check.length("loss", loss.length, "y.length × x.length", (long) x.length * y.length);
    paths = List.copyOf(paths);
    ellipses = List.copyOf(ellipses);
  }

  /**
   * The levels to draw, ascending. Chosen ones are spaced by cubes from the minimum to the ninth
   * decile, so that the bowl is resolved and a steep wall does not fill the picture.
   */
  double[] levelsOrDefault() {
    double[] source = levels.length > 0 ? levels : loss;
    double[] sorted = Arrays.stream(source).filter(Double::isFinite).sorted().toArray();
    if (levels.length > 0 || sorted.length == 0) {
      return sorted;
    }
    double lowest = sorted[0];
    double decile = sorted[(int) (0.9 * (sorted.length - 1))];
    double[] chosen = new double[AUTOMATIC_LEVELS];
    for (int k = 1; k <= AUTOMATIC_LEVELS; k++) {
      double share = (double) k / AUTOMATIC_LEVELS;
      chosen[k - 1] = lowest + (decile - lowest) * share * share * share;
    }
    return chosen;
  }
}
