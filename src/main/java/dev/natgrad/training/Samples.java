package dev.natgrad.training;

import dev.natgrad.linalg.Mat;

/**
 * Encoded samples, one a row. Thread rule: the owner of the matrices' workspaces.
 *
 * @param x X, n×inputs
 * @param y Y, n×outputs
 */
public record Samples(Mat x, Mat y) {
  /**
   * Checks that both have one row a sample.
   *
   * @throws IllegalArgumentException if the numbers of rows differ
   */
  public Samples {
    if (x.rows() != y.rows()) {
      throw new IllegalArgumentException(
          "y has " + y.rows() + " rows and x has " + x.rows() + "; both must have one per sample");
    }
  }

  /**
   * Returns the number of samples.
   *
   * @return n ≥ 0
   */
  public int count() {
    return x.rows();
  }
}
