package dev.natgrad.distribution;

import dev.natgrad.linalg.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.random.Philox;

/**
 * Independent normal targets whose means and variances are both outputs: z = (μ, s), n means and
 * then n log-variances s = ln σ². With {@code dev.natgrad.model.FreeOutputs} around a model of the
 * means, the log-variances are parameters that all samples share, as policies have them.
 *
 * <p>−log P(y | z) = ½Σ ln 2π + s + (y − μ)²/σ², score ((μ − y)/σ², ½(1 − (y − μ)²/σ²)), F_z =
 * diag(1/σ², ½), B its root, KL = ½Σ ψ(s − s′) + (μ′ − μ)²/σ′², ψ(x) = eˣ − 1 − x. M = (μ, σ²).
 * Log-variances within ±700 (±85 in F32) keep everything finite.
 *
 * <p>The bound on KL's error: with K = A + Q for its two terms and w = 1/σ′², |∂K/∂s| ≤ A + √A,
 * |∂K/∂s′| ≤ A + √A + Q and |∂K/∂μ| = |∂K/∂μ′| = √(2wQ) for one target; their sum over n targets is
 * at most 2K + 2√(2K·tr F_z), by Cauchy and Schwarz.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param targets n, the number of targets, at least 1; there are twice as many outputs
 */
public record DiagonalGaussian(int targets) implements FamilyDistribution {
  /**
   * Checks the number of targets.
   *
   * @throws IllegalArgumentException if it is below 1
   * @throws ArithmeticException if twice as many exceed 2³¹ − 1
   */
  public DiagonalGaussian {
    Outputs.atLeastOne("targets", targets);
    Math.multiplyExact(2, targets);
  }

  @Override
  public String name() {
    return "diagonal-gaussian";
  }

  @Override
  public int outputs() {
    return 2 * targets;
  }

  @Override
  public Family family() {
    return Family.GAUSSIAN;
  }

  @Override
  public double parameter() {
    return 0;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be finite.
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.finite(y, row);
  }

  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.draws(m, y, this);
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < targets; j++) {
        double normal = Philox.normal(seed, draw, (long) i * targets + j);
        y.set(i, j, m.get(i, j) + Math.sqrt(m.get(i, targets + j)) * normal);
      }
    }
  }
}
