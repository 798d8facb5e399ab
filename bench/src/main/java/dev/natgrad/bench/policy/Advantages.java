package dev.natgrad.bench.policy;

/**
 * Generalised advantage estimates (Schulman, Moritz, Levine, Jordan and Abbeel, High-dimensional
 * continuous control using generalized advantage estimation, 2016):
 *
 * <pre>  δₜ = rₜ + γV(sₜ₊₁) − V(sₜ),  Aₜ = δₜ + γλAₜ₊₁</pre>
 *
 * <p>V after a fall is 0. Where the clock or the batch cuts an episode, V of the state reached
 * stands for the rest, and the sum ends.
 */
final class Advantages {
  private final double discount;
  private final double decay;
  private final double[] advantages;
  private final double[] returns;

  /**
   * @param steps in a batch
   * @param discount γ
   * @param decay λ
   */
  Advantages(int steps, double discount, double decay) {
    this.discount = discount;
    this.decay = decay;
    this.advantages = new double[steps];
    this.returns = new double[steps];
  }

  /** Estimates from V of the states and of their successors. */
  void estimate(Rollout rollout, double[] values, double[] successors) {
    double next = 0;
    for (int t = advantages.length - 1; t >= 0; t--) {
      double rest = rollout.fell(t) ? 0 : successors[t];
      double delta = 1 + discount * rest - values[t];
      next = delta + (rollout.last(t) ? 0 : discount * decay * next);
      advantages[t] = next;
      returns[t] = next + values[t];
    }
  }

  /** A, shifted and scaled to mean 0 and variance 1. */
  double[] standardised() {
    double mean = 0;
    for (double a : advantages) {
      mean += a / advantages.length;
    }
    double variance = 0;
    for (double a : advantages) {
      variance += (a - mean) * (a - mean) / advantages.length;
    }
    double scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    double[] standardised = new double[advantages.length];
    for (int t = 0; t < standardised.length; t++) {
      standardised[t] = scale * (advantages[t] - mean);
    }
    return standardised;
  }

  /** A + V: what V is fitted to. */
  double[] returns() {
    return returns;
  }
}
