package dev.natgrad.distribution;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/** Small matrices of the tests. */
final class Rows {
  private Rows() {}

  /** A view inside a larger matrix whose other elements are NaN. */
  static Mat of(Workspace workspace, Precision precision, double[]... values) {
    int cols = values[0].length;
    Mat whole = Mat.allocate(workspace, values.length + 2, cols + 3, precision);
    for (int i = 0; i < whole.rows(); i++) {
      for (int j = 0; j < whole.cols(); j++) {
        whole.set(i, j, Double.NaN);
      }
    }
    Mat a = whole.block(1, 1, values.length, cols);
    for (int i = 0; i < values.length; i++) {
      a.copyRowFrom(i, values[i], 0);
    }
    return a;
  }

  static double[] row(Mat a, int i) {
    double[] row = new double[a.cols()];
    a.copyRowTo(i, row, 0);
    return row;
  }

  static double gamma(int n, double u) {
    return n * u / (1 - n * u);
  }
}
