package dev.natgrad.optimizer;

import dev.natgrad.solver.CgOptions;
import dev.natgrad.solver.Nystrom;
import java.util.Objects;

/** By what the direction d ≈ (F + W + l2·I)⁻¹g is found. Immutable; usable from any thread. */
public sealed interface Solve {
  /** The most iterates of conjugate gradients that a step chooses among. */
  int MOST_CANDIDATES = 64;

  /** What the residuals of conjugate gradients are multiplied by. */
  enum Preconditioner {
    /** (D + W + l2)⁻¹ with D a running estimate of diag(F). */
    DIAGONAL,
    /**
     * The inverse of the Kronecker factors, renewed as {@link Kronecker#standard} says and damped
     * by γ² = λ·tr(F)/P, for a model with dense layers.
     */
    KRONECKER,
    /**
     * A randomised approximation of low rank (Frangella, Tropp and Udell, 2023) of F in the units
     * that the damping gives it, W^(−½)·F·W^(−½), for which F + W is a shift of the identity. It
     * costs {@link ConjugateGradients#rank} products each time it is renewed: at steps 1, 2, 4, 8,
     * 14 and then every 20. Until there is one, and where the damping is 0, the diagonal serves.
     */
    NYSTROM
  }

  /**
   * Conjugate gradients on products with F, from the last direction. They stop at the tolerance, or
   * before it where the quadratic model has hardly fallen of late ({@link
   * dev.natgrad.solver.RelativeProgress}): more accuracy rarely makes a better step. A direction to
   * a tolerance, whatever it costs, is that of {@link Minres}, or of {@link Dense}.
   *
   * @param iterations the most iterations in a step, at least 1
   * @param tolerance the relative residual at which they stop at the latest, in [0, 1)
   * @param preconditioner what residuals are multiplied by
   * @param rank the rank of {@link Preconditioner#NYSTROM}, 1 to {@value Nystrom#MOST_RANK}; P
   *     where that is less
   * @param candidates how many iterates of a solve to keep, 0 for the last one alone. With more the
   *     objective is evaluated at the step that the models foresee along each, from the newest back
   *     for as long as it falls, and the best gives the direction (Martens, Deep learning via
   *     Hessian-free optimization, 2010, section 4.6). Each takes a vector of P, and where it is
   *     looked at a tangent product and an evaluation; not under a budget in time
   */
  record ConjugateGradients(
      int iterations, double tolerance, Preconditioner preconditioner, int rank, int candidates)
      implements Solve {
    /** The rank where none is given. */
    public static final int DEFAULT_RANK = 16;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public ConjugateGradients {
      Objects.requireNonNull(preconditioner, "preconditioner");
      OptionCheck.require(iterations >= 1, "iterations", iterations, "≥ 1");
      OptionCheck.require(tolerance >= 0 && tolerance < 1, "tolerance", tolerance, "in [0, 1)");
      OptionCheck.require(
          rank >= 1 && rank <= Nystrom.MOST_RANK, "rank", rank, "1 to " + Nystrom.MOST_RANK);
      OptionCheck.require(
          candidates >= 0 && candidates <= MOST_CANDIDATES,
          "candidates",
          candidates,
          "0 to " + MOST_CANDIDATES);
    }

    /**
     * Conjugate gradients of the last iterate, with a rank of {@value #DEFAULT_RANK} where it
     * counts.
     *
     * @param iterations the most iterations in a step, at least 1
     * @param tolerance the relative residual at which they stop, in [0, 1)
     * @param preconditioner what residuals are multiplied by
     */
    public ConjugateGradients(int iterations, double tolerance, Preconditioner preconditioner) {
      this(iterations, tolerance, preconditioner, DEFAULT_RANK, 0);
    }

    /**
     * Returns this solver with iterates to choose from.
     *
     * @param newCandidates how many to keep, 0 to {@value Solve#MOST_CANDIDATES}
     * @return the solver
     */
    public ConjugateGradients withCandidates(int newCandidates) {
      return new ConjugateGradients(iterations, tolerance, preconditioner, rank, newCandidates);
    }

    /**
     * Returns this solver with another rank.
     *
     * @param newRank the rank of {@link Preconditioner#NYSTROM}
     * @return the solver
     */
    public ConjugateGradients withRank(int newRank) {
      return new ConjugateGradients(iterations, tolerance, preconditioner, newRank, candidates);
    }
  }

  /**
   * MINRES on products with F from 0 (Paige and Saunders, 1975), in the units of the diagonal
   * preconditioner: it lowers the residual at each iteration, and unlike conjugate gradients needs
   * no positive curvature, of an F + W that rounding or a user's own makes indefinite.
   *
   * @param iterations the most iterations in a step, at least 1
   * @param tolerance the relative residual at which they stop, in [0, 1)
   */
  record Minres(int iterations, double tolerance) implements Solve {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public Minres {
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
  }

  /**
   * Kronecker factors with corrected eigenvalues (George et al., Fast approximate natural gradient
   * descent in a Kronecker-factored eigenbasis, 2018): the second moments of the gradients in the
   * eigenvectors of the factors, learnt at every step, damped by λ·tr(F)/P and l2. For a model with
   * dense layers. The eigenvectors are renewed at steps 1, 2, 4, 8, 14 and then every {@code
   * every}, layer by layer under a budget in time.
   *
   * @param floor the least damping in units of tr(F)/P, finite and &gt; 0
   * @param every how many steps lie between two renewals once settled, at least 1
   */
  record EigenKronecker(double floor, int every) implements Solve {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option, its value and its range
     */
    public EigenKronecker {
      OptionCheck.require(floor > 0 && OptionCheck.finite(floor), "floor", floor, "finite and > 0");
      OptionCheck.require(every >= 1, "every", every, "≥ 1");
    }

    /**
     * Returns the usual settings.
     *
     * @return a floor of 1e-5, renewed every 20 steps
     */
    public static EigenKronecker standard() {
      return new EigenKronecker(1e-5, 20);
    }
  }

  /**
   * The blocks of the explicit matrix that belong to one dense layer each, and their Cholesky
   * factorisations, in double: for a model with dense layers of at most {@value
   * dev.natgrad.fisher.BlockDiagonalFisher#LARGEST_BLOCK} parameters.
   */
  record Blocks() implements Solve {}

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
