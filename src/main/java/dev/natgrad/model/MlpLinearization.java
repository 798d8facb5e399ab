package dev.natgrad.model;

import static dev.natgrad.linalg.Transpose.NO;
import static dev.natgrad.linalg.Transpose.YES;
import static dev.natgrad.model.Normalization.INPUTS;
import static dev.natgrad.model.Normalization.SUMS;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Epilogue;
import dev.natgrad.linalg.LayerNormalization;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.RowViews;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.MlpBuffers.Batch;
import java.util.List;

/**
 * The passes of an {@link Mlp} through its {@link MlpBuffers}. Evaluating elsewhere gives up the
 * previous point.
 *
 * <p>What goes around a residual block waits in the buffer {@code carry}: the tangent of the
 * block's inputs until its end, the delta of its end until its inputs. Blocks do not overlap, so
 * one buffer is enough; where one block follows another the sum is made in it.
 *
 * <p>Views of θ, v and g are remembered ({@link MlpParameterViews}), those of the buffers for every
 * first sample and number of them, so that repeated calls allocate nothing.
 */
final class MlpLinearization implements LayeredLinearization {
  private final Mlp model;
  private final Activation[] activations;
  private final Normalization[] normalizations;

  /** Whether the layer closes a residual block whose inputs θ moves, and whether it opens one. */
  private final boolean[] closes;

  private final boolean[] opens;
  private final MlpTangents tangents;
  private final MlpChecks checks;
  private final int last;
  private final MlpBuffers buffers;
  private final MlpErrorBound errorBound;

  /** Null for a network without residual blocks. */
  private final MlpNoise noise;

  private final MlpParameterViews parameterViews;
  private final List<DenseLayer> denseLayers;
  private final RowViews inputRows = new RowViews();

  private MlpParameters theta;
  private Mat x;
  private Batch batch;

  /** The sample that products begin with. */
  private int first;

  MlpLinearization(Mlp model, Workspace workspace, int maxBatch, Precision precision) {
    this.model = model;
    this.checks = new MlpChecks(model, maxBatch, precision);
    this.parameterViews = new MlpParameterViews(model);
    this.denseLayers = model.denseLayers();
    int layers = model.layers().size();
    this.last = layers - 1;
    this.activations = new Activation[layers];
    this.normalizations = new Normalization[layers];
    this.closes = MlpBuffers.closing(model);
    this.opens = MlpBuffers.opening(model);
    for (int l = 0; l < layers; l++) {
      Mlp.Layer layer = model.layers().get(l);
      activations[l] = layer.activation();
      normalizations[l] = layer.normalization();
    }
    this.tangents = new MlpTangents(model);
    this.buffers = MlpBuffers.allocate(model, workspace, maxBatch, precision);
    this.errorBound = new MlpErrorBound(model, workspace, maxBatch, precision);
    this.noise =
        MlpNoise.serves(model)
            ? new MlpNoise(model, tangents, workspace, maxBatch, precision)
            : null;
  }

  @Override
  public void evaluate(Vec theta, Mat x, Mat z) {
    errorBound.newInputs();
    evaluateAgain(theta, x, z);
  }

  @Override
  public void evaluateAgain(Vec theta, Mat x, Mat z) {
    checks.vector("theta", theta);
    checks.batch("x", x, model.inputs());
    checks.shape("z", z, x.rows(), model.outputs());
    errorBound.newPoint();
    MlpChecks.apart("z", z.overlaps(theta), "theta");
    MlpChecks.apart("z", z.overlaps(x), "x");
    this.theta = null;
    this.first = 0;
    MlpParameters p = parameterViews.of(theta);
    Batch b = buffers.of(0, x.rows());
    if (this.x != x) {
      errorBound.newInputs();
      this.x = x;
    }
    for (int l = 0; l <= last; l++) {
      if (normalizations[l] == INPUTS) {
        Mat in = l == 0 ? x : b.values[l - 1];
        LayerNormalization.normalize(Normalization.EPSILON, in, b.normal[l], b.scales[l]);
        LayerNormalization.affine(b.normal[l], p.gains[l], p.shifts[l], b.fed[l]);
      }
      forward(l, p, b, l == last ? z : b.values[l]);
    }
    this.batch = b;
    this.theta = p;
  }

  /** A_l ← φ_l(sums of what is fed to layer l), and what goes around. */
  private void forward(int l, MlpParameters p, Batch b, Mat out) {
    int residual = model.layers().get(l).residual();
    boolean apart = activations[l].derivesFromArgument() || (residual > 0 && b.slopes[l] != null);
    Mat sums = apart ? b.slopes[l] : out;
    Mat values = activations[l].derivesFromArgument() ? out : sums;
    Mat weights = p.weights[l];
    if (normalizations[l] == SUMS) {
      Blas.gemm(NO, NO, 1, inputs(l, b), weights, 0, sums, Epilogue.NONE, p.biases[l], sums);
      LayerNormalization.normalize(Normalization.EPSILON, sums, b.normal[l], b.scales[l]);
      LayerNormalization.affine(b.normal[l], p.gains[l], p.shifts[l], sums);
      activations[l].apply(sums, values);
    } else {
      Epilogue epilogue = activations[l].epilogue();
      Blas.gemm(NO, NO, 1, inputs(l, b), weights, 0, sums, epilogue, p.biases[l], values);
    }
    Mat copy = apart ? out : b.slopes[l];
    if (copy != null && copy != values) {
      Blas.copy(values, copy);
    }
    if (residual > 0) {
      RowProducts.add(1, l < residual ? x : b.values[l - residual], out);
    }
  }

  @Override
  public void jvp(Vec v, Mat t) {
    checkEvaluated();
    checks.vector("v", v);
    checks.samples("t", t, first, batch.size);
    MlpChecks.apart("t", t.overlaps(v), "v");
    MlpChecks.apart("t", t.overlaps(theta.vector), "theta");
    MlpChecks.apart("t", t.overlaps(x), "x");
    Batch b = buffers.of(first, t.rows());
    tangents.run(theta, parameterViews.of(v), inputRows.of(x, b.first, b.size), b, t);
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    checkEvaluated();
    checks.samples("u", u, first, batch.size);
    checks.vector("g", g);
    MlpChecks.apart("g", u.overlaps(g), "u");
    MlpChecks.apart("g", g.overlaps(theta.vector), "theta");
    MlpChecks.apart("g", x.overlaps(g), "x");
    back(u, beta, parameterViews.of(g), null);
  }

  @Override
  public void backward(Mat u, LayerDeltas deltas) {
    checkEvaluated();
    checks.samples("u", u, first, batch.size);
    back(u, 0, null, deltas);
  }

  /** Either the gradient is made, βg added, or the deltas are handed out; the other is null. */
  private void back(Mat u, double beta, MlpParameters gradient, LayerDeltas deltas) {
    Batch b = buffers.of(first, u.rows());
    Mat above = u;
    boolean ofSums = false;
    for (int l = last; l >= 0; l--) {
      if (closes[l] && l == last) {
        Blas.copy(u, b.carry[l]);
      }
      Mat delta = ofSums ? above : sumsDelta(l, above, beta, gradient, b);
      ofSums = false;
      if (gradient == null) {
        deltas.accept(l, delta);
      } else {
        weightGradient(inputs(l, b), delta, beta, gradient, l);
        if (gradient.biases[l] != null) {
          Blas.colSums(1, delta, beta, gradient.biases[l]);
        }
      }
      if (normalizations[l] == INPUTS) {
        above = throughInputs(l, delta, beta, gradient, b);
      } else if (l > 0) {
        boolean carried = opens[l] || closes[l - 1];
        Mat below = carried ? b.carry[l - 1] : b.work[l - 1];
        ofSums = !carried && b.slopes[l - 1] != null && normalizations[l - 1] != SUMS;
        Epilogue epilogue = ofSums ? activations[l - 1].derivative() : Epilogue.NONE;
        Mat slopes = ofSums ? b.slopes[l - 1] : below;
        double add = opens[l] ? 1 : 0;
        Blas.gemm(NO, YES, 1, delta, theta.weights[l], add, below, epilogue, null, slopes);
        above = below;
      }
    }
  }

  /** Sums over the samples in an order that {@link Chunked} can stop and go on in. */
  private static void weightGradient(
      Mat in, Mat delta, double beta, MlpParameters gradient, int l) {
    if (in.cols() == 1 && delta.cols() == 1) {
      LayerNormalization.columnDots(in, delta, beta, gradient.weightEntries(l));
    } else {
      Blas.gemm(YES, NO, 1, in, delta, beta, gradient.weights[l]);
    }
  }

  /** The derivative in the sums of layer l from that in its values. */
  private Mat sumsDelta(int l, Mat above, double beta, MlpParameters gradient, Batch b) {
    boolean same = b.slopes[l] == null && normalizations[l] != SUMS;
    boolean carried = above == b.carry[l];
    // What is carried on must stay; and the product below must not overwrite its own operand.
    boolean stays = carried && (opens[l] || (l > 0 && closes[l - 1]));
    if (same && !stays) {
      return above;
    }
    Mat delta = b.work[l];
    if (above != delta) {
      Blas.copy(above, delta);
    }
    if (b.slopes[l] != null) {
      activations[l].multiplyByDerivative(b.slopes[l], delta);
    }
    if (normalizations[l] == SUMS) {
      normalGradient(l, delta, beta, gradient, b);
      LayerNormalization.cotangent(b.normal[l], b.scales[l], theta.gains[l], delta, delta);
    }
    return delta;
  }

  /** The derivative in the values of layer l − 1, which layer l normalises. */
  private Mat throughInputs(int l, Mat delta, double beta, MlpParameters gradient, Batch b) {
    if (l == 0 && gradient == null) {
      return null;
    }
    Mat below = b.below(l);
    Blas.gemm(NO, YES, 1, delta, theta.weights[l], 0, below);
    normalGradient(l, below, beta, gradient, b);
    if (l == 0) {
      return null;
    }
    Mat out = closes[l - 1] && !opens[l] ? b.carry[l - 1] : below;
    LayerNormalization.cotangent(b.normal[l], b.scales[l], theta.gains[l], below, out);
    if (opens[l]) {
      RowProducts.add(1, below, b.carry[l - 1]);
      return b.carry[l - 1];
    }
    return out;
  }

  private void normalGradient(int l, Mat delta, double beta, MlpParameters gradient, Batch b) {
    if (gradient != null) {
      LayerNormalization.columnDots(b.normal[l], delta, beta, gradient.gains[l]);
      Blas.colSums(1, delta, beta, gradient.shifts[l]);
    }
  }

  @Override
  public List<DenseLayer> denseLayers() {
    return denseLayers;
  }

  @Override
  public void startAt(int newFirst) {
    checkEvaluated();
    if (newFirst < 0 || newFirst >= batch.size) {
      throw new IllegalArgumentException(
          "first is " + newFirst + "; the samples of this point are 0 to " + (batch.size - 1));
    }
    first = newFirst;
  }

  @Override
  public Mat layerInputs(int layer, int rows) {
    checkEvaluated();
    if (rows < 1 || rows > batch.size - first) {
      throw new IllegalArgumentException(
          "rows is "
              + rows
              + "; it must be 1 to the "
              + (batch.size - first)
              + " samples of this point from number "
              + first
              + " on");
    }
    return inputs(layer, buffers.of(first, rows));
  }

  private Mat inputs(int layer, Batch b) {
    return b.inputs(layer, layer == 0 ? inputRows.of(x, b.first, b.size) : null);
  }

  /**
   * {@inheritDoc}
   *
   * <p>e₀ = 0 and, with c the largest column norm ‖W_l·ⱼ‖₂ and a the largest row norm
   * ‖(A_{l−1})ᵢ·‖₂ of what is fed to the weights,
   *
   * <p>e_l = lip(φ_l)·(c·e_{l−1} + u·min(λ√t, t)·(a·c + ‖b_l‖_∞)) + 8u·M_l, t = n + 2,
   *
   * <p>M_l = 1 for a logistic function or tanh and else ‖A_l‖_∞, since a dot product of n terms and
   * a bias make at most t roundings of partial sums that Cauchy and Schwarz bound by a·c + |b|.
   * Where a·c is large, as with features in units of their own, maxⱼ Σₖ (maxᵢ |Aᵢₖ|)·|Wₖⱼ| takes
   * its place if smaller. A residual block adds the error of its inputs and u times both summands;
   * a normalisation multiplies the error by at most its largest g/σ and adds that of its own, and
   * where there is one e_l is bounded sample by sample, a and σ being the sample's own ({@code
   * NormalizationBound} derives it). Where many layers make this far too large, noise that the
   * network passes on takes its place ({@code MlpNoise}), for the price of at least four
   * evaluations, and overwrites what tangents were computed in. Else costs P + B·Σn_l operations;
   * not finite where θ, X or the outputs are not.
   */
  @Override
  public double outputErrorBound() {
    checkEvaluated();
    double bound = errorBound.of(theta, x, batch);
    return noise == null ? bound : noise.least(bound, errorBound, theta, x, batch);
  }

  /** {@inheritDoc} Here what the last layer adds to {@link #outputErrorBound}, of the same cost. */
  @Override
  public double outputRounding() {
    checkEvaluated();
    return errorBound.own(theta, x, batch);
  }

  private void checkEvaluated() {
    if (theta == null) {
      throw new IllegalStateException(
          "nothing has been evaluated: call evaluate(theta, x, z) first");
    }
  }
}
