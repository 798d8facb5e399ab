package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * Gradient descent, θ ← θ − η·g: every parameter under one learning rate. A control.
 *
 * <p>It checks neither the KL divergence nor that the objective falls. Thread rule and allocation
 * are {@link Optimizer}'s.
 */
public final class GradientDescent extends FirstOrderOptimizer {
  /**
   * Takes the buffers of gradient descent.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param learningRate η, finite and &gt; 0
   * @throws IllegalArgumentException if the learning rate is out of range
   */
  public GradientDescent(Workspace workspace, Problem problem, double learningRate) {
    super(workspace, problem, learningRate);
  }

  /**
   * Returns the off-heap memory it takes: the objective's buffers and two vectors of P.
   *
   * @param problem what is to be minimised
   * @return bytes
   */
  public static long bytes(Problem problem) {
    return FirstOrderOptimizer.bytes(problem);
  }

  @Override
  public String name() {
    return "gradient-descent";
  }

  @Override
  void update() {
    Blas.axpy(-learningRate, g, theta);
  }

  @Override
  void exchangeMoments(State state) {
    // There are none.
  }
}
