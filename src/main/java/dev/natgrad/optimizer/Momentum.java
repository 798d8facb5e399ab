package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * Nesterov's accelerated gradient in the form of Sutskever et al. (2013): v ← μv − ηg, θ ← θ + μv −
 * ηg. A control.
 *
 * <p>It checks neither the KL divergence nor that the objective falls. Thread rule and allocation
 * are {@link Optimizer}'s.
 */
public final class Momentum extends FirstOrderOptimizer {
  private final double momentum;
  private final Vec velocity;

  /**
   * Takes the buffers of Nesterov momentum.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param learningRate η, finite and &gt; 0
   * @param momentum μ, 0 ≤ μ &lt; 1
   * @throws IllegalArgumentException if a rate is out of range
   */
  public Momentum(Workspace workspace, Problem problem, double learningRate, double momentum) {
    super(workspace, problem, learningRate);
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum is " + momentum + "; it must be in [0, 1)");
    }
    this.momentum = momentum;
    this.velocity = Vec.allocate(workspace, theta.length(), theta.precision());
  }

  /**
   * Returns the off-heap memory it takes: the objective's buffers and three vectors of P.
   *
   * @param problem what is to be minimised
   * @return bytes
   */
  public static long bytes(Problem problem) {
    return FirstOrderOptimizer.bytes(problem)
        + Vec.bytes(problem.model().parameters(), problem.precision());
  }

  @Override
  public String name() {
    return "momentum";
  }

  @Override
  void update() {
    Blas.axpby(-learningRate, g, momentum, velocity);
    Blas.axpy(momentum, velocity, theta);
    Blas.axpy(-learningRate, g, theta);
  }

  @Override
  void exchangeMoments(State state) {
    state.vector("velocity", velocity);
  }
}
