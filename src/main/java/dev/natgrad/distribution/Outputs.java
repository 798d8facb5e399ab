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

  static void pair(String first, Mat a, String second, Mat b, OutputDistribution distribution) {
    shape(first, a, distribution);
    shape(second, b, distribution);
    if (a.rows() != b.rows()) {
      throw new IllegalArgumentException(
          first
              + " has "
              + a.rows()
              + " rows and "
              + second
              + " has "
              + b.rows()
              + "; both must have one for each sample");
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
