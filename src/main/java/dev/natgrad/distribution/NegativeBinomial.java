package dev.natgrad.distribution;

import dev.natgrad.linalg.Family;
import dev.natgrad.linalg.Mat;

/**
 * Independent counts with means μ = eᶻ and variances μ + aμ², a the fixed dispersion: Poisson
 * counts whose rates are gamma-distributed with shape r = 1/a.
 *
 * <p>−log P(y | z) = Σ r·ln(1 + μ/r) + y·ln(1 + r/μ) − ln Γ(y + r) + ln Γ(r) + ln y!, score (μ −
 * y)·r/(r + μ), F_z = diag(μr/(r + μ)), B its root. With p = μ/(r + μ) and p′ the same for z′, KL =
 * Σ rψ(ln((1 − p′)/(1 − p))) + μψ(ln p′/p), ψ(x) = eˣ − 1 − x. M = μ. Outputs within ±700 (±85 in
 * F32) keep everything finite.
 *
 * <p>The bound on KL's error: with x = ln p′/p, t = ln((1 − p)/(1 − p′)), ∂K/∂z′ = r(1 − e⁻ᵗ) =
 * μ(eˣ − 1) and ∂K/∂z = −μx; as ψ ≥ 0 in both terms, each is at most K + √(2aK) with a = μ and with
 * a = r.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param outputs the number of outputs, at least 1
 * @param dispersion a, from 1e-9 to 1e9
 */
public record NegativeBinomial(int outputs, double dispersion) implements FamilyDistribution {
  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public NegativeBinomial {
    Outputs.atLeastOne("outputs", outputs);
    Outputs.within("dispersion", dispersion, 1e-9, 1e9);
  }

  @Override
  public String name() {
    return "negative-binomial";
  }

  @Override
  public Family family() {
    return Family.NEGATIVE_BINOMIAL;
  }

  /** Returns the size r = 1/a. */
  @Override
  public double parameter() {
    return 1 / dispersion;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be an integer, at least 0.
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.counts(y, row);
  }

  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.draws(m, y, this);
    double size = 1 / dispersion;
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        long block = Draws.block((long) i * outputs + j);
        double rate = Draws.gamma(size, seed, draw, block) * dispersion * m.get(i, j);
        y.set(i, j, Draws.poisson(rate, seed, draw, block + Draws.HALF));
      }
    }
  }
}
