package dev.natgrad.distribution;

import dev.natgrad.linalg.Divergences;

/**
 * How far a KL divergence may be off when the outputs it was computed from are.
 *
 * <p>For a softmax whose logits are off by δ, let h be half the largest spread max δ − min δ, K =
 * KL(p‖q) and L = ln p/q.
 *
 * <ul>
 *   <li>Moving q's logits changes K by exactly (q − p)·δ + ½Var(δ) at some point between. The first
 *       is at most h‖q − p‖₁ ≤ h√(2K) (Pinsker), the second at most h²/2 (Popoviciu).
 *   <li>Moving p's logits to p̃ changes K by exactly KL(p̃‖p) + Σ(p̃ − p)(L − K). The first is at
 *       most h²/2 (Hoeffding's lemma). In the second p̃/p = e^(δ − c) with c between min δ and max
 *       δ, so that p̃/p differs from a constant by at most eʰ·sinh h, and E_p|L − K| ≤ 2K + √(2K)
 *       because E_p|L| ≤ K + ‖p − q‖₁.
 * </ul>
 *
 * <p>Both right-hand sides are concave and increasing in K. So by Jensen's inequality they hold for
 * the mean over the rows as well as for the maximum, and for the sum of n independent parts with
 * √(2nK) for √(2K) and nh² for h².
 */
final class KlErrors {
  private KlErrors() {}

  /**
   * The bound for n independent softmax distributions in a row, half the spread of whose logit
   * errors is at most h.
   */
  static double softmax(double kl, int n, double h) {
    double spread = n * h * h / 2;
    double shift = 2 * kl + Math.sqrt(2.0 * n * kl);
    // Where the exponentials overflow 0 would make them NaN.
    double from = (shift == 0 ? 0 : StrictMath.exp(h) * StrictMath.sinh(h) * shift) + spread;
    double to = h * Math.sqrt(2.0 * n * (kl + from)) + spread;
    return from + to + Divergences.RELATIVE_ERROR * kl;
  }

  /**
   * The bound where every output's error moves √K by at most (√K + c)·de on the way: (√K + c)eᵉ − c
   * at its end, squared. So for a sum of one-parameter families with a logarithmic link, of which
   * |∂K/∂z| and |∂K/∂z′| are at most K + √(2aK), a = tr F_z: moving both along, by Cauchy and
   * Schwarz over the outputs (and the rows, for a mean), d√K ≤ (√K + √(2a))de. The families'
   * classes say why.
   */
  static double growing(double kl, double c, double outputError) {
    double root = Math.sqrt(kl);
    double growth = root + c == 0 ? 0 : (root + c) * StrictMath.expm1(outputError);
    return growth * (2 * root + growth) + Divergences.RELATIVE_ERROR * kl;
  }
}
