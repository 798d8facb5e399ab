package dev.natgrad.model;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * A function z = f(θ, x) from P parameters and a row of inputs to a row of outputs.
 *
 * <p>A model is a description: immutable, without memory of its own, usable from any thread. The
 * work is done by its {@link Linearization}, which owns the buffers. A user's own model implements
 * both; {@code DerivativeCheck} compares it with finite differences.
 */
public interface Model {
  /**
   * Returns P, the number of parameters.
   *
   * @return P ≥ 1
   */
  int parameters();

  /**
   * Returns the number of inputs of one sample.
   *
   * @return at least 1
   */
  int inputs();

  /**
   * Returns the number of outputs of one sample.
   *
   * @return at least 1
   */
  int outputs();

  /**
   * Takes the buffers to evaluate and differentiate this model.
   *
   * @param workspace the owner of the buffers
   * @param maxBatch the largest number of samples at once, at least 1
   * @param precision the format of parameters, inputs and outputs
   * @return a linearisation that takes {@link #linearizationBytes} bytes of the workspace
   * @throws IllegalArgumentException if {@code maxBatch} is below 1
   * @throws IllegalStateException if it takes memory and the workspace is closed
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   * @throws WrongThreadException if it takes memory, from another thread than the workspace's
   *     owner's
   */
  Linearization linearize(Workspace workspace, int maxBatch, Precision precision);

  /**
   * Returns the off-heap memory that {@link #linearize} takes.
   *
   * @param maxBatch the largest number of samples at once
   * @param precision the format of parameters, inputs and outputs
   * @return bytes
   * @throws IllegalArgumentException if {@code maxBatch} is below 1, or a buffer alone exceeds 2⁶³
   *     − 64
   * @throws ArithmeticException if they exceed 2⁶³ − 1
   */
  long linearizationBytes(int maxBatch, Precision precision);
}
