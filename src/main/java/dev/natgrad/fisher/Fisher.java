package dev.natgrad.fisher;

import dev.natgrad.linalg.Blas;
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
   * Returns R, how many columns {@link #factorColumn} gives a sample: F has rank R·B at most.
   *
   * @return at least 1
   */
  int factorColumns();

  /**
   * U ← one column of a factor of F_z/B in every row, so that
   *
   * <pre>F = Σₖ Σᵢ (Jᵢᵀuᵢₖ)(Jᵢᵀuᵢₖ)ᵀ.</pre>
   *
   * @param k the column, 0 to {@link #factorColumns} − 1
   * @param u U, B×outputs, overwritten
   * @throws IndexOutOfBoundsException if {@code k} is out of range
   * @throws IllegalArgumentException if U does not fit
   * @throws IllegalStateException if no point has been set
   */
  void factorColumn(int k, Mat u);

  /**
   * Returns how many samples the point has.
   *
   * @return B
   * @throws IllegalStateException if no point has been set
   */
  int batch();

  /**
   * g ← Gξ, where GGᵀ = F and ξ is a vector of random signs, by one product with Jᵀ. So g∘g has
   * diag(F) as its mean and ‖g‖² has tr(F) (Hutchinson, 1990), with variance 2·Σᵢ≠ⱼ (GᵀG)ᵢⱼ² ≤
   * 2·tr(F²).
   *
   * @param seed the seed of the signs
   * @param number the number of the probe: the signs are a function of both alone
   * @param g a vector of length P, overwritten
   * @throws IllegalArgumentException if g does not fit
   * @throws IllegalStateException if no point has been set
   */
  void probe(long seed, long number, Vec g);

  /**
   * Returns an unbiased estimate of tr(F): the mean of ‖g‖² over probes 0 … {@code probes} − 1.
   *
   * @param probes the number of probes, at least 1
   * @param seed the seed of the signs
   * @param scratch a vector of length P, overwritten
   * @return the mean over the probes, at least 0
   * @throws IllegalArgumentException if {@code probes} is below 1 or the scratch does not fit
   * @throws IllegalStateException if no point has been set
   */
  default double trace(int probes, long seed, Vec scratch) {
    FisherCheck.atLeastOne("probes", probes);
    double sum = 0;
    for (int number = 0; number < probes; number++) {
      probe(seed, number, scratch);
      sum += Blas.dsdot(scratch, scratch);
    }
    return sum / probes;
  }
}
