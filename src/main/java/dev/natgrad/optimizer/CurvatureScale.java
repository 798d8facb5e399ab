package dev.natgrad.optimizer;

import dev.natgrad.fisher.Fisher;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Updates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;

/**
 * The scale of the curvature, parameter by parameter: a running estimate D of diag(F), the damping
 * λD it gives, and the preconditioner (D + λD + l2)⁻¹.
 *
 * <p>For a random sign vector ξ over all outputs of the batch, (JᵀBξ)∘(JᵀBξ)/B has diag(F) as its
 * mean (BBᵀ = F_z). The estimate is a mean of such probes with weight max(1/k, {@link #KEEP}) on
 * the newest; a parameter that no sample depends on has D exactly 0.
 *
 * <p>Damping by λD rather than λI is Marquardt's (An algorithm for least-squares estimation of
 * nonlinear parameters, 1963): it makes λ a pure number and the damped step independent of the
 * units of every single feature and of the rescalings that leave a network's function unchanged.
 */
final class CurvatureScale {
  /** Probes before the first step. */
  static final int FIRST_PROBES = 8;

  /** The least weight of a new probe, so that the estimate follows the parameters. */
  static final double KEEP = 0.05;

  private final Vec diagonal;
  private final Vec damping;
  private final Vec inverse;
  private final long seed;
  private long probes;

  CurvatureScale(Workspace workspace, Problem problem, long seed) {
    int parameters = problem.model().parameters();
    this.diagonal = Vec.allocate(workspace, parameters, problem.precision());
    this.damping = Vec.allocate(workspace, parameters, problem.precision());
    this.inverse = Vec.allocate(workspace, parameters, problem.precision());
    this.seed = seed;
  }

  /** Three vectors of P. */
  static long bytes(Problem problem) {
    return 3 * Vec.bytes(problem.model().parameters(), problem.precision());
  }

  /**
   * Adds this step's probe, taken at the Fisher matrix's current point; {@code work} is scratch.
   */
  void probe(Fisher fisher, Vec work) {
    int count = probes == 0 ? FIRST_PROBES : 1;
    for (int i = 0; i < count; i++) {
      fisher.probe(seed, probes, work);
      probes++;
      double weight = Math.max(1.0 / probes, KEEP);
      Updates.accumulateSquares(1 - weight, weight, work, diagonal);
    }
  }

  /** Sets the damping vector λD + l2 and the preconditioner (D + λD + l2)⁻¹. */
  void damp(double lambda, double l2) {
    Blas.fill(l2, damping);
    Blas.axpy(lambda, diagonal, damping);
    Updates.invertDiagonal(1 + lambda, diagonal, l2, inverse);
  }

  Vec damping() {
    return damping;
  }

  Vec inverse() {
    return inverse;
  }
}
