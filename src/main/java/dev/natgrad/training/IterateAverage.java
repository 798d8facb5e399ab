package dev.natgrad.training;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;

/**
 * The running mean of the parameters of a run (Polyak and Juditsky, Acceleration of stochastic
 * approximation by averaging, 1992): a ← a + w(θ − a) with w = max(1/k, 1 − decay) at the k-th
 * parameters it is given. A decay of 1 is the mean of all.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing after construction.
 */
public final class IterateAverage implements Stateful {
  private final Vec mean;
  private final double decay;
  private final long from;
  private long count;

  /**
   * Takes a vector for the mean.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param parameters P
   * @param precision the format of the parameters
   * @param decay the most of the old mean that is kept, in (0, 1]
   * @param from the number of the first step whose parameters count, at least 1
   * @throws IllegalArgumentException naming the argument, its value and its range
   */
  public IterateAverage(
      Workspace workspace, int parameters, Precision precision, double decay, long from) {
    if (!(decay > 0 && decay <= 1)) {
      throw new IllegalArgumentException("decay is " + decay + "; it must be in (0, 1]");
    }
    if (from < 1) {
      throw new IllegalArgumentException("from is " + from + "; it must be ≥ 1");
    }
    this.mean = Vec.allocate(workspace, parameters, precision);
    this.decay = decay;
    this.from = from;
  }

  /**
   * Returns the off-heap memory it takes: a vector of P.
   *
   * @param parameters P
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int parameters, Precision precision) {
    return Vec.bytes(parameters, precision);
  }

  /** Adds the parameters after a step, counted from 1. */
  void add(Vec theta, long step) {
    if (step >= from) {
      count++;
      double weight = Math.max(1.0 / count, 1 - decay);
      Blas.axpby(weight, theta, count == 1 ? 0 : 1 - weight, mean);
    }
  }

  void clear() {
    count = 0;
  }

  /**
   * Returns how many parameters the mean is of.
   *
   * @return k ≥ 0
   */
  public long count() {
    return count;
  }

  /**
   * Returns the mean.
   *
   * @return a vector of length P, changed by later steps; without meaning while {@link #count} is 0
   */
  public Vec value() {
    return mean;
  }

  @Override
  public void exchange(State state) {
    state.vector("mean", mean);
    count = state.whole("count", count);
  }
}
