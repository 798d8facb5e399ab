package dev.natgrad.distribution;

import dev.natgrad.linalg.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;

/**
 * Independent positive numbers with means μ = eᶻ and variances μ²/k, k the fixed shape; shape 1 is
 * the exponential distribution.
 *
 * <p>−log P(y | z) = Σ k(y/μ + z) − (k − 1)·ln y − k·ln k + ln Γ(k), score k(1 − y/μ), F_z = kI, B
 * = √k·I, KL = Σ k(e^−δ − 1 + δ) with δ the change of z. M = μ. Outputs within ±700 (±85 in F32)
 * keep everything finite.
 *
 * <p>The bound on KL's error: |∂K/∂z| = |∂K/∂z′| = k|1 − e^−δ| ≤ K + √(2kK).
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param outputs the number of outputs, at least 1
 * @param shape k, from 1e-3 to 1e9
 */
public record Gamma(int outputs, double shape) implements FamilyDistribution {
  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Gamma {
    Outputs.atLeastOne("outputs", outputs);
    Outputs.within("shape", shape, 1e-3, 1e9);
  }

  /**
   * Exponential distributions.
   *
   * @param outputs the number of outputs, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public Gamma(int outputs) {
    this(outputs, 1);
  }

  @Override
  public String name() {
    return "gamma";
  }

  @Override
  public Family family() {
    return Family.GAMMA;
  }

  /** Returns the shape. */
  @Override
  public double parameter() {
    return shape;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Every entry must be finite and above 0.
   */
  @Override
  public void checkTarget(Mat y, int row) {
    Outputs.positive(y, row);
  }

  /** {@inheritDoc} A draw too small for the precision becomes its smallest normal number. */
  @Override
  public void sample(Mat m, long seed, long draw, Mat y) {
    Outputs.draws(m, y, this);
    double least = y.precision() == Precision.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        long block = Draws.block((long) i * outputs + j);
        // The draw is near the shape: of this order nothing overflows that the mean does not.
        double value = Draws.gamma(shape, seed, draw, block) / shape * m.get(i, j);
        y.set(i, j, Math.max(value, least));
      }
    }
  }
}
