package dev.natgrad.optimizer;

import dev.natgrad.linalg.Updates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * Adam (Kingma and Ba 2015): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g∘g, θ ← θ − η·m̂/(√v̂ + 10⁻⁸)
 * with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ), β₁ = 0.9, β₂ = 0.999. A control.
 *
 * <p>It checks neither the KL divergence nor that the objective falls. Thread rule and allocation
 * are {@link Optimizer}'s.
 */
public final class Adam extends FirstOrderOptimizer {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double STABILITY = 1e-8;

  private final Vec first;
  private final Vec second;
  private double beta1Power = 1;
  private double beta2Power = 1;

  /**
   * Takes the buffers of Adam.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param learningRate η, finite and &gt; 0
   * @throws IllegalArgumentException if the learning rate is out of range
   */
  public Adam(Workspace workspace, Problem problem, double learningRate) {
    super(workspace, problem, learningRate);
    this.first = Vec.allocate(workspace, theta.length(), theta.precision());
    this.second = Vec.allocate(workspace, theta.length(), theta.precision());
  }

  /**
   * Returns the off-heap memory it takes: the objective's buffers and four vectors of P.
   *
   * @param problem what is to be minimised
   * @return bytes
   */
  public static long bytes(Problem problem) {
    return FirstOrderOptimizer.bytes(problem)
        + 2 * Vec.bytes(problem.model().parameters(), problem.precision());
  }

  @Override
  public String name() {
    return "adam";
  }

  @Override
  void update() {
    beta1Power *= BETA1;
    beta2Power *= BETA2;
    double root = Math.sqrt(1 - beta2Power);
    Updates.adam(
        learningRate * root / (1 - beta1Power),
        BETA1,
        BETA2,
        STABILITY * root,
        g,
        first,
        second,
        theta);
  }

  @Override
  void exchangeMoments(State state) {
    state.vector("first", first);
    state.vector("second", second);
    beta1Power = state.number("beta1_power", beta1Power);
    beta2Power = state.number("beta2_power", beta2Power);
  }
}
