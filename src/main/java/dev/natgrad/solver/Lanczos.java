package dev.natgrad.solver;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;

/**
 * Lanczos' method with full reorthogonalisation (Parlett, The Symmetric Eigenvalue Problem, chapter
 * 13): k products give k Ritz values, of which the extreme ones approach the extreme eigenvalues of
 * a symmetric A first. For diagnostics: the range of the spectrum, whether A is positive definite,
 * its condition number; {@link Spectrum} builds on it.
 *
 * <p>Each Ritz value θ comes with a bound: an eigenvalue of A lies within {@link #errorBound} of
 * it, but for rounding of about u·√k·‖A‖. That it is the largest or smallest is not guaranteed by
 * any k &lt; n, and is likely for a random start.
 *
 * <p>Memory is bounded: k ≤ {@value #MOST_STEPS}, and k + 1 vectors of length n, {@link #bytes}.
 * Thread rule: the owner of its workspace. Allocates nothing after construction; the same run twice
 * gives the same bits.
 */
public final class Lanczos {
  /** The largest k: full reorthogonalisation costs 8·k²·n operations and k·n numbers. */
  public static final int MOST_STEPS = 50;

  /** In units of the roundoff: a next vector shorter than that relative to A is noise. */
  private static final double NOISE = 32;

  private final Precision precision;
  private final Mat basis;
  private final Vec[] rows;
  private final Mat[] tops;
  private final Vec[] coefficients;
  private final double[] alpha;
  private final double[] beta;
  private final Tridiagonal tridiagonal;

  private ProductBudget budget;
  private int steps;
  private double remainder;

  /**
   * Takes the basis.
   *
   * @param workspace the owner of the basis
   * @param n the length of the vectors, in elements, at least 1
   * @param precision the format of the vectors
   * @param steps k, 1 to {@value #MOST_STEPS}; more than n are cut to n
   * @throws IllegalArgumentException if a number is out of range
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Lanczos(Workspace workspace, int n, Precision precision, int steps) {
    int k = steps(n, steps);
    this.precision = precision;
    this.basis = Mat.allocate(workspace, k + 1, n, precision);
    Vec all = Vec.allocate(workspace, k, precision);
    this.rows = new Vec[k + 1];
    this.tops = new Mat[k];
    this.coefficients = new Vec[k];
    for (int j = 0; j <= k; j++) {
      rows[j] = basis.row(j);
    }
    for (int j = 0; j < k; j++) {
      tops[j] = basis.top(j + 1);
      coefficients[j] = all.slice(0, j + 1);
    }
    this.alpha = new double[k];
    this.beta = new double[k];
    this.tridiagonal = new Tridiagonal(k);
  }

  private static int steps(int n, int steps) {
    if (n < 1) {
      throw new IllegalArgumentException("n is " + n + "; it must be at least 1");
    }
    if (steps < 1 || steps > MOST_STEPS) {
      throw new IllegalArgumentException("steps is " + steps + "; it must be 1 to " + MOST_STEPS);
    }
    return Math.min(n, steps);
  }

  /**
   * Returns the off-heap memory it takes: a (k + 1)×n matrix and a vector of length k, k the lesser
   * of steps and n.
   *
   * @param n the length of the vectors, in elements
   * @param precision the format of the vectors
   * @param steps as for the constructor
   * @return bytes
   */
  public static long bytes(int n, Precision precision, int steps) {
    int k = steps(n, steps);
    return Mat.bytes(k + 1, n, precision) + Vec.bytes(k, precision);
  }

  /**
   * Limits the products of the runs from now on; a run ends with fewer steps where it is spent.
   *
   * @param budget asked before each product with A; null for no limit
   */
  public void setBudget(ProductBudget budget) {
    this.budget = budget;
  }

  /**
   * Runs from a start until k steps are made, the Krylov space is exhausted or the budget is spent.
   *
   * @param a A
   * @param start a vector with a share of every eigenvector sought, such as random signs; unchanged
   * @return whether {@link #steps} ≥ 1 Ritz values are there; false if the start is zero, a number
   *     is not finite or no product was allowed
   * @throws IllegalArgumentException if a size or precision does not fit
   */
  public boolean run(LinearOperator a, Vec start) {
    OperatorCheck.vector(a, "a vector of this basis", rows[0]);
    OperatorCheck.vector(a, "start", start);
    steps = 0;
    double norm = norm(start);
    if (!(norm > 0 && Double.isFinite(norm))) {
      return false;
    }
    Blas.copy(start, rows[0]);
    Blas.scal(1 / norm, rows[0]);
    double size = 0;
    // The field is set at the end: what the operator throws leaves no Ritz values.
    int made = 0;
    while (made < alpha.length && (budget == null || budget.take())) {
      a.apply(1, rows[made], 0, rows[made + 1]);
      double along = Blas.dsdot(rows[made], rows[made + 1]);
      orthogonalise(made);
      orthogonalise(made);
      double next = norm(rows[made + 1]);
      if (!(Double.isFinite(along) && Double.isFinite(next))) {
        return false;
      }
      size = Math.max(size, StrictMath.hypot(along, next));
      alpha[made] = along;
      beta[made] = next;
      remainder = next;
      made++;
      if (next <= NOISE * precision.unitRoundoff() * size) {
        break;
      }
      Blas.scal(1 / next, rows[made]);
    }
    boolean settled = made > 0 && tridiagonal.decompose(alpha, beta, made);
    steps = settled ? made : 0;
    return settled;
  }

  /** Takes from the vector after the newest its parts along all up to it. */
  private void orthogonalise(int newest) {
    Vec c = coefficients[newest];
    Blas.gemv(Transpose.NO, 1, tops[newest], rows[newest + 1], 0, c);
    Blas.gemv(Transpose.YES, -1, tops[newest], c, 1, rows[newest + 1]);
  }

  private static double norm(Vec x) {
    return Math.sqrt(Blas.dsdot(x, x));
  }

  /**
   * Returns how many steps the last run made: the number of Ritz values.
   *
   * @return 0 to k; 0 if it failed or A threw
   */
  public int steps() {
    return steps;
  }

  /**
   * Returns a Ritz value.
   *
   * @param i 0 for the smallest, {@link #steps} − 1 for the largest
   * @return θᵢ
   * @throws IndexOutOfBoundsException if {@code i} is out of range
   */
  public double ritzValue(int i) {
    return tridiagonal.eigenvalue(index(i));
  }

  /**
   * Returns how far from a Ritz value an eigenvalue of A is at most: ‖Ay − θy‖ of its Ritz vector.
   *
   * @param i as for {@link #ritzValue}
   * @return at least 0; without the rounding of the run
   * @throws IndexOutOfBoundsException if {@code i} is out of range
   */
  public double errorBound(int i) {
    return remainder * Math.abs(tridiagonal.last(index(i)));
  }

  /**
   * Returns the square of the start's component along a Ritz vector, the start taken as of length
   * 1: the weight of θᵢ in Gauss' quadrature of startᵀf(A)start/‖start‖².
   *
   * @param i as for {@link #ritzValue}
   * @return a weight; all sum to 1
   * @throws IndexOutOfBoundsException if {@code i} is out of range
   */
  public double weight(int i) {
    double share = tridiagonal.first(index(i));
    return share * share;
  }

  /**
   * Returns an estimate of the smallest eigenvalue, from above but for rounding.
   *
   * @return θ₀
   * @throws IndexOutOfBoundsException if the last run failed
   */
  public double smallest() {
    return ritzValue(0);
  }

  /**
   * Returns an estimate of the largest eigenvalue, from below but for rounding.
   *
   * @return the last θ
   * @throws IndexOutOfBoundsException if the last run failed
   */
  public double largest() {
    return ritzValue(steps - 1);
  }

  private int index(int i) {
    if (i < 0 || i >= steps) {
      throw new IndexOutOfBoundsException(
          "i is " + i + "; the last run found " + steps + " Ritz values: it must be below that");
    }
    return i;
  }
}
