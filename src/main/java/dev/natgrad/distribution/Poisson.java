package dev.natgrad.distribution;

import dev.natgrad.linalg.Family;
import dev.natgrad.linalg.Mat;

/**
 * Independent counts with rates λ = eᶻ.
 *
 * <p>−log P(y | z) = Σ λ − yz + ln y!, score λ − y, F_z = diag(λ), B its root, KL = Σ λ(e^δ − 1 −
 * δ) with δ the change of z. M = λ. Outputs within ±700 (±85 in F32) keep everything finite.
 *
 * <p>The bound on KL's error: |∂K/∂z′| = λ|e^δ − 1| and |∂K/∂z| = λ|δ|, and both |e^δ − 1| and |δ|
 * are at most ψ + √(2ψ) with ψ = e^δ − 1 − δ.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
 *
 * @param outputs the number of outputs, at least 1
 */
public record Poisson(int outputs) implements FamilyDistribution {
  /**
   * Checks the number of outputs.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Poisson {
    Outputs.atLeastOne("outputs", outputs);
  }

  @Override
  public String name() {
    return "poisson";
  }

  @Override
  public Family family() {
    return Family.POISSON;
  }

  @Override
  public double parameter() {
    return 0;
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
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < outputs; j++) {
        long block = Draws.block((long) i * outputs + j);
        y.set(i, j, Draws.poisson(m.get(i, j), seed, draw, block));
      }
    }
  }
}
