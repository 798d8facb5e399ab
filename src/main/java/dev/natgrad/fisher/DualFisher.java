package dev.natgrad.fisher;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Updates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.OperatorCheck;
import java.util.Objects;

/**
 * The Fisher matrix by its factor, F = SᵀS with S n×P, n = R·B, solved with in the space of n
 * numbers, where n is smaller than P: with W a positive diagonal,
 *
 * <pre>(F + W)⁻¹g = W⁻¹(g − Sᵀ(I + SW⁻¹Sᵀ)⁻¹SW⁻¹g),</pre>
 *
 * exactly, by one Cholesky factorisation of n×n in double (Woodbury; known as minSR where W = λI:
 * Chen and Heyl, Empowering deep neural quantum states through efficient optimization, 2024). The
 * difference cancels where W is small, so the solution is refined once by its own residual.
 *
 * <p>Costs n²·P operations to damp and about 12·n·P to solve. If Cholesky fails the diagonal is
 * raised as for {@link DenseFisher}; the solution is then that of another W.
 *
 * <p>Its own memory is S and n² + n numbers, three vectors of length P, and n² + n in F64: {@link
 * #bytes}.
 *
 * <p>Thread rule and allocation are {@link DirectFisher}'s.
 */
public final class DualFisher implements DirectFisher {
  private final FactorRows factorRows;
  private final int columns;
  private final int maxBatch;
  private final Precision precision;
  private final Vec inverse;
  private final Vec solution;
  private final Vec residual;
  private final DampedCholesky cholesky;
  private final BatchViews<Views> views;

  private Views at;
  private Vec damping;

  /** One batch size's S, K = SW⁻¹Sᵀ and a vector of length n; S and K also block by block. */
  private record Views(
      Mat s, FactorRows.Target[] columns, Mat[] sTops, Mat k, Mat[] kBlocks, Vec t) {}

  /**
   * Takes the memory.
   *
   * @param workspace the owner of its memory
   * @param factorRows makes the rows of S, and lends its matrix while damping
   * @param columns R, the {@link Fisher#factorColumns} of what will be assembled, at least 1
   * @param parameters P, at least 1
   * @param maxBatch the largest B, at least 1, as of the rows
   * @param precision the format
   * @throws IllegalArgumentException if a number is below 1, or n² or n exceeds the largest vector
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public DualFisher(
      Workspace workspace,
      FactorRows factorRows,
      int columns,
      int parameters,
      int maxBatch,
      Precision precision) {
    FisherCheck.atLeastOne("columns", columns);
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.atLeastOne("maxBatch", maxBatch);
    this.factorRows = Objects.requireNonNull(factorRows, "factorRows");
    this.columns = columns;
    this.maxBatch = maxBatch;
    this.precision = precision;
    int n = FisherCheck.entries("maxBatch", maxBatch, columns);
    Vec kernel = Vec.allocate(workspace, FisherCheck.entries("R·B", n, n), precision);
    Mat s = Mat.allocate(workspace, n, parameters, precision);
    Vec t = Vec.allocate(workspace, n, precision);
    this.inverse = Vec.allocate(workspace, parameters, precision);
    this.solution = Vec.allocate(workspace, parameters, precision);
    this.residual = Vec.allocate(workspace, parameters, precision);
    this.cholesky = new DampedCholesky(workspace, n, precision);
    this.views = new BatchViews<>(maxBatch, batch -> cut(batch, s, kernel, t));
  }

  private Views cut(int batch, Mat s, Vec kernel, Vec t) {
    int n = columns * batch;
    Mat k = kernel.slice(0, n * n).asMat(n, n);
    FactorRows.Target[] targets = new FactorRows.Target[columns];
    Mat[] tops = new Mat[columns];
    Mat[] blocks = new Mat[columns];
    for (int c = 0; c < columns; c++) {
      targets[c] = factorRows.new Target(s.block(c * batch, 0, batch, s.cols()));
      tops[c] = s.top((c + 1) * batch);
      blocks[c] = k.block(c * batch, 0, batch, (c + 1) * batch);
    }
    return new Views(s.top(n), targets, tops, k, blocks, t.slice(0, n));
  }

  /**
   * Returns the off-heap memory it takes, without that of the {@link FactorRows}: with n = R·B, n·P
   * + 3·P + n² + n numbers in its precision and n² + n in F64.
   *
   * @param columns R
   * @param parameters P
   * @param maxBatch the largest B
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int columns, int parameters, int maxBatch, Precision precision) {
    int n = FisherCheck.entries("maxBatch", maxBatch, columns);
    return Mat.bytes(n, parameters, precision)
        + Mat.bytes(n, n, precision)
        + Vec.bytes(n, precision)
        + 3 * Vec.bytes(parameters, precision)
        + DampedCholesky.bytes(n);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException also if it has not the R columns this was built for
   */
  @Override
  public void assemble(Fisher f) {
    at = null;
    damping = null;
    OperatorCheck.vector(f, "the solution", solution);
    if (f.factorColumns() != columns || f.batch() > maxBatch) {
      throw new IllegalArgumentException(
          "f has "
              + f.factorColumns()
              + " factor columns and "
              + f.batch()
              + " samples; this dual form was built for "
              + columns
              + " columns and up to "
              + maxBatch
              + " samples");
    }
    Views v = views.of(f.batch());
    for (int c = 0; c < columns; c++) {
      factorRows.fill(f, c, v.columns[c]);
    }
    at = v;
  }

  @Override
  public int size() {
    return solution.length();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    FisherCheck.assembled(at != null);
    OperatorCheck.product(this, x, y);
    Blas.gemv(Transpose.NO, 1, at.s, x, 0, at.t);
    Blas.gemv(Transpose.YES, alpha, at.s, at.t, beta, y);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException also if an entry of W is 0: this form divides by it
   */
  @Override
  public DirectStatus damp(Vec w) {
    FisherCheck.assembled(at != null);
    FisherCheck.damping(this, w);
    damping = null;
    for (int i = 0; i < w.length(); i++) {
      if (w.get(i) == 0) {
        throw new IllegalArgumentException(
            "w has 0 at " + i + "; the dual form divides by it: damp every parameter");
      }
    }
    Updates.invertDiagonal(1, w, 0, inverse);
    FactorRows.Target scaled = factorRows.buffer(at.columns[0].samples.length);
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < scaled.samples.length; i++) {
        Maps.hadamard(1, inverse, at.columns[c].samples[i], 0, scaled.samples[i]);
      }
      Blas.gemm(Transpose.NO, Transpose.YES, 1, scaled.rows, at.sTops[c], 0, at.kBlocks[c]);
    }
    DirectStatus status = cholesky.factor(at.k, null, 1);
    damping = status.solved() ? w : null;
    return status;
  }

  @Override
  public DirectStatus solve(Vec g, Vec d) {
    OperatorCheck.vector(this, "g", g);
    OperatorCheck.vector(this, "d", d);
    if (damping == null) {
      throw new IllegalStateException("call damp first, and solve only if it says solved");
    }
    if (!woodbury(g, solution)) {
      return DirectStatus.NON_FINITE;
    }
    if (shift() == 0 && !refine(g)) {
      return DirectStatus.NON_FINITE;
    }
    if (!Double.isFinite(Blas.dsdot(solution, solution))) {
      return DirectStatus.NON_FINITE;
    }
    Blas.copy(solution, d);
    return shift() == 0 ? DirectStatus.SOLVED : DirectStatus.SHIFT_RAISED;
  }

  /** x ← W⁻¹(b − Sᵀ(I + K)⁻¹SW⁻¹b); x may be b. */
  private boolean woodbury(Vec b, Vec x) {
    Vec scaled = factorRows.buffer(1).samples[0];
    Maps.hadamard(1, inverse, b, 0, scaled);
    Blas.gemv(Transpose.NO, 1, at.s, scaled, 0, at.t);
    if (!cholesky.solve(at.t, at.t)) {
      return false;
    }
    Blas.copy(b, x);
    Blas.gemv(Transpose.YES, -1, at.s, at.t, 1, x);
    Maps.hadamard(1, inverse, x, 0, scaled);
    Blas.copy(scaled, x);
    return true;
  }

  /** One step of iterative refinement of {@link #solution}. */
  private boolean refine(Vec g) {
    Blas.copy(g, residual);
    apply(-1, solution, 1, residual);
    Maps.hadamard(-1, damping, solution, 1, residual);
    if (!woodbury(residual, residual)) {
      return false;
    }
    Blas.axpy(1, residual, solution);
    return true;
  }

  @Override
  public double shift() {
    return cholesky.shift();
  }
}
