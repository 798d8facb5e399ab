package dev.natgrad.solver;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Side;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;

/**
 * A low-rank preconditioner for A + μI, A positive semi-definite, from r products with random
 * vectors (Frangella, Tropp and Udell, Randomized Nyström preconditioning, SIAM J. Matrix Anal.
 * Appl. 44, 2023, algorithms 2.1 and 5.1): with A ≈ UΛUᵀ, U n×r of orthonormal columns,
 *
 * <pre>P⁻¹ = (λᵣ + μ)·U(Λ + μI)⁻¹Uᵀ + (I − UUᵀ).</pre>
 *
 * The condition number falls to about (λᵣ₊₁ + μ)/μ: it serves where the eigenvalues decay fast and
 * a diagonal does not help. For a diagonal damping W precondition {@link
 * dev.natgrad.operator.Scaled} systems.
 *
 * <p>A is approximated when {@link #refresh} says so, and by nothing else; μ may change between.
 * Applied is (I + U(D − I)Uᵀ)², D² = (λᵣ + μ)(Λ + μI)⁻¹, the same but positive definite whatever
 * the rounding of U. Where fewer than r directions could be told from null ones, λᵣ is 0. A fresh
 * instance is the identity.
 *
 * <p>Memory: two r×n matrices and small ones, {@link #bytes}. A product costs 8·r·n operations.
 * Thread rule: the owner of its workspace. Allocates nothing after construction.
 */
public final class Nystrom implements LinearOperator, Stateful {
  /** The largest rank: the r×r eigenproblem is solved by rotations on the heap. */
  public static final int MOST_RANK = 128;

  private final int n;
  private final int rank;
  private final Precision precision;
  private final Mat products;
  private final Mat vectors;
  private final Mat transform;
  private final Vec[] productRows;
  private final Vec[] vectorRows;
  private final Vec temporary;
  private final Vec coefficients;
  private final Vec scaled;
  private final Vec factors;
  private final NystromCore core;

  private int found;
  private double mu;

  /**
   * Takes the matrices.
   *
   * @param workspace the owner of the memory
   * @param n the length of the vectors, in elements, at least 1
   * @param precision the format of the vectors
   * @param rank r, 1 to {@value #MOST_RANK} and at most n
   * @param mu μ &gt; 0
   * @throws IllegalArgumentException if a number is out of range
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Nystrom(Workspace workspace, int n, Precision precision, int rank, double mu) {
    if (rank < 1 || rank > Math.min(n, MOST_RANK)) {
      throw new IllegalArgumentException(
          "rank is " + rank + "; it must be 1 to min(n, " + MOST_RANK + "), n is " + n);
    }
    this.n = n;
    this.rank = rank;
    this.precision = precision;
    this.products = Mat.allocate(workspace, rank, n, precision);
    this.vectors = Mat.allocate(workspace, rank, n, precision);
    this.transform = Mat.allocate(workspace, rank, rank, precision);
    this.productRows = rows(products);
    this.vectorRows = rows(vectors);
    this.temporary = Vec.allocate(workspace, n, precision);
    this.coefficients = Vec.allocate(workspace, rank, precision);
    this.scaled = Vec.allocate(workspace, rank, precision);
    this.factors = Vec.allocate(workspace, rank, precision);
    this.core = new NystromCore(rank);
    setDamping(mu);
  }

  private static Vec[] rows(Mat a) {
    Vec[] rows = new Vec[a.rows()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = a.row(i);
    }
    return rows;
  }

  /**
   * Returns the off-heap memory it takes: two r×n matrices, one r×r, a vector of length n and three
   * of length r. The first refresh in a workspace also takes {@link Blas#scratchBytes()}.
   *
   * @param n the length of the vectors, in elements
   * @param precision the format of the vectors
   * @param rank r
   * @return bytes
   */
  public static long bytes(int n, Precision precision, int rank) {
    return 2 * Mat.bytes(rank, n, precision)
        + Mat.bytes(rank, rank, precision)
        + Vec.bytes(n, precision)
        + 3 * Vec.bytes(rank, precision);
  }

  /**
   * Approximates A anew, by r products.
   *
   * @param a A without its damping, positive semi-definite
   * @param seed the seed of the random vectors: the result is a function of it and A alone
   * @return false if A is not positive semi-definite to working precision, a product is not finite
   *     or no direction can be told from a null one; this is the identity then
   * @throws IllegalArgumentException if its size or precision does not fit
   */
  public boolean refresh(LinearOperator a, long seed) {
    OperatorCheck.vector(a, "a vector of this preconditioner", temporary);
    found = 0;
    setDamping(mu);
    testVectors(seed);
    double squares = 0;
    for (int i = 0; i < rank; i++) {
      a.apply(1, vectorRows[i], 0, productRows[i]);
      squares += Blas.dsdot(productRows[i], productRows[i]);
    }
    // The shift that keeps the small eigenvalues of a rounded A above 0.
    double shift = Math.sqrt(n) * precision.unitRoundoff() * Math.sqrt(squares);
    if (!Double.isFinite(shift) || shift == 0) {
      return shift == 0;
    }
    for (int i = 0; i < rank; i++) {
      Blas.axpy(shift, vectorRows[i], productRows[i]);
    }
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j <= i; j++) {
        core.setMixed(i, j, Blas.dsdot(vectorRows[i], productRows[j]));
      }
    }
    if (!core.cholesky()) {
      return false;
    }
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j <= i; j++) {
        transform.set(i, j, core.factor(i, j));
      }
    }
    Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.NO, 1, transform, products);
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j <= i; j++) {
        core.setSquare(i, j, Blas.dsdot(productRows[i], productRows[j]));
      }
    }
    int kept = core.decompose(shift);
    if (kept <= 0) {
      return false;
    }
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < rank; j++) {
        transform.set(i, j, i < kept ? core.transform(i, j) : 0);
      }
    }
    Blas.gemm(Transpose.NO, Transpose.NO, 1, transform, products, 0, vectors);
    found = kept;
    setDamping(mu);
    return true;
  }

  /** Gaussian vectors, orthonormalised: twice, so that rounding leaves nothing. */
  private void testVectors(long seed) {
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < n; j++) {
        vectorRows[i].set(j, Philox.normal(seed, Streams.NYSTROM + i, j));
      }
      for (int twice = 0; twice < 2; twice++) {
        for (int j = 0; j < i; j++) {
          Blas.axpy(-Blas.dsdot(vectorRows[j], vectorRows[i]), vectorRows[j], vectorRows[i]);
        }
        Blas.scal(1 / Math.sqrt(Blas.dsdot(vectorRows[i], vectorRows[i])), vectorRows[i]);
      }
    }
  }

  /**
   * Changes μ; costs r operations.
   *
   * @param mu μ, finite and above 0
   * @throws IllegalArgumentException if it is not
   */
  public void setDamping(double mu) {
    if (!(mu > 0 && Double.isFinite(mu))) {
      throw new IllegalArgumentException("mu is " + mu + "; it must be finite and above 0");
    }
    this.mu = mu;
    Blas.fill(0, factors);
    // Where directions were left out as null, what is outside U has the eigenvalue μ alone.
    double least = found > 0 && found == rank ? eigenvalue(found - 1) : 0;
    for (int i = 0; i < found; i++) {
      factors.set(i, Math.sqrt((least + mu) / (eigenvalue(i) + mu)) - 1);
    }
  }

  /**
   * Returns the rank of the approximation.
   *
   * @return at most r: directions that rounding cannot tell from null ones are left out; 0 before
   *     the first refresh
   */
  public int rank() {
    return found;
  }

  /**
   * Returns an eigenvalue of the approximation.
   *
   * @param i 0 for the largest, {@link #rank} − 1 for the smallest
   * @return at least 0, and at most the i-th largest of A but for rounding
   * @throws IndexOutOfBoundsException if {@code i} is out of range
   */
  public double eigenvalue(int i) {
    if (i < 0 || i >= found) {
      throw new IndexOutOfBoundsException("i is " + i + "; the rank is " + found);
    }
    return core.eigenvalue(i);
  }

  @Override
  public void exchange(State state) {
    state.matrix("vectors", vectors);
    core.restore(state.numbers("eigenvalues", core.eigenvalues()));
    found = (int) state.whole("rank", found);
    setDamping(state.number("mu", mu));
  }

  @Override
  public int size() {
    return n;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    Blas.copy(x, temporary);
    if (found > 0) {
      correct(1, temporary, temporary);
    }
    Blas.axpby(alpha, temporary, beta, y);
    if (found > 0) {
      correct(alpha, temporary, y);
    }
  }

  /** y ← y + αU(D − I)Uᵀx; x may be y. */
  private void correct(double alpha, Vec x, Vec y) {
    Blas.gemv(Transpose.NO, 1, vectors, x, 0, coefficients);
    Maps.hadamard(alpha, factors, coefficients, 0, scaled);
    Blas.gemv(Transpose.YES, 1, vectors, scaled, 1, y);
  }
}
