package dev.natgrad.optimizer;

import dev.natgrad.solver.CgOptions;

/** By what the direction d ≈ (F + W + l2·I)⁻¹g is found. */
public sealed interface Solve {

  /**
   * Conjugate gradients on products with F, preconditioned by the inverse of a running estimate of
   * diag(F) + W + l2, from the last direction.
   *
   * @param iterations the most iterations in a step, at least 1
   * @param tolerance the relative residual at which they stop, in [0, 1)
   */
  record ConjugateGradients(int iterations, double tolerance) implements Solve {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public ConjugateGradients {
      OptionCheck.require(iterations >= 1, "iterations", iterations, "≥ 1");
      OptionCheck.require(tolerance >= 0 && tolerance < 1, "tolerance", tolerance, "in [0, 1)");
    }
  }

  /**
   * d = (D + W + l2)⁻¹g with D the running estimate of diag(F): no product at all. What a step
   * falls back to when its budget leaves no product.
   */
  record Diagonal() implements Solve {}

  /**
   * Returns conjugate gradients of at most 30 iterations.
   *
   * @return the default
   */
  static Solve conjugateGradients() {
    return new ConjugateGradients(30, CgOptions.DEFAULT_RELATIVE_TOLERANCE);
  }
}
