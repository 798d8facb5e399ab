package dev.natgrad.model;

import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;

/**
 * What a normalisation of an {@link Mlp} makes of an error, sample by sample: y = h∘g + b, h = (x −
 * μ)/σ, σ² = mean (x − μ)² + ε, of inputs |x̃| ≤ a with errors d, |d| ≤ e.
 *
 * <p>In exact arithmetic h(x̃ − d) − h(x̃) = (1/σ′)·(−(d − d̄) + h·mean(h∘d)·2σ/(σ + σ′) −
 * h·mean((d − d̄)²)/(σ + σ′)), where σ′ ≥ s = max(√ε, σ − e). Its linear part is a row of I − 11ᵀ/n
 * − hhᵀ/n, whose norm is at most 1, times independent errors: as that of a dot product at most e;
 * the rest is at most |h|e²/s. As to rounding: μ is off by at most λu√(n + 1)·a, a centred x by c =
 * u(λ√(n + 1) + 2)·a, σ by c and its own relative error, h by that of the square root of a sum and
 * three roundings besides, η = u(λ√(n + 2)/2 + 5). So with o = (e + c)/s
 *
 * <p>e′ = ‖g‖_∞·(o(1 + H·o) + H·c/s + ηH) + 2u(‖g‖_∞·H + ‖b‖_∞), H = max |h|, and the σ of s is the
 * computed one less c and its relative error. An H for the whole of o, as for c, would multiply the
 * error by some 4 at every layer of a deep network. And |h| ≤ √n whatever the inputs, so h is never
 * off by more than H + √n.
 *
 * <p>a and σ are the sample's own: the largest a of all samples over their least σ would bound
 * nothing where some are a thousand times others.
 */
final class NormalizationBound {
  private final double u;
  private final int layer;
  private final double n;
  private final double centring;
  private final double relative;

  private Vec scales;
  private double gain;
  private double largest;
  private double value;

  NormalizationBound(double u, int layer, int features) {
    this.u = u;
    this.layer = layer;
    this.n = features;
    this.centring = u * (MlpErrorBound.roundings(n + 1) + 2);
    this.relative = u * (MlpErrorBound.roundings(n + 2) / 2 + 5);
  }

  /** Looks at the point θ, whose buffers are b. */
  void at(MlpParameters theta, MlpBuffers.Batch b) {
    scales = b.scales[layer];
    gain = Norms.largestAbsolute(theta.gains[layer]);
    largest = Norms.largestAbsolute(b.normal[layer]);
    value = gain * largest + Norms.largestAbsolute(theta.shifts[layer]);
  }

  /** A bound on |y| of all samples. */
  double value() {
    return value;
  }

  /** A bound on |x| of sample i with that norm: |μ| ≤ ‖x‖/√n, |x − μ| ≤ Hσ. */
  double size(int i, double norm) {
    return norm / Math.sqrt(n) + largest / scales.get(i);
  }

  /** What becomes of an error of what sample i has there, of at most that size. */
  double of(int i, double error, double size) {
    double centre = centring * size;
    double spread = (1 - relative) / scales.get(i) - centre - error;
    double least = Math.max(Math.sqrt(Normalization.EPSILON) * (1 - 2 * u), spread);
    double off = (error + centre) / least;
    double shifted = off * (1 + largest * off) + largest * centre / least;
    // No entry of h is above √n, in exact arithmetic either.
    double most = MlpErrorBound.atMost(largest + Math.sqrt(n), shifted + relative * largest);
    return gain * most + 2 * u * value;
  }
}
