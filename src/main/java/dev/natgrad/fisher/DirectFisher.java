package dev.natgrad.fisher;

import dev.natgrad.linalg.Vec;
import dev.natgrad.operator.LinearOperator;

/**
 * A form of the Fisher matrix, or of an approximation to it, that (F + W)d = g is solved with
 * without iterating, W a diagonal.
 *
 * <p>In three calls: {@link #assemble} at a point, {@link #damp} with W, {@link #solve} for any
 * number of right-hand sides. F's own products, without W, are those of the {@link LinearOperator};
 * before the first {@link #assemble}, and after one that threw, they throw an {@link
 * IllegalStateException}.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen,
 * and off heap only when built but for {@link dev.natgrad.linalg.Blas#scratchBytes()} once.
 */
public sealed interface DirectFisher extends LinearOperator
    permits DenseFisher, BlockDiagonalFisher, DualFisher, DiagonalFisher {
  /**
   * Takes the matrix over from a Fisher matrix at its current point. It must be damped again.
   *
   * @param f the matrix-free form, with its point set
   * @throws IllegalArgumentException if its size or precision does not fit
   * @throws IllegalStateException if no point has been set
   */
  void assemble(Fisher f);

  /**
   * Prepares to solve with F + W.
   *
   * @param w the diagonal of W, of length P, each entry ≥ 0 and finite; kept, not copied: it must
   *     stay unchanged while it is solved with
   * @return how it went; if it is not {@link DirectStatus#solved}, nothing can be solved
   * @throws IllegalArgumentException if W does not fit, or an entry is negative
   * @throws IllegalStateException if nothing has been assembled
   */
  DirectStatus damp(Vec w);

  /**
   * d ← (F + W)⁻¹g.
   *
   * @param g a vector of length P
   * @param d a vector of length P, unchanged if there is no solution; may be g
   * @return how damping went; {@link DirectStatus#NON_FINITE} if the solution is not finite
   * @throws IllegalArgumentException if a vector does not fit
   * @throws IllegalStateException if it has not been damped, or damping failed
   */
  DirectStatus solve(Vec g, Vec d);

  /**
   * Returns by how much the last {@link #damp} enlarged the diagonal, as a share of each entry.
   *
   * @return 0 where nothing was raised
   */
  double shift();
}
