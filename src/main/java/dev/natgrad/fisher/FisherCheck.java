package dev.natgrad.fisher;

import dev.natgrad.linalg.Mat;
import dev.natgrad.operator.LinearOperator;

/** The argument checks that the Fisher matrices share. */
final class FisherCheck {
  private FisherCheck() {}

  static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
    }
  }

  static void positive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be positive and finite");
    }
  }

  /** rows·cols, which must not exceed the longest vector. */
  static int entries(String name, int rows, int cols) {
    long entries = (long) rows * cols;
    if (entries > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name
              + " is "
              + rows
              + ", which makes a buffer of "
              + rows
              + "×"
              + cols
              + " numbers; it must hold at most "
              + Integer.MAX_VALUE
              + ": choose a smaller one");
    }
    return (int) entries;
  }

  static void mean(Mat mean, int maxBatch, int outputs, LinearOperator f) {
    if (mean.rows() < 1 || mean.rows() > maxBatch || mean.cols() != outputs) {
      throw new IllegalArgumentException(
          "mean is "
              + mean.rows()
              + "×"
              + mean.cols()
              + "; it must have 1 to "
              + maxBatch
              + " rows (the largest batch) and "
              + outputs
              + " columns");
    }
    if (mean.precision() != f.precision()) {
      throw new IllegalArgumentException(
          "mean has precision " + mean.precision() + "; the Fisher matrix has " + f.precision());
    }
  }

  static void pointSet(Mat mean) {
    if (mean == null) {
      throw new IllegalStateException("no point has been set: call setPoint first");
    }
  }
}
