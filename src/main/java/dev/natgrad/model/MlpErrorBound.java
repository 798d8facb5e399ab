package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;

/**
 * The rounding of an {@link Mlp}'s outputs, layer by layer: e the error of a layer's inputs, then
 * of its sums, its values; with sums of n roundings counted as λ√n of independent ones, or n if
 * that is less.
 *
 * <p>A normalisation y = h∘g + b, h = (x − μ)/σ, σ² = mean (x − μ)² + ε, of inputs |x̃| ≤ a with
 * errors d, |d| ≤ e, adds the following. In exact arithmetic h(x̃ − d) − h(x̃) = (1/σ′)·(−(d − d̄)
 * + h·mean(h∘d)·2σ/(σ + σ′) − h·mean((d − d̄)²)/(σ + σ′)), where σ′ ≥ s = max(√ε, σ − e). Its
 * linear part is a row of I − 11ᵀ/n − hhᵀ/n, whose norm is at most 1, times independent errors: as
 * that of a dot product at most e; the rest is at most |h|e²/s. As to rounding: μ is off by at most
 * λu√(n + 1)·a, a centred x by c = u(λ√(n + 1) + 2)·a, σ by c and its own relative error, h by that
 * of the square root of a sum and three roundings besides, η = u(λ√(n + 2)/2 + 5). So with o = (e +
 * c)/s
 *
 * <p>e′ = ‖g‖_∞·(o(1 + H·o) + H·c/s + ηH) + 2u(‖g‖_∞·H + ‖b‖_∞), H = max |h|, and the σ of s is the
 * computed one less c and its relative error. An H for the whole of o, as for c, would multiply the
 * error by some 4 at every layer of a deep network. And |h| ≤ √n whatever the inputs, so h is never
 * off by more than H + √n, nor a bounded activation by more than its range.
 */
final class MlpErrorBound {
  /**
   * A sum of independent errors exceeds λ times the root of its summed squared bounds with
   * probability at most 2·exp(−λ²/2) = 2.5·10⁻¹⁴ (Hoeffding), so all of 10⁸ outputs stay within the
   * bound with probability above 1 − 10⁻⁵.
   */
  private static final double LAMBDA = 8;

  /** Above this a product of norms is worth a second look; standardised features stay below. */
  private static final double LOOSE = 1e3;

  private final Mlp model;
  private final double u;
  private final double[] errors;

  /** What each layer adds by itself: its normalised inputs, sums, normalised sums, values. */
  private final double[] ofInputs;

  private final double[] ofSums;
  private final double[] ofNormalSums;
  private final double[] ofValues;

  /**
   * The largest norm of a row of X, as long as that has not changed; NaN before it is asked for.
   */
  private double inputNorm = Double.NaN;

  /** What of the bound the last layer adds by itself; NaN before the bound is asked for. */
  private double own = Double.NaN;

  MlpErrorBound(Mlp model, double u) {
    this.model = model;
    this.u = u;
    int layers = model.layers().size();
    this.errors = new double[layers];
    this.ofInputs = new double[layers];
    this.ofSums = new double[layers];
    this.ofNormalSums = new double[layers];
    this.ofValues = new double[layers];
  }

  /** What a sum of n terms may be off by, in units of u times the sum of their absolute values. */
  private static double roundings(double n) {
    return Math.min(LAMBDA * Math.sqrt(n), n);
  }

  /** Forgets what is known of X. */
  void newInputs() {
    inputNorm = Double.NaN;
  }

  /** Forgets what is known of the outputs. */
  void newPoint() {
    own = Double.NaN;
  }

  /** The bound on the outputs of the point θ, X, whose buffers are b. */
  double of(MlpParameters theta, Mat x, MlpBuffers.Batch b) {
    for (int l = 0; l < errors.length; l++) {
      Mlp.Layer layer = model.layers().get(l);
      boolean last = l == errors.length - 1;
      Mat in = l == 0 ? x : b.values[l - 1];
      double error = l == 0 ? 0 : errors[l - 1];
      own = 0;
      if (layer.normalization() == Normalization.INPUTS) {
        double size = Norms.largestAbsolute(in);
        ofInputs[l] = normalized(0, size, l, theta, b);
        own = last ? ofInputs[l] : 0;
        error = normalized(error, size, l, theta, b);
        in = b.fed[l];
      }
      double column = Norms.largestColumnNorm(theta.weights[l]);
      double row = in == x ? inputNorm(x) : Norms.largestRowNorm(in);
      double sum = sums(in, row * column, theta.weights[l], theta.biases[l]);
      double added = u * roundings(in.cols() + 2.0) * sum;
      ofSums[l] = added;
      own = column * own + added;
      error = column * error + added;
      if (layer.normalization() == Normalization.SUMS) {
        ofNormalSums[l] = normalized(0, sum, l, theta, b);
        own = last ? normalized(own, sum, l, theta, b) : 0;
        error = normalized(error, sum, l, theta, b);
        sum = normalizedSize(l, theta, b);
      }
      Activation activation = layer.activation();
      double mapping = mapping(activation, b.slopes[l]);
      ofValues[l] = mapping;
      own = through(activation, own) + mapping;
      error = through(activation, error) + mapping;
      if (layer.residual() != 0) {
        double source = source(l) < 0 ? 0 : errors[source(l)];
        double joined = joining(l, sum, x, b);
        own += joined;
        error += source + joined;
        ofValues[l] += joined;
      }
      errors[l] = error;
    }
    return errors[errors.length - 1];
  }

  /**
   * The part of the bound that the last layer adds by itself. Errors of earlier layers pass the
   * bound multiplied by worst cases at every layer, so that it is up to 10⁵ times what rounding
   * does to a deep network; this part, pessimistic too, is some ten times it whatever the depth.
   */
  double own(MlpParameters theta, Mat x, MlpBuffers.Batch b) {
    if (Double.isNaN(own)) {
      of(theta, x, b);
    }
    return own;
  }

  /** What the normalisation of a layer's inputs adds, by the last {@link #of}; as the others. */
  double ofInputs(int l) {
    return ofInputs[l];
  }

  double ofSums(int l) {
    return ofSums[l];
  }

  double ofNormalSums(int l) {
    return ofNormalSums[l];
  }

  double ofValues(int l) {
    return ofValues[l];
  }

  /** The error of a layer's values by that of its sums: no more than a bounded function's range. */
  private static double through(Activation activation, double error) {
    return atMost(2 * activation.largest(), activation.lipschitz() * error);
  }

  /** What is not finite stays so: parameters may be behind it that no step may end on. */
  private static double atMost(double most, double error) {
    return error < Double.POSITIVE_INFINITY ? Math.min(most, error) : error;
  }

  /** The rounding of an activation; one that is bounded spares the pass over its values. */
  private double mapping(Activation activation, Mat values) {
    if (activation.roundings() == 0) {
      return 0;
    }
    double largest = activation.largest();
    return activation.roundings()
        * u
        * (largest < Double.POSITIVE_INFINITY ? largest : Norms.largestAbsolute(values));
  }

  /** A bound on the terms of any of a layer's sums. */
  private static double sums(Mat in, double norms, Mat weights, Vec biases) {
    double terms = norms > LOOSE ? Math.min(norms, Norms.scaledProduct(in, weights)) : norms;
    return biases == null ? terms : terms + Norms.largestAbsolute(biases);
  }

  private double inputNorm(Mat x) {
    if (Double.isNaN(inputNorm)) {
      inputNorm = Norms.largestRowNorm(x);
    }
    return inputNorm;
  }

  /** The layer whose values are added at the end of a residual block, -1 for the inputs. */
  private int source(int l) {
    return l - model.layers().get(l).residual();
  }

  /** The rounding of the addition that ends a residual block. */
  private double joining(int l, double sum, Mat x, MlpBuffers.Batch b) {
    double added = Norms.largestAbsolute(source(l) < 0 ? x : b.values[source(l)]);
    double value = b.slopes[l] == null ? sum : Norms.largestAbsolute(b.slopes[l]);
    return u * (added + value);
  }

  private double normalizedSize(int l, MlpParameters theta, MlpBuffers.Batch b) {
    return Norms.largestAbsolute(theta.gains[l]) * Norms.largestAbsolute(b.normal[l])
        + Norms.largestAbsolute(theta.shifts[l]);
  }

  private double normalized(
      double error, double size, int l, MlpParameters theta, MlpBuffers.Batch b) {
    double n = b.normal[l].cols();
    double largest = Norms.largestAbsolute(b.normal[l]);
    double centring = u * (roundings(n + 1) + 2) * size;
    double relative = u * (roundings(n + 2) / 2 + 5);
    double spread = (1 - relative) / Norms.largestAbsolute(b.scales[l]) - centring - error;
    double least = Math.max(Math.sqrt(Normalization.EPSILON) * (1 - 2 * u), spread);
    double off = (error + centring) / least;
    double shifted = off * (1 + largest * off) + largest * centring / least;
    // No entry of h is above √n, in exact arithmetic either.
    double most = atMost(largest + Math.sqrt(n), shifted + relative * largest);
    return Norms.largestAbsolute(theta.gains[l]) * most + 2 * u * normalizedSize(l, theta, b);
  }
}
