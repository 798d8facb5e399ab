package dev.natgrad.model;

import static dev.natgrad.linalg.Transpose.NO;
import static dev.natgrad.linalg.Transpose.YES;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.List;

/**
 * The buffers and passes of an {@link Mlp}.
 *
 * <p>Kept per point: the values A_l of every layer, but not the output's where its activation is
 * the identity, since its derivative is then not needed. Tangents and deltas alternate between two
 * work matrices, layer l using number l mod 2. Evaluating elsewhere gives up the previous point.
 *
 * <p>Views of θ, v and g are remembered for the last {@value #VECTORS} vector objects, those of the
 * buffers for every batch size, so that repeated calls allocate nothing.
 */
final class MlpLinearization implements LayeredLinearization {
  private static final int VECTORS = 16;

  /**
   * A sum of independent errors exceeds λ times the root of its summed squared bounds with
   * probability at most 2·exp(−λ²/2) = 2.5·10⁻¹⁴ (Hoeffding), so all of 10⁸ outputs stay within the
   * bound with probability above 1 − 10⁻⁵.
   */
  private static final double LAMBDA = 8;

  /** Above this a product of norms is worth a second look; standardised features stay below. */
  private static final double LOOSE = 1e3;

  private final Mlp model;
  private final Activation[] activations;
  private final Precision precision;
  private final int maxBatch;
  private final Mat[] values;
  private final Mat[] work = new Mat[2];
  private final Parameters[] parameterViews = new Parameters[VECTORS];
  private final BatchViews<Batch> batchViews;
  private final List<DenseLayer> denseLayers;
  private final LeadingRows inputRows = new LeadingRows();
  private int nextParameters;

  private Parameters theta;
  private Mat x;
  private Batch batch;

  /** The blocks of one flat vector. */
  private static final class Parameters {
    final Vec vector;
    final Mat[] weights;
    final Vec[] biases;

    Parameters(Mlp model, Vec vector) {
      int layers = model.layers().size();
      this.vector = vector;
      this.weights = new Mat[layers];
      this.biases = new Vec[layers];
      for (int l = 0; l < layers; l++) {
        weights[l] = model.weight(l).mat(vector);
        biases[l] = model.bias(l).vec(vector);
      }
    }
  }

  /** The buffers cut to one batch size; null where a layer's values are not kept. */
  private static final class Batch {
    final int size;
    final Mat[] values;
    final Mat[] work;

    Batch(int size, Mat[] values, Mat[] work) {
      this.size = size;
      this.values = new Mat[values.length];
      this.work = new Mat[values.length];
      for (int l = 0; l < values.length; l++) {
        if (values[l] != null) {
          this.values[l] = values[l].top(size);
          this.work[l] = work[l & 1].block(0, 0, size, values[l].cols());
        }
      }
    }
  }

  MlpLinearization(Mlp model, Workspace workspace, int maxBatch, Precision precision) {
    checkMaxBatch(maxBatch);
    this.model = model;
    this.precision = precision;
    this.maxBatch = maxBatch;
    this.denseLayers = model.denseLayers();
    int layers = model.layers().size();
    this.activations = new Activation[layers];
    this.values = new Mat[layers];
    for (int l = 0; l < layers; l++) {
      activations[l] = model.layers().get(l).activation();
      if (keepsValues(model, l)) {
        values[l] = Mat.allocate(workspace, maxBatch, model.layers().get(l).width(), precision);
      }
    }
    for (int parity = 0; parity < 2; parity++) {
      int width = workWidth(model, parity);
      if (width > 0) {
        work[parity] = Mat.allocate(workspace, maxBatch, width, precision);
      }
    }
    this.batchViews = new BatchViews<>(maxBatch, size -> new Batch(size, values, work));
  }

  private static void checkMaxBatch(int maxBatch) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + "; it must be at least 1");
    }
  }

  private static boolean keepsValues(Mlp model, int layer) {
    return layer < model.layers().size() - 1
        || model.layers().get(layer).activation() != Activation.IDENTITY;
  }

  private static int workWidth(Mlp model, int parity) {
    int width = 0;
    for (int l = parity; l < model.layers().size(); l += 2) {
      if (keepsValues(model, l)) {
        width = Math.max(width, model.layers().get(l).width());
      }
    }
    return width;
  }

  static long bytes(Mlp model, int maxBatch, Precision precision) {
    checkMaxBatch(maxBatch);
    long bytes = 0;
    for (int l = 0; l < model.layers().size(); l++) {
      if (keepsValues(model, l)) {
        int width = model.layers().get(l).width();
        bytes = Math.addExact(bytes, Mat.bytes(maxBatch, width, precision));
      }
    }
    for (int parity = 0; parity < 2; parity++) {
      bytes = Math.addExact(bytes, Mat.bytes(maxBatch, workWidth(model, parity), precision));
    }
    return bytes;
  }

  @Override
  public void evaluate(Vec theta, Mat x, Mat z) {
    checkVector("theta", theta);
    checkBatch("x", x, model.inputs());
    checkShape("z", z, x.rows(), model.outputs());
    checkApart("z", z.overlaps(theta), "theta");
    checkApart("z", z.overlaps(x), "x");
    this.theta = null;
    Parameters p = views(theta);
    Batch b = batchViews.of(x.rows());
    int last = activations.length - 1;
    Mat in = x;
    for (int l = 0; l <= last; l++) {
      Mat out = l == last ? z : b.values[l];
      Blas.gemm(NO, NO, 1, in, p.weights[l], 0, out);
      Blas.addToRows(1, p.biases[l], out);
      activations[l].apply(out);
      in = out;
    }
    if (b.values[last] != null) {
      RowProducts.scale(1, z, b.values[last]);
    }
    this.x = x;
    this.batch = b;
    this.theta = p;
  }

  @Override
  public void jvp(Vec v, Mat t) {
    checkEvaluated();
    checkVector("v", v);
    checkSamples("t", t);
    checkApart("t", t.overlaps(v), "v");
    checkApart("t", t.overlaps(theta.vector), "theta");
    checkApart("t", t.overlaps(x), "x");
    Parameters direction = views(v);
    Batch b = batchViews.of(t.rows());
    int last = activations.length - 1;
    Mat tangent = null;
    for (int l = 0; l <= last; l++) {
      Mat out = l == last ? t : b.work[l];
      Blas.gemm(NO, NO, 1, inputs(l, b), direction.weights[l], 0, out);
      if (l > 0) {
        Blas.gemm(NO, NO, 1, tangent, theta.weights[l], 1, out);
      }
      Blas.addToRows(1, direction.biases[l], out);
      if (b.values[l] != null) {
        activations[l].multiplyByDerivative(b.values[l], out);
      }
      tangent = out;
    }
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    checkEvaluated();
    checkSamples("u", u);
    checkVector("g", g);
    checkApart("g", u.overlaps(g), "u");
    checkApart("g", g.overlaps(theta.vector), "theta");
    checkApart("g", x.overlaps(g), "x");
    Batch b = batchViews.of(u.rows());
    Parameters gradient = views(g);
    Mat delta = outputDelta(u, b);
    for (int l = activations.length - 1; l >= 0; l--) {
      Blas.gemm(YES, NO, 1, inputs(l, b), delta, beta, gradient.weights[l]);
      Blas.colSums(1, delta, beta, gradient.biases[l]);
      delta = l > 0 ? deltaBelow(l, delta, b) : null;
    }
  }

  @Override
  public void backward(Mat u, LayerDeltas deltas) {
    checkEvaluated();
    checkSamples("u", u);
    Batch b = batchViews.of(u.rows());
    Mat delta = outputDelta(u, b);
    for (int l = activations.length - 1; l >= 0; l--) {
      deltas.accept(l, delta);
      delta = l > 0 ? deltaBelow(l, delta, b) : null;
    }
  }

  /** What U becomes before the output's activation. */
  private Mat outputDelta(Mat u, Batch b) {
    int last = activations.length - 1;
    if (b.values[last] == null) {
      return u;
    }
    RowProducts.scale(1, u, b.work[last]);
    activations[last].multiplyByDerivative(b.values[last], b.work[last]);
    return b.work[last];
  }

  /** The derivative in the sums of layer l − 1 from that in those of layer l. */
  private Mat deltaBelow(int l, Mat delta, Batch b) {
    Mat next = b.work[l - 1];
    Blas.gemm(NO, YES, 1, delta, theta.weights[l], 0, next);
    activations[l - 1].multiplyByDerivative(b.values[l - 1], next);
    return next;
  }

  @Override
  public List<DenseLayer> denseLayers() {
    return denseLayers;
  }

  @Override
  public Mat layerInputs(int layer, int rows) {
    checkEvaluated();
    if (rows < 1 || rows > batch.size) {
      throw new IllegalArgumentException(
          "rows is " + rows + "; it must be 1 to the " + batch.size + " samples of this point");
    }
    return inputs(layer, batchViews.of(rows));
  }

  private Mat inputs(int layer, Batch b) {
    return layer > 0 ? b.values[layer - 1] : inputRows.of(x, b.size);
  }

  /**
   * {@inheritDoc}
   *
   * <p>e₀ = 0 and, with c the largest column norm ‖W_l·ⱼ‖₂ and a the largest row norm
   * ‖(A_{l−1})ᵢ·‖₂,
   *
   * <p>e_l = lip(φ_l)·(c·e_{l−1} + λu√(n + 2)·(a·c + ‖b_l‖_∞)) + 8u·‖A_l‖_∞,
   *
   * <p>since a dot product of n terms and a bias make at most n + 2 roundings of partial sums that
   * Cauchy and Schwarz bound by a·c + |b|. Where a·c is large, as with features in units of their
   * own, maxⱼ Σₖ (maxᵢ |Aᵢₖ|)·|Wₖⱼ| takes its place if smaller. Costs P + B·Σn_l operations; not
   * finite where θ, X or the outputs are not.
   */
  @Override
  public double outputErrorBound() {
    checkEvaluated();
    double u = precision.unitRoundoff();
    int last = activations.length - 1;
    double error = 0;
    for (int l = 0; l <= last; l++) {
      Mat in = l == 0 ? x : batch.values[l - 1];
      double column = Norms.largestColumnNorm(theta.weights[l]);
      double terms = Norms.largestRowNorm(in) * column;
      if (terms > LOOSE) {
        terms = Math.min(terms, Norms.scaledProduct(in, theta.weights[l]));
      }
      double sum = terms + Norms.largestAbsolute(theta.biases[l]);
      double local = LAMBDA * u * Math.sqrt(in.cols() + 2.0) * sum;
      double roundings = activations[l].roundings();
      double mapping = roundings == 0 ? 0 : roundings * u * Norms.largestAbsolute(batch.values[l]);
      error = activations[l].lipschitz() * (column * error + local) + mapping;
    }
    return error;
  }

  private Parameters views(Vec vector) {
    for (Parameters known : parameterViews) {
      if (known != null && known.vector == vector) {
        return known;
      }
    }
    Parameters views = new Parameters(model, vector);
    parameterViews[nextParameters] = views;
    nextParameters = (nextParameters + 1) % VECTORS;
    return views;
  }

  private void checkEvaluated() {
    if (theta == null) {
      throw new IllegalStateException(
          "nothing has been evaluated: call evaluate(theta, x, z) first");
    }
  }

  private void checkVector(String name, Vec v) {
    if (v.length() != model.parameters()) {
      throw new IllegalArgumentException(
          name
              + " has length "
              + v.length()
              + "; "
              + model
              + " has "
              + model.parameters()
              + " parameters");
    }
    checkPrecision(name, v.precision());
  }

  private void checkBatch(String name, Mat a, int cols) {
    if (a.rows() < 1 || a.rows() > maxBatch) {
      throw new IllegalArgumentException(
          name
              + " has "
              + a.rows()
              + " rows; the batch must have 1 to maxBatch = "
              + maxBatch
              + " samples");
    }
    checkShape(name, a, a.rows(), cols);
  }

  private void checkSamples(String name, Mat a) {
    boolean some = a.rows() >= 1 && a.rows() <= batch.size;
    checkShape(name, a, some ? a.rows() : batch.size, model.outputs());
  }

  private void checkShape(String name, Mat a, int rows, int cols) {
    if (a.rows() != rows || a.cols() != cols) {
      throw new IllegalArgumentException(
          name
              + " is "
              + a.rows()
              + "×"
              + a.cols()
              + "; for "
              + model
              + " it must be "
              + rows
              + "×"
              + cols);
    }
    checkPrecision(name, a.precision());
  }

  /** Layer by layer an output would overwrite what later layers still read. */
  private static void checkApart(String out, boolean overlaps, String in) {
    if (overlaps) {
      throw new IllegalArgumentException(
          out + " overlaps " + in + " in memory; an output must not share memory with an input");
    }
  }

  private void checkPrecision(String name, Precision is) {
    if (is != precision) {
      throw new IllegalArgumentException(
          name + " has precision " + is + "; this linearization was made for " + precision);
    }
  }
}
