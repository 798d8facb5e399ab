package dev.natgrad.demo;

import dev.natgrad.random.Philox;

/** Draws from N(μ, σ²). */
public final class GaussianSamples {
  private static final long STREAM = 0x6a55;

  private GaussianSamples() {}

  /**
   * Draws x₀ … xₙ₋₁.
   *
   * @param seed the same seed gives the same bits
   * @param count n, at least 0
   * @param mean μ, in the units of x
   * @param deviation σ &gt; 0, in the units of x
   * @return n numbers
   */
  public static double[] draw(long seed, int count, double mean, double deviation) {
    double[] samples = new double[count];
    for (int i = 0; i < count; i++) {
      samples[i] = mean + deviation * Philox.normal(seed, STREAM, i);
    }
    return samples;
  }
}
