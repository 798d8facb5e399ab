package dev.natgrad.distribution;

import dev.natgrad.linalg.Mat;

/** The checks that the distributions share. */
final class Outputs {
  private Outputs() {}

  static void shape(String name, Mat a, OutputDistribution distribution) {
    if (a.cols() != distribution.outputs()) {
      throw new IllegalArgumentException(
          name
              + " has "
              + a.cols()
              + " columns; it must have one for each of the outputs of "
              + distribution);
    }
  }

  static void draws(Mat m, Mat y, OutputDistribution distribution) {
    shape("m", m, distribution);
    shape("y", y, distribution);
    if (m.rows() != y.rows()) {
      throw new IllegalArgumentException(
          "m has " + m.rows() + " rows and y has " + y.rows() + "; a draw needs a row for each");
    }
  }

  static IllegalArgumentException target(int row, int col, double value, String rule) {
    return new IllegalArgumentException(
        "y["
            + row
            + ", "
            + col
            + "] is "
            + value
            + "; "
            + rule
            + ": correct the target of this row");
  }

  /** Checks that every target is a probability. */
  static void probabilities(Mat y) {
    for (int i = 0; i < y.rows(); i++) {
      for (int j = 0; j < y.cols(); j++) {
        double value = y.get(i, j);
        if (!(value >= 0 && value <= 1)) {
          throw target(i, j, value, "a target must be a probability, from 0 to 1");
        }
      }
    }
  }
}
