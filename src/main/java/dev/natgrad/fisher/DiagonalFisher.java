package dev.natgrad.fisher;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Updates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.OperatorCheck;
import java.util.Objects;

/**
 * diag(F) alone: exact, from the rows of S, at the cost of about R gradients; or the mean of g∘g
 * over random probes ({@link Fisher#probe}), each at the cost of one product with Jᵀ, whose
 * relative standard error is at most √(2/probes) an entry.
 *
 * <p>An approximation to F: what lies off the diagonal is left out.
 *
 * <p>Its own memory is three vectors of length P, {@link #bytes}.
 *
 * <p>Thread rule and allocation are {@link DirectFisher}'s.
 */
public final class DiagonalFisher implements DirectFisher {
  private final FactorRows factorRows;
  private final Vec diagonal;
  private final Vec work;
  private final Vec inverse;

  private boolean assembled;
  private boolean damped;

  /**
   * A zero diagonal.
   *
   * @param workspace the owner of its memory
   * @param factorRows the rows of S; null if only probes will be asked for
   * @param parameters P, at least 1
   * @param precision the format
   * @throws IllegalArgumentException if P is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public DiagonalFisher(
      Workspace workspace, FactorRows factorRows, int parameters, Precision precision) {
    FisherCheck.atLeastOne("parameters", parameters);
    this.factorRows = factorRows;
    this.diagonal = Vec.allocate(workspace, parameters, precision);
    this.work = Vec.allocate(workspace, parameters, precision);
    this.inverse = Vec.allocate(workspace, parameters, precision);
  }

  /**
   * Returns the off-heap memory it takes, without that of the {@link FactorRows}: three vectors.
   *
   * @param parameters P
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int parameters, Precision precision) {
    return 3 * Vec.bytes(parameters, precision);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException also if it was built without rows
   */
  @Override
  public void assemble(Fisher f) {
    begin();
    if (factorRows == null) {
      throw new IllegalStateException(
          "this diagonal was built without FactorRows: build it with them, or call estimate");
    }
    clear(f);
    for (int k = 0; k < f.factorColumns(); k++) {
      for (Vec row : factorRows.column(f, k).samples) {
        Updates.accumulateSquares(1, 1, row, diagonal);
      }
    }
    assembled = true;
  }

  /**
   * Overwrites this diagonal with the mean of probes 0 … {@code probes} − 1.
   *
   * @param f the matrix-free form, with its point set
   * @param probes the number of probes, at least 1
   * @param seed the seed of the probes
   * @throws IllegalArgumentException if its size or precision does not fit, or there is no probe
   * @throws IllegalStateException if no point has been set
   */
  public void estimate(Fisher f, int probes, long seed) {
    begin();
    FisherCheck.atLeastOne("probes", probes);
    clear(f);
    for (int probe = 0; probe < probes; probe++) {
      f.probe(seed, probe, work);
      Updates.accumulateSquares(1, 1.0 / probes, work, diagonal);
    }
    assembled = true;
  }

  /** Until it ends there is no diagonal, so that none is left if it throws. */
  private void begin() {
    assembled = false;
    damped = false;
  }

  private void clear(Fisher f) {
    Objects.requireNonNull(f, "f");
    OperatorCheck.vector(f, "this diagonal", diagonal);
    Blas.fill(0, diagonal);
  }

  /**
   * Returns the diagonal itself.
   *
   * @return diag(F), of length P; a view, changed by the next {@link #assemble}
   */
  public Vec diagonal() {
    return diagonal;
  }

  @Override
  public int size() {
    return diagonal.length();
  }

  @Override
  public Precision precision() {
    return diagonal.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    FisherCheck.assembled(assembled);
    OperatorCheck.product(this, x, y);
    Maps.hadamard(alpha, diagonal, x, beta, y);
  }

  /**
   * {@inheritDoc}
   *
   * <p>An entry of diag(F) + W below the smallest normal number counts as that number; where it is
   * 0, a parameter without curvature or damping, a solution has 0.
   */
  @Override
  public DirectStatus damp(Vec w) {
    FisherCheck.assembled(assembled);
    FisherCheck.damping(this, w);
    Blas.copy(diagonal, work);
    Blas.axpy(1, w, work);
    damped = Double.isFinite(Blas.dsdot(work, work));
    if (!damped) {
      return DirectStatus.NON_FINITE;
    }
    Updates.invertDiagonal(1, work, 0, inverse);
    return DirectStatus.SOLVED;
  }

  @Override
  public DirectStatus solve(Vec g, Vec d) {
    OperatorCheck.vector(this, "g", g);
    OperatorCheck.vector(this, "d", d);
    if (!damped) {
      throw new IllegalStateException("call damp first, and solve only if it says solved");
    }
    Maps.hadamard(1, inverse, g, 0, work);
    if (!Double.isFinite(Blas.dsdot(work, work))) {
      return DirectStatus.NON_FINITE;
    }
    Blas.copy(work, d);
    return DirectStatus.SOLVED;
  }

  @Override
  public double shift() {
    return 0;
  }
}
