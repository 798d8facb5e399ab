package dev.natgrad.fisher;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;

/**
 * The explicit P×P Fisher matrix, for small models; solved with by Cholesky in double, whatever the
 * precision of F.
 *
 * <p>It is made of the rows of S, F = SᵀS, by one symmetric product for each of the R columns of a
 * sample's factor, R·B·P² operations; or, where R is so large that this is dearer or without {@link
 * FactorRows}, of P products with the unit vectors, symmetrised, F ← ½(F + Fᵀ), 8·B·P². Where
 * Cholesky fails the diagonal is enlarged by n·u of itself, and by ten times as much each time up
 * to 1 % ({@link #shift}); beyond that the status says so.
 *
 * <p>Its own memory is a P×P matrix in its precision and one in F64, and a vector of length P in
 * either: {@link #bytes}.
 *
 * <p>Thread rule and allocation are {@link DirectFisher}'s.
 */
public final class DenseFisher implements DirectFisher {
  /** Above so many columns a sample, products with unit vectors cost fewer operations. */
  static final int MOST_COLUMNS = 8;

  private final FactorRows factorRows;
  private final Mat matrix;
  private final Vec[] rows;
  private final Vec scratch;
  private final DampedCholesky cholesky;

  private boolean assembled;

  /**
   * A matrix that is assembled from products alone.
   *
   * @param workspace the owner of its memory
   * @param parameters P, at least 1
   * @param precision the format
   * @throws IllegalArgumentException if P is below 1 or P² exceeds the largest vector (P &gt;
   *     46340)
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public DenseFisher(Workspace workspace, int parameters, Precision precision) {
    this(workspace, null, parameters, precision);
  }

  /**
   * A matrix that is assembled from rows where that is cheaper.
   *
   * @param workspace the owner of its memory
   * @param factorRows the rows of S; null for products alone
   * @param parameters P, at least 1
   * @param precision the format
   * @throws IllegalArgumentException if P is below 1 or P² exceeds the largest vector (P &gt;
   *     46340)
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public DenseFisher(
      Workspace workspace, FactorRows factorRows, int parameters, Precision precision) {
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.entries("parameters", parameters, parameters);
    this.factorRows = factorRows;
    this.matrix = Mat.allocate(workspace, parameters, parameters, precision);
    this.scratch = Vec.allocate(workspace, parameters, precision);
    this.cholesky = new DampedCholesky(workspace, parameters, precision);
    this.rows = new Vec[parameters];
    for (int i = 0; i < parameters; i++) {
      rows[i] = matrix.row(i);
    }
  }

  /**
   * Returns the off-heap memory it takes, without that of the {@link FactorRows}: P² + P numbers in
   * its precision and as many in F64.
   *
   * @param parameters P
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int parameters, Precision precision) {
    return Mat.bytes(parameters, parameters, precision)
        + Vec.bytes(parameters, precision)
        + DampedCholesky.bytes(parameters);
  }

  @Override
  public void assemble(Fisher f) {
    begin();
    OperatorCheck.vector(f, "a row of this matrix", scratch);
    if (factorRows == null || f.factorColumns() > MOST_COLUMNS) {
      assembleFromProducts(f);
      return;
    }
    for (int k = 0; k < f.factorColumns(); k++) {
      Mat column = factorRows.column(f, k).rows;
      Blas.syrk(Triangle.LOWER, Transpose.YES, 1, column, k == 0 ? 0 : 1, matrix);
    }
    Cholesky.mirror(matrix);
    assembled = true;
  }

  /** Until it ends there is no matrix, so that none is left if it throws. */
  private void begin() {
    assembled = false;
    cholesky.clear();
  }

  /**
   * Overwrites this matrix with another operator's by P products, and symmetrises it.
   *
   * @param f a symmetric operator on vectors of length P
   * @throws IllegalArgumentException if its size or precision does not fit
   */
  public void assembleFromProducts(LinearOperator f) {
    begin();
    OperatorCheck.vector(f, "a row of this matrix", scratch);
    Blas.fill(0, scratch);
    for (int i = 0; i < rows.length; i++) {
      scratch.set(i, 1);
      f.apply(1, scratch, 0, rows[i]);
      scratch.set(i, 0);
    }
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        double mean = 0.5 * matrix.get(i, j) + 0.5 * matrix.get(j, i);
        matrix.set(i, j, mean);
        matrix.set(j, i, mean);
      }
    }
    assembled = true;
  }

  /**
   * Returns the matrix itself, both triangles.
   *
   * @return F, P×P; a view, changed by the next {@link #assemble}
   */
  public Mat matrix() {
    return matrix;
  }

  @Override
  public int size() {
    return rows.length;
  }

  @Override
  public Precision precision() {
    return matrix.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    FisherCheck.assembled(assembled);
    OperatorCheck.product(this, x, y);
    Blas.symv(alpha, matrix, x, beta, y);
  }

  /**
   * d ← diag(F).
   *
   * @param d a vector of length P, overwritten
   * @throws IllegalArgumentException if it does not fit
   * @throws IllegalStateException if nothing has been assembled
   */
  public void diagonal(Vec d) {
    FisherCheck.assembled(assembled);
    OperatorCheck.vector(this, "d", d);
    for (int i = 0; i < rows.length; i++) {
      d.set(i, matrix.get(i, i));
    }
  }

  /**
   * Returns vᵀFv.
   *
   * @param v a vector of length P
   * @return vᵀFv; within rounding of a number ≥ 0
   * @throws IllegalStateException if nothing has been assembled
   */
  public double curvature(Vec v) {
    apply(1, v, 0, scratch);
    return Blas.dsdot(v, scratch);
  }

  @Override
  public DirectStatus damp(Vec w) {
    FisherCheck.assembled(assembled);
    FisherCheck.damping(this, w);
    return cholesky.factor(matrix, w, 0);
  }

  /**
   * Prepares to solve with F + λI.
   *
   * @param lambda λ ≥ 0
   * @return as {@link #damp(Vec)}
   * @throws IllegalArgumentException if λ is negative or not finite
   * @throws IllegalStateException if nothing has been assembled
   */
  public DirectStatus damp(double lambda) {
    if (!(lambda >= 0 && Double.isFinite(lambda))) {
      throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite and ≥ 0");
    }
    FisherCheck.assembled(assembled);
    return cholesky.factor(matrix, null, lambda);
  }

  @Override
  public DirectStatus solve(Vec g, Vec d) {
    OperatorCheck.vector(this, "g", g);
    OperatorCheck.vector(this, "d", d);
    if (!cholesky.solve(g, d)) {
      return DirectStatus.NON_FINITE;
    }
    return shift() == 0 ? DirectStatus.SOLVED : DirectStatus.SHIFT_RAISED;
  }

  /**
   * Returns an estimate from above, by one step of inverse iteration with the last factor, of the
   * least eigenvalue of F scaled to a unit diagonal of F + W: where it is no more than the rounding
   * of F's entries, what {@link #solve} finds along the weakest direction is rounding divided by W.
   * P² operations.
   *
   * @param w the W of the last {@link #damp(Vec)}
   * @return a number below 1, 0 or less for a matrix that is singular to rounding; NaN without
   *     curvature at all
   * @throws IllegalArgumentException if W does not fit
   * @throws IllegalStateException if it has not been damped, or damping failed
   */
  public double leastCurvature(Vec w) {
    FisherCheck.damping(this, w);
    return cholesky.leastCurvature(w);
  }

  @Override
  public double shift() {
    return cholesky.shift();
  }
}
