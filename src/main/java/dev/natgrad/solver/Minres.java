package dev.natgrad.solver;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;

/**
 * MINRES for Ax = b, A symmetric and possibly indefinite or singular (Paige and Saunders, Solution
 * of sparse indefinite systems of linear equations, SIAM J. Numer. Anal. 12, 1975): after k
 * products x minimises ‖b − Ax‖ over the Krylov space of k dimensions, by Lanczos' recurrence and
 * one Givens rotation a step.
 *
 * <p>For Hessians and other curvature that {@link ConjugateGradient} stops at; where A is positive
 * definite, conjugate gradients need one vector fewer and lower φ faster. The residual never grows,
 * so the latest iterate is the best one, and every way of stopping leaves it in x, finite. The
 * start is x = 0; there is no preconditioner ({@link dev.natgrad.operator.Scaled} removes units).
 *
 * <p>Scalars are accumulated in double for both precisions. Without reorthogonalisation the
 * residual of the recurrence, by which the solver stops, departs from the true one by up to about
 * u·κ(A)²·‖b‖ (Sleijpen, van der Vorst and Modersitzki, Differences in the effects of rounding
 * errors in Krylov solvers for symmetric indefinite linear systems, 2000): tolerances below that
 * have no meaning. From κ(A) of about 1/(2√u) on (5·10⁷ in F64, 2,000 in F32) it may end on {@link
 * MinresStatus#LEAST_SQUARES} though A is regular.
 *
 * <p>Thread rule: the owner of the workspace. Four vectors of length n, {@link #bytes}; allocates
 * nothing after construction; the same solve twice gives the same bits.
 */
public final class Minres {
  /**
   * In units of √u: where ‖Ar‖/‖r‖‖A‖ cannot be told from 0. In singular systems it falls to 0.1 to
   * 1 and rises again, as null vectors made of rounding, which x is full of then, come into the
   * Krylov space: with 32·u in place of 2·√u the true residual rose to 10⁵ times ‖b‖.
   */
  private static final double NOISE = 2;

  private final Precision precision;
  private final double relativeTolerance;
  private final int iterationLimit;

  private Vec v;
  private Vec vBefore;
  private Vec w;
  private Vec wBefore;

  private ProductBudget budget;
  private MinresStatus status;
  private int iterations;
  private int products;
  private double residual;

  /** The last two rotations. */
  private double cosine;

  private double sine;
  private double cosineBefore;
  private double sineBefore;

  /**
   * Takes the work vectors.
   *
   * @param workspace the owner of the work vectors
   * @param n the length of the vectors, in elements, at least 0
   * @param precision the format of the vectors
   * @param relativeTolerance stop when ‖b − Ax‖ ≤ relativeTolerance·‖b‖; in [0, 1)
   * @param iterationLimit the largest number of iterations, at least 1
   * @throws IllegalArgumentException if a number is out of range
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Minres(
      Workspace workspace,
      int n,
      Precision precision,
      double relativeTolerance,
      int iterationLimit) {
    CgOptions checked = new CgOptions(relativeTolerance, false, iterationLimit);
    this.precision = precision;
    this.relativeTolerance = checked.relativeTolerance();
    this.iterationLimit = checked.iterationLimit();
    this.v = Vec.allocate(workspace, n, precision);
    this.vBefore = Vec.allocate(workspace, n, precision);
    this.w = Vec.allocate(workspace, n, precision);
    this.wBefore = Vec.allocate(workspace, n, precision);
  }

  /**
   * Returns the off-heap memory that a solver takes: four vectors of length n.
   *
   * @param n the length of the vectors, in elements
   * @param precision the format of the vectors
   * @return bytes
   */
  public static long bytes(int n, Precision precision) {
    return 4 * Vec.bytes(n, precision);
  }

  /**
   * Limits the products of the solves from now on.
   *
   * @param budget asked before each product with A; null for no limit
   */
  public void setBudget(ProductBudget budget) {
    this.budget = budget;
  }

  /**
   * Solves Ax = b from x = 0.
   *
   * @param a A
   * @param b b, unchanged
   * @param x the best iterate, overwritten
   * @return why it stopped, also kept as {@link #status()}
   * @throws IllegalArgumentException if a size or precision is not this solver's or x overlaps b
   */
  public MinresStatus solve(LinearOperator a, Vec b, Vec x) {
    OperatorCheck.vector(a, "the solver's vector", v);
    OperatorCheck.product(a, b, x);
    Blas.fill(0, x);
    Blas.fill(0, vBefore);
    Blas.fill(0, w);
    Blas.fill(0, wBefore);
    Blas.copy(b, v);
    // So that what the operator throws leaves no status of the solve before.
    status = null;
    iterations = 0;
    products = 0;
    residual = norm(b);
    cosine = 1;
    sine = 0;
    cosineBefore = 1;
    sineBefore = 0;
    status = iterate(a, x);
    return status;
  }

  private MinresStatus iterate(LinearOperator a, Vec x) {
    double target = relativeTolerance * residual;
    double signedResidual = residual;
    double betaOfV = residual;
    double beta = 0;
    double sizeOfA = 0;
    double sizeOfX = 0;
    while (true) {
      MinresStatus stop = stopBefore(target);
      if (stop != null) {
        return stop;
      }
      // v comes unnormalised, so that a length of 0 is only ever divided by after it was seen.
      Blas.scal(1 / betaOfV, v);
      a.apply(1, v, -beta, vBefore);
      products++;
      double alpha = Blas.dsdot(v, vBefore);
      Blas.axpy(-alpha, v, vBefore);
      double betaNext = norm(vBefore);
      if (!(Double.isFinite(alpha) && Double.isFinite(betaNext))) {
        return MinresStatus.NON_FINITE;
      }
      double epsilon = sineBefore * beta;
      double deltaBar = cosineBefore * beta;
      double delta = cosine * deltaBar + sine * alpha;
      double gammaBar = cosine * alpha - sine * deltaBar;
      sizeOfA = Math.max(sizeOfA, StrictMath.hypot(StrictMath.hypot(beta, alpha), betaNext));
      // ‖Ar‖/‖r‖. Not against the tolerance: of positive definite A too it may be small.
      double gradient = StrictMath.hypot(gammaBar, cosine * betaNext);
      if (gradient <= NOISE * Math.sqrt(precision.unitRoundoff()) * sizeOfA) {
        return MinresStatus.LEAST_SQUARES;
      }
      double gamma = StrictMath.hypot(gammaBar, betaNext);
      cosineBefore = cosine;
      sineBefore = sine;
      cosine = gammaBar / gamma;
      sine = betaNext / gamma;
      direction(gamma, delta, epsilon);
      double tau = cosine * signedResidual;
      sizeOfX += Math.abs(tau) * norm(w);
      if (!(sizeOfX <= (precision == Precision.F64 ? Double.MAX_VALUE : Float.MAX_VALUE))) {
        return MinresStatus.NON_FINITE;
      }
      Blas.axpy(tau, w, x);
      signedResidual *= -sine;
      residual = Math.abs(signedResidual);
      iterations++;
      Vec next = vBefore;
      vBefore = v;
      v = next;
      beta = betaNext;
      betaOfV = betaNext;
    }
  }

  private MinresStatus stopBefore(double target) {
    if (!Double.isFinite(residual)) {
      return MinresStatus.NON_FINITE;
    }
    if (residual <= target) {
      return MinresStatus.CONVERGED;
    }
    if (iterations == iterationLimit) {
      return MinresStatus.ITERATION_LIMIT;
    }
    return budget == null || budget.take() ? null : MinresStatus.BUDGET_SPENT;
  }

  /** w ← (v − δ·w − ε·wBefore)/γ, the old w becoming wBefore. */
  private void direction(double gamma, double delta, double epsilon) {
    Blas.axpby(1 / gamma, v, -epsilon / gamma, wBefore);
    Blas.axpy(-delta / gamma, w, wBefore);
    Vec next = wBefore;
    wBefore = w;
    w = next;
  }

  private static double norm(Vec x) {
    return Math.sqrt(Blas.dsdot(x, x));
  }

  /**
   * Returns why the last solve stopped.
   *
   * @return the status
   * @throws IllegalStateException if nothing has been solved, or an operator threw in the last
   *     solve
   */
  public MinresStatus status() {
    if (status == null) {
      throw new IllegalStateException(
          "nothing has been solved, or an operator threw in the last solve: call solve first");
    }
    return status;
  }

  /**
   * Returns how many iterations the last solve made.
   *
   * @return 0 … the limit
   */
  public int iterations() {
    return iterations;
  }

  /**
   * Returns how many products with A the last solve made.
   *
   * @return the iterations, and one more where the last product ended the solve
   */
  public int products() {
    return products;
  }

  /**
   * Returns ‖b − Ax‖ of the last solve's x, by the recurrence.
   *
   * @return at least 0; NaN or infinite if b is not finite
   */
  public double residualNorm() {
    return residual;
  }
}
