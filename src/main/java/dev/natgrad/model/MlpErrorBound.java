package dev.natgrad.model;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;

/**
 * The rounding of an {@link Mlp}'s outputs, layer by layer: e the error of a layer's inputs, then
 * of its sums, its values; with sums of n roundings counted as λ√n of independent ones, or n if
 * that is less. A bounded activation is never off by more than its range.
 *
 * <p>Where a layer normalises, each sample has its own e, since what a normalisation makes of it
 * depends on how large that sample's numbers are ({@link NormalizationBound}). Elsewhere e only
 * grows with them, and that of the largest holds for all.
 */
final class MlpErrorBound {
  /** What a layer makes, one after the other: each adds an error by itself. */
  enum Stage {
    NORMALIZED_INPUTS,
    SUMS,
    NORMALIZED_SUMS,
    VALUES
  }

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

  /** The largest number: a sum beyond it is infinite. */
  private final double range;

  /** Of each layer that normalises, else null. */
  private final NormalizationBound[] normalizations;

  /** Norms of the rows of what was looked at last; null where all samples share a bound. */
  private final BatchViews<Vec> norms;

  /** The same in numbers; one for all where they share a bound. */
  private final double[] sizes;

  private final double[] terms;

  /** What the last layer adds by itself, sample by sample. */
  private final double[] owns;

  private final double[][] errors;

  /** What each stage of each layer adds by itself; zeros of stages that it has not. */
  private final double[][][] added;

  /**
   * The largest norm of a row of X, as long as that has not changed; NaN before it is asked for.
   */
  private double inputNorm = Double.NaN;

  /** What of the bound the last layer adds by itself; NaN before the bound is asked for. */
  private double own = Double.NaN;

  MlpErrorBound(Mlp model, Workspace workspace, int maxBatch, Precision precision) {
    this.model = model;
    this.u = precision.unitRoundoff();
    this.range = precision == Precision.F32 ? Float.MAX_VALUE : Double.MAX_VALUE;
    int layers = model.layers().size();
    this.normalizations = new NormalizationBound[layers];
    for (int l = 0; l < layers; l++) {
      if (model.gain(l) != null) {
        normalizations[l] = new NormalizationBound(u, l, model.gain(l).length());
      }
    }
    boolean each = normalizes(model);
    Vec all = each ? Vec.allocate(workspace, maxBatch, Precision.F64) : null;
    this.norms = each ? new BatchViews<>(maxBatch, size -> all.slice(0, size)) : null;
    int samples = each ? maxBatch : 1;
    this.sizes = new double[samples];
    this.terms = new double[samples];
    this.owns = new double[samples];
    this.errors = new double[layers][samples];
    this.added = new double[Stage.values().length][layers][samples];
  }

  /** Bytes of a workspace that an instance takes. */
  static long bytes(Mlp model, int maxBatch) {
    return normalizes(model) ? Vec.bytes(maxBatch, Precision.F64) : 0;
  }

  private static boolean normalizes(Mlp model) {
    for (int l = 0; l < model.layers().size(); l++) {
      if (model.gain(l) != null) {
        return true;
      }
    }
    return false;
  }

  /** What a sum of n terms may be off by, in units of u times the sum of their absolute values. */
  static double roundings(double n) {
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
    int samples = norms == null ? 1 : b.size;
    for (int l = 0; l < errors.length; l++) {
      Mlp.Layer layer = model.layers().get(l);
      double[] error = errors[l];
      if (l == 0) {
        Arrays.fill(error, 0, samples, 0);
      } else {
        System.arraycopy(errors[l - 1], 0, error, 0, samples);
      }
      Arrays.fill(owns, 0, samples, 0);
      Mat in = l == 0 ? x : b.values[l - 1];
      if (normalizations[l] != null) {
        normalizations[l].at(theta, b);
      }
      if (layer.normalization() == Normalization.INPUTS) {
        normalizedInputs(l, in, samples, error);
        in = b.fed[l];
      }
      sums(l, in, x, theta, samples, error);
      if (layer.normalization() == Normalization.SUMS) {
        normalizedSums(l, samples, error);
      }
      values(l, x, b, samples, error);
    }
    own = largest(owns, samples);
    return largest(errors[errors.length - 1], samples);
  }

  private void normalizedInputs(int l, Mat in, int samples, double[] error) {
    NormalizationBound normalization = normalizations[l];
    double[] own = added(Stage.NORMALIZED_INPUTS, l);
    look(in);
    for (int i = 0; i < samples; i++) {
      double size = normalization.size(i, sizes[i]);
      own[i] = normalization.of(i, 0, size);
      owns[i] = own[i];
      error[i] = normalization.of(i, error[i], size);
    }
  }

  private void sums(int l, Mat in, Mat x, MlpParameters theta, int samples, double[] error) {
    double column = Norms.largestColumnNorm(theta.weights[l]);
    double largest;
    if (in == x && norms == null) {
      sizes[0] = inputNorm(x);
      largest = sizes[0];
    } else {
      largest = look(in);
    }
    double scaled =
        largest * column > LOOSE
            ? Norms.scaledProduct(in, theta.weights[l])
            : Double.POSITIVE_INFINITY;
    double bias = theta.biases[l] == null ? 0 : Norms.largestAbsolute(theta.biases[l]);
    double roundings = u * roundings(in.cols() + 2.0);
    double[] own = added(Stage.SUMS, l);
    for (int i = 0; i < samples; i++) {
      terms[i] = Math.min(sizes[i] * column, scaled) + bias;
      own[i] = terms[i] > range ? Double.POSITIVE_INFINITY : roundings * terms[i];
      owns[i] = column * owns[i] + own[i];
      error[i] = column * error[i] + own[i];
    }
  }

  private void normalizedSums(int l, int samples, double[] error) {
    NormalizationBound normalization = normalizations[l];
    double[] own = added(Stage.NORMALIZED_SUMS, l);
    for (int i = 0; i < samples; i++) {
      own[i] = normalization.of(i, 0, terms[i]);
      owns[i] = normalization.of(i, owns[i], terms[i]);
      error[i] = normalization.of(i, error[i], terms[i]);
      terms[i] = normalization.value();
    }
  }

  private void values(int l, Mat x, MlpBuffers.Batch b, int samples, double[] error) {
    Activation activation = model.layers().get(l).activation();
    double roundings = u * activation.roundings();
    boolean bounded = activation.largest() < Double.POSITIVE_INFINITY;
    if (roundings > 0 && !bounded) {
      largest(b.slopes[l]);
    }
    double[] own = added(Stage.VALUES, l);
    for (int i = 0; i < samples; i++) {
      own[i] = roundings == 0 ? 0 : roundings * (bounded ? activation.largest() : sizes[i]);
      owns[i] = through(activation, owns[i]) + own[i];
      error[i] = through(activation, error[i]) + own[i];
    }
    if (model.layers().get(l).residual() != 0) {
      joined(l, x, b, samples, error);
    }
  }

  /** What the addition adds that ends a residual block. */
  private void joined(int l, Mat x, MlpBuffers.Batch b, int samples, double[] error) {
    int source = l - model.layers().get(l).residual();
    if (b.slopes[l] != null) {
      largest(b.slopes[l]);
      System.arraycopy(sizes, 0, terms, 0, samples);
    }
    largest(source < 0 ? x : b.values[source]);
    double[] own = added(Stage.VALUES, l);
    for (int i = 0; i < samples; i++) {
      double joining = u * (sizes[i] + terms[i]);
      own[i] += joining;
      owns[i] += joining;
      error[i] += (source < 0 ? 0 : errors[source][i]) + joining;
    }
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

  /** What a stage of a layer adds to sample i by itself, by the last {@link #of}. */
  double added(Stage stage, int l, int i) {
    return added(stage, l)[norms == null ? 0 : i];
  }

  private double[] added(Stage stage, int l) {
    return added[stage.ordinal()][l];
  }

  /** The error of a layer's values by that of its sums: no more than a bounded function's range. */
  private static double through(Activation activation, double error) {
    return atMost(2 * activation.largest(), activation.lipschitz() * error);
  }

  /** What is not finite stays so: parameters may be behind it that no step may end on. */
  static double atMost(double most, double error) {
    return error < Double.POSITIVE_INFINITY ? Math.min(most, error) : error;
  }

  /** Sets the sizes to the norms of the rows, and returns the largest of them. */
  private double look(Mat rows) {
    if (norms == null) {
      sizes[0] = Norms.largestRowNorm(rows);
      return sizes[0];
    }
    Vec to = norms.of(rows.rows());
    Norms.rowNorms(rows, to);
    to.copyTo(sizes, 0);
    return largest(sizes, rows.rows());
  }

  /** Sets the sizes to bounds on the entries of the rows. */
  private void largest(Mat rows) {
    if (norms == null) {
      sizes[0] = Norms.largestAbsolute(rows);
    } else {
      look(rows);
    }
  }

  private static double largest(double[] values, int count) {
    double largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, values[i]);
    }
    return largest;
  }

  private double inputNorm(Mat x) {
    if (Double.isNaN(inputNorm)) {
      inputNorm = Norms.largestRowNorm(x);
    }
    return inputNorm;
  }
}
