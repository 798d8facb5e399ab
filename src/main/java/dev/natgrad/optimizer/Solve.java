package dev.natgrad.optimizer;

import dev.natgrad.solver.CgOptions;
import java.util.Objects;

/** By what the direction d ≈ (F + W + l2·I)⁻¹g is found. */
public sealed interface Solve {

  /** What the residuals of conjugate gradients are multiplied by. */
  enum Preconditioner {
    /** (D + W + l2)⁻¹ with D a running estimate of diag(F). */
    DIAGONAL,
    /**
     * The inverse of the Kronecker factors, renewed as {@link Kronecker#standard} says and damped
     * by γ² = λ·tr(F)/P, for a model with dense layers.
     */
    KRONECKER
  }

  /**
   * Conjugate gradients on products with F, from the last direction.
   *
   * @param iterations the most iterations in a step, at least 1
   * @param tolerance the relative residual at which they stop, in [0, 1)
   * @param preconditioner what residuals are multiplied by
   */
  record ConjugateGradients(int iterations, double tolerance, Preconditioner preconditioner)
      implements Solve {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public ConjugateGradients {
      Objects.requireNonNull(preconditioner, "preconditioner");
      OptionCheck.require(iterations >= 1, "iterations", iterations, "≥ 1");
      OptionCheck.require(tolerance >= 0 && tolerance < 1, "tolerance", tolerance, "in [0, 1)");
    }
  }

  /**
   * The inverse of the Kronecker factors (Martens and Grosse, 2015): no product with F at all. For
   * a model with dense layers. The factors learn from the curvature's rows at every step, from
   * drawn targets, or the data's where the curvature is empirical; their inverses are renewed at
   * steps 1, 2, 4, 8, 14 and then every {@code every}, from pieces under a budget in time.
   *
   * @param gamma γ² at the first step in units of tr(F)/P, finite and &gt; 0: what the factors are
   *     damped by together
   * @param adapt whether each renewal also tries γ·0.6 and γ/0.6 and keeps the best by the
   *     quadratic model; not under a budget in time. Otherwise γ² moves in proportion to λ
   * @param floor the least γ², in the same units, finite and &gt; 0
   * @param every how many steps lie between two renewals once settled, at least 1
   */
  record Kronecker(double gamma, boolean adapt, double floor, int every) implements Solve {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public Kronecker {
      OptionCheck.require(gamma > 0 && OptionCheck.finite(gamma), "gamma", gamma, "finite and > 0");
      OptionCheck.require(floor > 0 && OptionCheck.finite(floor), "floor", floor, "finite and > 0");
      OptionCheck.require(every >= 1, "every", every, "≥ 1");
    }

    /**
     * Returns settings to start from.
     *
     * @return γ² from 0.3·tr(F)/P, following λ, renewed every 20 steps
     */
    public static Kronecker standard() {
      return new Kronecker(0.3, false, 1e-5, 20);
    }

    /** Without tries of γ, which follows λ. */
    static Kronecker preconditioner() {
      Kronecker standard = standard();
      return new Kronecker(standard.gamma, false, standard.floor, standard.every);
    }
  }

  /** The explicit matrix and its Cholesky factorisation, in double: for few parameters. */
  record Dense() implements Solve {}

  /**
   * The factorisation in the space of samples times outputs, in double, where that is smaller than
   * the parameters. Needs λ &gt; 0 in units of tr(F)/P, or l2 &gt; 0.
   */
  record Dual() implements Solve {}

  /**
   * d = (D + W + l2)⁻¹g with D the running estimate of diag(F): no product at all. What a step
   * falls back to when its budget leaves no product or a factorisation fails.
   */
  record Diagonal() implements Solve {}

  /**
   * Returns conjugate gradients of at most 30 iterations, preconditioned by the diagonal.
   *
   * @return the default
   */
  static Solve conjugateGradients() {
    return new ConjugateGradients(
        30, CgOptions.DEFAULT_RELATIVE_TOLERANCE, Preconditioner.DIAGONAL);
  }
}
