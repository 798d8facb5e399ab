package dev.natgrad.fisher;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;

/**
 * An explicit P×P Fisher matrix for small models, made of P products of another Fisher matrix with
 * the unit vectors and symmetrised, F ← ½(F + Fᵀ); it can be solved with directly.
 *
 * <p>Its own memory is two P×P matrices and a vector of length P, {@link #bytes}; solving also
 * takes {@link Blas#scratchBytes()} of the workspace once. Thread rule: the owner of its workspace.
 * Allocates nothing more after construction.
 */
public final class DenseFisher implements LinearOperator {
  private final Mat matrix;
  private final Mat factor;
  private final Vec matrixEntries;
  private final Vec factorEntries;
  private final Vec[] rows;
  private final Vec scratch;

  /**
   * A zero matrix.
   *
   * @param workspace the owner of its memory
   * @param parameters P, at least 1
   * @param precision the format
   * @throws IllegalArgumentException if P is below 1 or P² exceeds the largest vector (P &gt;
   *     46340)
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public DenseFisher(Workspace workspace, int parameters, Precision precision) {
    FisherCheck.atLeastOne("parameters", parameters);
    int entries = FisherCheck.entries("parameters", parameters, parameters);
    this.matrixEntries = Vec.allocate(workspace, entries, precision);
    this.factorEntries = Vec.allocate(workspace, entries, precision);
    this.matrix = matrixEntries.asMat(parameters, parameters);
    this.factor = factorEntries.asMat(parameters, parameters);
    this.scratch = Vec.allocate(workspace, parameters, precision);
    this.rows = new Vec[parameters];
    for (int i = 0; i < parameters; i++) {
      rows[i] = matrix.row(i);
    }
  }

  /**
   * Returns the off-heap memory it takes: two P×P matrices and a vector of length P.
   *
   * @param parameters P
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int parameters, Precision precision) {
    return 2 * Mat.bytes(parameters, parameters, precision) + Vec.bytes(parameters, precision);
  }

  /**
   * Overwrites this matrix with another operator's, at its current point.
   *
   * @param f a symmetric operator on vectors of length P
   * @throws IllegalArgumentException if its size or precision does not fit
   */
  public void assemble(LinearOperator f) {
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
    OperatorCheck.product(this, x, y);
    Blas.symv(alpha, matrix, x, beta, y);
  }

  /**
   * Returns vᵀFv.
   *
   * @param v a vector of length P
   * @return vᵀFv; within rounding of a number ≥ 0
   */
  public double curvature(Vec v) {
    apply(1, v, 0, scratch);
    return Blas.dsdot(v, scratch);
  }

  /**
   * x ← (F + λI)⁻¹b by Cholesky, which destroys nothing of F.
   *
   * @param lambda λ ≥ 0
   * @param b a vector of length P
   * @param x a vector of length P; may be b
   * @return false if F + λI is not positive definite to working precision; x is unchanged then
   * @throws IllegalArgumentException if λ is negative or not finite, or a vector does not fit
   */
  public boolean solve(double lambda, Vec b, Vec x) {
    if (!(lambda >= 0 && Double.isFinite(lambda))) {
      throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite and ≥ 0");
    }
    OperatorCheck.vector(this, "b", b);
    OperatorCheck.vector(this, "x", x);
    Blas.copy(matrixEntries, factorEntries);
    for (int i = 0; i < rows.length; i++) {
      factor.set(i, i, factor.get(i, i) + lambda);
    }
    if (!Cholesky.factor(factor)) {
      return false;
    }
    Blas.copy(b, x);
    Cholesky.solve(factor, x);
    return true;
  }
}
