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

  static void targets(Mat y, OutputDistribution distribution) {
    if (y.cols() != distribution.targets()) {
      throw new IllegalArgumentException(
          "y has "
              + y.cols()
              + " columns; it must have one for each of the targets of "
              + distribution);
    }
  }

  static void draws(Mat m, Mat y, OutputDistribution distribution) {
    shape("m", m, distribution);
    targets(y, distribution);
    rows("m", m, "y", y);
  }

  static void pair(String first, Mat a, String second, Mat b, OutputDistribution distribution) {
    shape(first, a, distribution);
    shape(second, b, distribution);
    rows(first, a, second, b);
  }

  private static void rows(String first, Mat a, String second, Mat b) {
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

  /** Checks that every target of a row is a probability. */
  static void probabilities(Mat y, int row) {
    for (int j = 0; j < y.cols(); j++) {
      double value = y.get(row, j);
      if (!(value >= 0 && value <= 1)) {
        throw target(row, j, value, "a target must be a probability, from 0 to 1");
      }
    }
  }

  /** Checks that the columns {@code from} to {@code to} − 1 of a row sum to 1. */
  static void sumsToOne(Mat y, int row, int from, int to) {
    // One-hot and averaged labels in float sum to 1 up to the rounding of each entry.
    double tolerance = 4.0 * (to - from) * y.precision().unitRoundoff();
    double sum = 0;
    for (int j = from; j < to; j++) {
      sum += y.get(row, j);
    }
    if (Math.abs(sum - 1) > tolerance) {
      throw new IllegalArgumentException(
          "row "
              + row
              + " of y sums to "
              + sum
              + (to - from == y.cols() ? "" : " in columns " + from + " to " + (to - 1))
              + "; the probabilities of the classes must sum to 1: make the row one-hot or divide"
              + " it by its sum");
    }
  }

  /** Checks that every target of a row is a finite number. */
  static void finite(Mat y, int row) {
    for (int j = 0; j < y.cols(); j++) {
      if (!Double.isFinite(y.get(row, j))) {
        throw target(row, j, y.get(row, j), "a target must be a finite number");
      }
    }
  }

  /** Checks that every target of a row is a count. */
  static void counts(Mat y, int row) {
    for (int j = 0; j < y.cols(); j++) {
      double value = y.get(row, j);
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY && value == Math.rint(value))) {
        throw target(row, j, value, "a target must be a count, an integer 0, 1, 2, …");
      }
    }
  }

  /** Checks that every target of a row is finite and above 0. */
  static void positive(Mat y, int row) {
    for (int j = 0; j < y.cols(); j++) {
      double value = y.get(row, j);
      if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
        throw target(row, j, value, "a target must be finite and above 0");
      }
    }
  }

  static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
    }
  }

  static void within(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be between " + low + " and " + high);
    }
  }
}
