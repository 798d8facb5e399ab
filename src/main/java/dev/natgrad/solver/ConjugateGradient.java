package dev.natgrad.solver;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;

/**
 * Preconditioned conjugate gradients for Ax = b, A symmetric positive definite and known only by
 * its products (Hestenes and Stiefel, Methods of conjugate gradients for solving linear systems,
 * 1952).
 *
 * <p>Every step lowers φ(x) = ½xᵀAx − bᵀx, by ½α·rᵀM⁻¹r: so the latest iterate is the best one, and
 * every way of stopping leaves it in x, finite. A step that cannot be trusted (curvature,
 * preconditioner, overflow) is not taken; where that is the first, x is the start. φ is summed up
 * from those decreases: it costs no product, and it stays accurate where φ itself no longer
 * resolves them (Strakoš and Tichý, On error estimation in the conjugate gradient method and why it
 * works in finite precision computations, 2002). The results of the last solve are read from this
 * object.
 *
 * <p>Scalars are accumulated in double for both precisions. The residual r is the recurrence's; it
 * drifts from b − Ax by about the unit roundoff times ‖A‖ max‖xᵢ‖ times the iterations (Greenbaum,
 * Estimating the attainable accuracy of recursively computed residual methods, 1997), so tolerances
 * below that have no meaning. Multiplying A, b or both by a power of two changes no bit of the path
 * but by that scale. Sums of squares beyond the range of double count as zero or give {@link
 * CgStatus#NON_FINITE}.
 *
 * <p>Thread rule: the owner of the workspace. Allocates nothing after construction; the same solve
 * twice gives the same bits.
 */
public final class ConjugateGradient {
  private final int n;
  private final Precision precision;
  private final CgOptions options;
  private final RelativeProgress progress;

  private final Vec r;
  private final Vec p;
  private final Vec ap;

  /** Null without a preconditioner. */
  private final Vec z;

  private ProductBudget budget;
  private StoredIterates stored;

  /** pᵀp, pᵀAp and (Ap)ᵀAp. */
  private final double[] products3 = new double[3];

  private CgStatus status;
  private int iterations;
  private int products;
  private double phi;

  /** rᵀr of the residual r of x. */
  private double rr;

  /**
   * Takes the work vectors r, p, Ap and, with a preconditioner, z.
   *
   * @param workspace the owner of the work vectors
   * @param n the length of the vectors, in elements, at least 0
   * @param precision the format of the vectors
   * @param preconditioned whether solves with a preconditioner will be asked for
   * @param options when to stop
   * @throws IllegalArgumentException if {@code n} is negative
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public ConjugateGradient(
      Workspace workspace, int n, Precision precision, boolean preconditioned, CgOptions options) {
    this.n = n;
    this.precision = precision;
    this.options = options;
    this.progress = new RelativeProgress(options.iterationLimit());
    this.r = Vec.allocate(workspace, n, precision);
    this.p = Vec.allocate(workspace, n, precision);
    this.ap = Vec.allocate(workspace, n, precision);
    this.z = preconditioned ? Vec.allocate(workspace, n, precision) : null;
  }

  /**
   * Returns the off-heap memory that a solver takes: three vectors of length n, four with a
   * preconditioner.
   *
   * @param n the length of the vectors, in elements
   * @param precision the format of the vectors
   * @param preconditioned whether there is a preconditioner
   * @return bytes
   */
  public static long bytes(int n, Precision precision, boolean preconditioned) {
    return (preconditioned ? 4 : 3) * Vec.bytes(n, precision);
  }

  /**
   * Solves Ax = b without a preconditioner.
   *
   * @param a A
   * @param b b, unchanged
   * @param x the best iterate; read as the start only if {@code warm}
   * @param warm whether to start from x instead of 0, as {@link #solve(LinearOperator,
   *     LinearOperator, Vec, Vec, boolean)} says
   * @return why it stopped, also kept as {@link #status()}
   * @throws IllegalArgumentException if a size or precision is not this solver's or x overlaps b
   */
  public CgStatus solve(LinearOperator a, Vec b, Vec x, boolean warm) {
    return run(a, null, b, x, warm);
  }

  /**
   * Solves Ax = b with a preconditioner.
   *
   * <p>A warm start costs one product more. Where φ(x₀) &gt; 0 = φ(0), the start is 0 after all: it
   * is the better iterate. If b = 0 then x = 0, converged in no iterations.
   *
   * @param a A
   * @param preconditioner applies M⁻¹, symmetric positive definite, M close to A
   * @param b b, unchanged
   * @param x the best iterate; read as the start x₀ only if {@code warm}
   * @param warm whether to start from x instead of 0
   * @return why it stopped, also kept as {@link #status()}
   * @throws IllegalArgumentException if a size or precision is not this solver's or x overlaps b
   * @throws IllegalStateException if this solver was built without a preconditioner's vector
   */
  public CgStatus solve(
      LinearOperator a, LinearOperator preconditioner, Vec b, Vec x, boolean warm) {
    if (z == null) {
      throw new IllegalStateException(
          "this solver was built with preconditioned = false: build it with true");
    }
    check("preconditioner", preconditioner);
    return run(a, preconditioner, b, x, warm);
  }

  /**
   * Limits the products of the solves from now on. A solve that may make no more stops with {@link
   * CgStatus#BUDGET_SPENT} and leaves the best iterate so far; a warm start whose first product is
   * refused starts from 0, since φ at the start is not known then.
   *
   * @param budget asked before each product with A; null for no limit
   */
  public void setBudget(ProductBudget budget) {
    this.budget = budget;
  }

  /**
   * Has the solves from now on keep some of their iterates, which costs a copy of x each.
   *
   * @param stored where to keep them; each solve forgets those of the one before; null for none
   * @throws IllegalArgumentException if its vectors are not of this solver's length and precision
   */
  public void setStoredIterates(StoredIterates stored) {
    if (stored != null) {
      stored.check(n, precision);
    }
    this.stored = stored;
  }

  /**
   * Returns where this solver keeps iterates.
   *
   * @return what was set; null if none
   */
  public StoredIterates storedIterates() {
    return stored;
  }

  private boolean mayMultiply() {
    return budget == null || budget.take();
  }

  private void check(String name, LinearOperator a) {
    if (a.size() != n || a.precision() != precision) {
      throw new IllegalArgumentException(
          name
              + " maps vectors of length "
              + a.size()
              + " in "
              + a.precision()
              + "; this solver was built for "
              + n
              + " in "
              + precision);
    }
  }

  private CgStatus run(LinearOperator a, LinearOperator m, Vec b, Vec x, boolean warm) {
    check("a", a);
    OperatorCheck.vector(a, "b", b);
    OperatorCheck.vector(a, "x", x);
    if (x.overlaps(b)) {
      throw new IllegalArgumentException(
          "x overlaps b in memory; an output must not share memory with an input");
    }
    // So that what the operator throws leaves no status of the solve before.
    status = null;
    iterations = 0;
    products = 0;
    phi = 0;
    if (stored != null) {
      stored.clear();
    }
    rr = Blas.dsdot(b, b);
    double normB = Math.sqrt(rr);
    Blas.copy(b, r);
    boolean granted = !warm || normB == 0 || mayMultiply();
    if (!warm || normB == 0 || !granted) {
      Blas.fill(0, x);
    } else {
      startAt(a, b, x);
    }
    boolean finite = Double.isFinite(normB) && Double.isFinite(phi) && Double.isFinite(rr);
    if (!finite) {
      status = CgStatus.NON_FINITE;
    } else {
      status = granted ? iterate(a, m, b, x, normB) : CgStatus.BUDGET_SPENT;
    }
    return status;
  }

  private void startAt(LinearOperator a, Vec b, Vec x) {
    a.apply(-1, x, 1, r);
    products = 1;
    phi = -0.5 * (Blas.dsdot(r, x) + Blas.dsdot(b, x));
    if (phi > 0) {
      Blas.fill(0, x);
      Blas.copy(b, r);
      phi = 0;
    }
    rr = Blas.dsdot(r, r);
  }

  private CgStatus iterate(LinearOperator a, LinearOperator m, Vec b, Vec x, double normB) {
    if (normB == 0) {
      return CgStatus.CONVERGED;
    }
    double target = options.relativeTolerance() * scaledNorm(m, b, normB);
    progress.start(phi);
    double sizeOfX = norm(x);
    double rzBefore = 0;
    double alpha = 0;
    boolean slow = false;
    while (true) {
      double rz = preconditioned(m);
      CgStatus stop = stopBefore(rz, target, slow);
      if (stop == null && !mayMultiply()) {
        stop = CgStatus.BUDGET_SPENT;
      }
      if (stop != null) {
        // The last step, which no direction follows.
        if (iterations > 0) {
          Blas.axpy(alpha, p, x);
        }
        return stop;
      }
      if (iterations == 0) {
        Blas.copy(m == null ? r : z, p);
      } else {
        KrylovUpdates.direction(alpha, rz / rzBefore, m == null ? r : z, p, x);
      }
      a.applyAndDot(p, ap, products3);
      products++;
      double curvature = products3[1];
      double sizeOfP = Math.sqrt(products3[0]);
      double sizes = sizeOfP * Math.sqrt(products3[2]);
      if (!(Double.isFinite(curvature) && Double.isFinite(sizes))) {
        return CgStatus.NON_FINITE;
      }
      // With a preconditioner lengths depend on the units it removes, so only the sign tells.
      if (curvature <= (m == null ? precision.unitRoundoff() * sizes : 0)) {
        return CgStatus.NON_POSITIVE_CURVATURE;
      }
      double length = rz / curvature;
      sizeOfX += length * sizeOfP;
      if (!step(length, sizeOfX)) {
        return CgStatus.NON_FINITE;
      }
      alpha = length;
      phi -= 0.5 * alpha * rz;
      rzBefore = rz;
      iterations++;
      if (stored != null) {
        Blas.axpy(alpha, p, x);
        alpha = 0;
        stored.offer(iterations, x);
      }
      slow = progress.shouldStop(phi);
    }
  }

  /** Why not to take the next step, or null; rz is rᵀM⁻¹r. */
  private CgStatus stopBefore(double rz, double target, boolean slow) {
    if (rz >= 0 && Math.sqrt(rz) <= target) {
      return CgStatus.CONVERGED;
    }
    if (!Double.isFinite(rz)) {
      return CgStatus.NON_FINITE;
    }
    if (rz <= 0) {
      return CgStatus.NON_POSITIVE_PRECONDITIONER;
    }
    if (slow && options.relativeProgress()) {
      return CgStatus.RELATIVE_PROGRESS;
    }
    return iterations == options.iterationLimit() ? CgStatus.ITERATION_LIMIT : null;
  }

  /** √(bᵀM⁻¹b): the norm in which the residual is judged, so that units do not matter. */
  private double scaledNorm(LinearOperator m, Vec b, double normB) {
    if (m == null) {
      return normB;
    }
    m.apply(1, b, 0, z);
    return Math.sqrt(Math.max(0, Blas.dsdot(b, z)));
  }

  /** z ← M⁻¹r; returns rᵀz, or rᵀr without a preconditioner. */
  private double preconditioned(LinearOperator m) {
    return m == null ? rr : m.applyAndDot(r, z);
  }

  /**
   * r ← r − αAp; false if a number would overflow. x ← x + αp follows with the next direction, in
   * one pass with it, or where the iteration stops.
   */
  private boolean step(double alpha, double sizeOfX) {
    double largest = precision == Precision.F64 ? Double.MAX_VALUE : Float.MAX_VALUE;
    if (!(alpha <= largest && sizeOfX <= largest)) {
      return false;
    }
    double newRr = KrylovUpdates.residual(alpha, ap, r);
    if (!Double.isFinite(newRr)) {
      return false;
    }
    rr = newRr;
    return true;
  }

  private static double norm(Vec v) {
    return Math.sqrt(Blas.dsdot(v, v));
  }

  /**
   * Returns why the last solve stopped.
   *
   * @return the status
   * @throws IllegalStateException if nothing has been solved, or an operator threw in the last
   *     solve
   */
  public CgStatus status() {
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
   * @return one an iteration, one more for a warm start, one more where the last direction failed
   */
  public int products() {
    return products;
  }

  /**
   * Returns φ(x) = ½xᵀAx − bᵀx of the last solve's x.
   *
   * @return at most 0; NaN if b or the products at the start are not finite
   */
  public double phi() {
    return phi;
  }

  /**
   * Returns ‖b − Ax‖ of the last solve's x, by the recurrence.
   *
   * @return at least 0; NaN or infinite if b or the products at the start are not finite
   */
  public double residualNorm() {
    return Math.sqrt(rr);
  }
}
