package dev.natgrad.fisher;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.operator.LinearOperator;

/**
 * The Fisher matrix, P×P, of a model's output distribution, averaged over a batch of B samples:
 *
 * <pre>F = 1/B Σᵢ Jᵢᵀ F_z(zᵢ) Jᵢ,</pre>
 *
 * Jᵢ = ∂zᵢ/∂θ the outputs×P Jacobian of sample i, F_z the Fisher matrix of the distribution in its
 * outputs z, under the model's own distribution and not the targets. Symmetric and positive
 * semi-definite.
 *
 * <p>Works at the point that its linearisation was last evaluated at and {@link #setPoint} was told
 * of; both must be done again when θ or the batch changes.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen,
 * and off heap only when built.
 */
public interface Fisher extends LinearOperator {
  /**
   * Tells the mean parameters at the linearisation's current point.
   *
   * @param mean M = E[y | z], B×outputs, 1 ≤ B ≤ the largest batch; kept, not copied: it must stay
   *     unchanged while the products of this point are used
   * @throws IllegalArgumentException if its shape or precision does not fit
   */
  void setPoint(Mat mean);

  /**
   * Returns vᵀFv by one product Jv, as a sum of squares accumulated in double, so never negative.
   *
   * @param v a vector of length P
   * @return vᵀFv ≥ 0
   * @throws IllegalStateException if no point has been set
   */
  double curvature(Vec v);

  /**
   * Returns an estimate of tr(F) = E‖Gξ‖² for F = GGᵀ and random signs ξ (Hutchinson, 1990), by one
   * product with Jᵀ a probe. Unbiased; its variance is 2/probes·Σᵢ≠ⱼ (GᵀG)ᵢⱼ² ≤ 2/probes·tr(F²).
   *
   * @param probes the number of probes, at least 1
   * @param seed the seed of the signs
   * @param scratch a vector of length P, overwritten
   * @return the mean over the probes, at least 0
   * @throws IllegalArgumentException if {@code probes} is below 1 or the scratch does not fit
   * @throws IllegalStateException if no point has been set
   */
  double trace(int probes, long seed, Vec scratch);
}
