package dev.natgrad.fisher;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;

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

  static void column(int k, int columns, Mat u, Mat mean) {
    pointSet(mean);
    if (k < 0 || k >= columns) {
      throw new IndexOutOfBoundsException(
          "k is " + k + "; this Fisher matrix has " + columns + " factor columns a sample");
    }
    if (u.rows() != mean.rows() || u.cols() != mean.cols() || u.precision() != mean.precision()) {
      throw new IllegalArgumentException(
          "u is "
              + u.rows()
              + "×"
              + u.cols()
              + " in "
              + u.precision()
              + "; at this point it must be "
              + mean.rows()
              + "×"
              + mean.cols()
              + " in "
              + mean.precision());
    }
  }

  static void assembled(boolean assembled) {
    if (!assembled) {
      throw new IllegalStateException("nothing has been assembled: call assemble first");
    }
  }

  static void damping(LinearOperator f, Vec w) {
    OperatorCheck.vector(f, "w", w);
    for (int i = 0; i < w.length(); i++) {
      // NaN passes: it is a number that is not finite, which the status tells.
      if (w.get(i) < 0) {
        throw new IllegalArgumentException(
            "w has " + w.get(i) + " at " + i + "; every entry of a damping must be ≥ 0");
      }
    }
  }
}
