package dev.natgrad.report;

import java.util.List;

/**
 * How one model divides the plane into classes, and the examples on it. Immutable but for the
 * arrays, which are not copied; any thread may read it.
 *
 * <p>Cell (r, c) is centred at {@code xMin + (c + ½)(xMax − xMin)/columns} and {@code yMin + (r +
 * ½)(yMax − yMin)/rows}: row 0 is at the bottom.
 *
 * @param name the model or optimiser
 * @param classNames one name for each of the k classes, k from 2 to 6
 * @param columns cells along x
 * @param rows cells along y
 * @param xMin left edge
 * @param xMax right edge
 * @param yMin lower edge
 * @param yMax upper edge
 * @param probability class probabilities, rows × columns × k, row-major, class fastest; for a mere
 *     decision 1 for its class and 0 elsewhere
 * @param pointX examples, first coordinate, n elements
 * @param pointY examples, second coordinate, n elements
 * @param pointClass examples, class from 0 to k − 1, n elements
 */
public record DecisionPanel(
    String name,
    List<String> classNames,
    int columns,
    int rows,
    double xMin,
    double xMax,
    double yMin,
    double yMax,
    double[] probability,
    double[] pointX,
    double[] pointY,
    int[] pointClass) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size, an edge or a class is out of its range
   */
  public DecisionPanel {
    Check.notBlank("name", name);
    classNames = List.copyOf(classNames);
    int k = classNames.size();
    if (k < 2 || k > Palette.SIZE) {
      throw new IllegalArgumentException(
          "classNames has " + k + " elements; a panel can tell 2 to " + Palette.SIZE + " apart");
    }
    Check.positive("columns", columns);
    Check.positive("rows", rows);
    Check.ordered("xMin", xMin, "xMax", xMax);
    Check.ordered("yMin", yMin, "yMax", yMax);
    Check.length(
        "probability", probability.length, "rows × columns × k", (long) rows * columns * k);
    Check.length("pointY", pointY.length, "pointX.length", pointX.length);
    Check.length("pointClass", pointClass.length, "pointX.length", pointX.length);
    for (int i = 0; i < pointClass.length; i++) {
      if (pointClass[i] < 0 || pointClass[i] >= k) {
        throw new IllegalArgumentException(
            "pointClass[" + i + "] = " + pointClass[i] + "; classes go from 0 to " + (k - 1));
      }
    }
  }

  /** The most probable class of a cell, the first among equals. */
  int decision(int row, int column) {
    int k = classNames.size();
    int at = (row * columns + column) * k;
    int best = 0;
    for (int c = 1; c < k; c++) {
      best = probability[at + c] > probability[at + best] ? c : best;
    }
    return best;
  }

  /** Share of the examples inside the panel whose cell decides for their class; NaN for none. */
  double agreement() {
    int inside = 0;
    int right = 0;
    for (int i = 0; i < pointX.length; i++) {
      int column = (int) Math.floor((pointX[i] - xMin) / (xMax - xMin) * columns);
      int row = (int) Math.floor((pointY[i] - yMin) / (yMax - yMin) * rows);
      if (column >= 0 && column < columns && row >= 0 && row < rows) {
        inside++;
        right += decision(row, column) == pointClass[i] ? 1 : 0;
      }
    }
    return inside == 0 ? Double.NaN : (double) right / inside;
  }
}
