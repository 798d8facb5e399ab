package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import java.util.List;
import java.util.Objects;

/**
 * The Kronecker-factored Fisher matrix (Martens and Grosse, 2015): block-diagonal, with for each
 * dense layer
 *
 * <pre>F_l ≈ A_l ⊗ G_l,  A_l = E[ā āᵀ],  G_l = E[δ δᵀ],</pre>
 *
 * ā = (a, 1) the layer's inputs, δ the derivative of −log P(y | z) in its sums, over the samples
 * and over y from the model's own distribution. So F_l·V = A_l V G_l on the layer's parameters V,
 * bias below the weights. Parameters outside all layers get the mean diagonal entry of the layers.
 *
 * <p>The factors are running means: the k-th update (k = 1, 2, …) keeps min(1 − 1/k, m) of the old,
 * m = {@value #LONGEST_MEMORY} unless {@link #setMemory} says otherwise. An update reads the first
 * b samples of the linearisation's current point; it evaluates nothing again. Both expectations are
 * over the samples as the distribution weights them: A = Σwāāᵀ/Σw, whatever is in rows of weight 0;
 * an update of such rows alone changes nothing and is not counted.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen;
 * its own memory is {@link #bytes}.
 */
public final class KroneckerFactors implements LinearOperator, Stateful {
  /** The largest part of the old factors that an update keeps, unless told otherwise. */
  public static final double LONGEST_MEMORY = 0.95;

  private final LayeredLinearization linearization;
  private final OutputDistribution distribution;
  private final Precision precision;
  private final int parameters;
  private final int maxRows;
  private final LayerBlocks blocks;
  private final Mat[] a;
  private final Mat[] g;
  private final Mat[] inputPart;
  private final Vec[] inputMeans;
  private final Mat[] products;
  private final InputMoments moments;
  private final OutputScores scores;
  private final OutputScores.Pass pass = this::addPass;
  private final LayeredLinearization.LayerDeltas deltas = this::addDelta;

  private double memory = LONGEST_MEMORY;
  private long updates;
  private boolean upperStale;
  private double keep;
  private double newWeight;
  private double oldWeight;

  /**
   * Factors of zero, for a model at a precision.
   *
   * @param workspace the owner of the memory
   * @param linearization the layers, and the point of an update
   * @param distribution P(y | z), with as many outputs as the model
   * @param parameters P
   * @param maxRows the largest number of samples in an update, at least 1
   * @param precision the format of the linearisation
   * @throws IllegalArgumentException if a number is below 1 or the layers do not fit in P
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public KroneckerFactors(
      Workspace workspace,
      LayeredLinearization linearization,
      OutputDistribution distribution,
      int parameters,
      int maxRows,
      Precision precision) {
    FisherCheck.atLeastOne("maxRows", maxRows);
    this.linearization = Objects.requireNonNull(linearization, "linearization");
    this.distribution = Objects.requireNonNull(distribution, "distribution");
    this.precision = precision;
    this.parameters = parameters;
    this.maxRows = maxRows;
    List<DenseLayer> layers = linearization.denseLayers();
    this.blocks = new LayerBlocks(layers, parameters);
    this.a = new Mat[layers.size()];
    this.g = new Mat[layers.size()];
    this.inputPart = new Mat[layers.size()];
    this.inputMeans = new Vec[layers.size()];
    this.products = new Mat[layers.size()];
    Vec product = Vec.allocate(workspace, LayerBlocks.largest(layers), precision);
    for (int l = 0; l < a.length; l++) {
      DenseLayer layer = layers.get(l);
      int n = layer.inputs();
      a[l] = Mat.allocate(workspace, layer.rows(), layer.rows(), precision);
      g[l] = Mat.allocate(workspace, layer.outputs(), layer.outputs(), precision);
      inputPart[l] = a[l].block(0, 0, n, n);
      inputMeans[l] = layer.hasBias() ? a[l].row(n).slice(0, n) : null;
      products[l] = product.slice(0, layer.parameters()).asMat(layer.rows(), layer.outputs());
    }
    this.moments = new InputMoments(workspace, layers, distribution, maxRows, precision);
    this.scores = new OutputScores(workspace, distribution, maxRows, precision);
  }

  /**
   * Returns the off-heap memory it takes: for each layer (n + 1)² + m² numbers, n its inputs and m
   * its outputs, the largest (n + 1)·m, two matrices maxRows×outputs and, where samples have
   * weights, one maxRows×n of the largest n.
   *
   * @param layers the dense layers
   * @param distribution P(y | z), of which it asks how many outputs a sample has and whether it is
   *     {@link OutputDistribution#weighted}
   * @param maxRows the largest number of samples in an update
   * @param precision the format
   * @return bytes, each block rounded up to a multiple of 64
   */
  public static long bytes(
      List<DenseLayer> layers, OutputDistribution distribution, int maxRows, Precision precision) {
    long bytes = OutputScores.bytes(distribution.outputs(), maxRows, precision);
    bytes += InputMoments.bytes(layers, distribution, maxRows, precision);
    bytes += Vec.bytes(LayerBlocks.largest(layers), precision);
    for (DenseLayer layer : layers) {
      bytes += Mat.bytes(layer.rows(), layer.rows(), precision);
      bytes += Mat.bytes(layer.outputs(), layer.outputs(), precision);
    }
    return bytes;
  }

  /**
   * Updates the factors with targets drawn from the model's own distribution: G is unbiased, with
   * an error that falls as 1/√(b·draws). One backward pass a draw.
   *
   * @param mean M = E[y | z] of b samples of the linearisation's point, from its start on,
   *     b×outputs
   * @param draws the number of draws a sample, at least 1
   * @param seed the seed of the draws
   * @param number the number of this update, at least 0: it uses the draws number·draws + n, n = 0
   *     … draws − 1
   * @throws IllegalArgumentException if an argument does not fit
   */
  public void updateSampled(Mat mean, int draws, long seed, long number) {
    FisherCheck.atLeastOne("draws", draws);
    FisherCheck.mean(mean, maxRows, distribution.outputs(), this);
    scores.sampled(mean, draws, seed, number, pass);
  }

  /**
   * Updates the factors with random signs in place of targets: δ comes from Bξ, BBᵀ = F_z, and
   * E[Bξ(Bξ)ᵀ] is F_z as for the score of a target drawn from the model, with no larger variance
   * for a distribution of several independent outputs and at a fraction of the cost of drawing.
   *
   * @param mean M = E[y | z] of b samples of the linearisation's point, from its start on,
   *     b×outputs
   * @param draws the number of vectors of signs a sample, at least 1
   * @param seed the seed of the signs
   * @param number the number of this update, at least 0: it uses the signs number·draws + n, n = 0
   *     … draws − 1
   * @throws IllegalArgumentException if an argument does not fit
   */
  public void updateSigns(Mat mean, int draws, long seed, long number) {
    FisherCheck.atLeastOne("draws", draws);
    FisherCheck.mean(mean, maxRows, distribution.outputs(), this);
    scores.signs(mean, draws, seed, number, pass);
  }

  /**
   * Updates the factors with the expectation over y in closed form: one backward pass for each
   * column of the factor of F_z, so as many as there are outputs.
   *
   * @param mean M of b samples of the linearisation's point, from its start on, b×outputs
   * @throws IllegalArgumentException if it does not fit
   */
  public void updateExact(Mat mean) {
    FisherCheck.mean(mean, maxRows, distribution.outputs(), this);
    scores.exact(mean, pass);
  }

  /**
   * Updates the factors with the targets of the data: G is then that of the squared training
   * gradients, which is not the Fisher matrix and vanishes where the model fits.
   *
   * @param mean M of b samples of the linearisation's point, from its start on, b×outputs
   * @param targets Y of these samples, b×outputs
   * @throws IllegalArgumentException if an argument does not fit
   */
  public void updateEmpirical(Mat mean, Mat targets) {
    FisherCheck.mean(mean, maxRows, distribution.outputs(), this);
    scores.empirical(mean, targets, pass);
  }

  /** Counts the update, and makes it in all A. */
  private void addInputs(int samples) {
    keep = Math.min(1 - 1 / (updates + 1.0), memory);
    for (int l = 0; l < a.length; l++) {
      Mat in = linearization.layerInputs(l, samples);
      moments.add(1 - keep, l, in, keep, inputPart[l], inputMeans[l]);
      if (inputMeans[l] != null) {
        a[l].set(a[l].rows() - 1, a[l].rows() - 1, 1);
      }
    }
    updates++;
    upperStale = true;
  }

  /** Makes one of the passes of an update in all G, the first of them also in all A. */
  private void addPass(Mat output, int passes, int number) {
    if (number == 0) {
      addInputs(output.rows());
    }
    newWeight = (1 - keep) / ((double) output.rows() * passes);
    oldWeight = number == 0 ? keep : 1;
    linearization.backward(output, deltas);
  }

  private void addDelta(int layer, Mat delta) {
    Blas.syrk(Triangle.LOWER, Transpose.YES, newWeight, delta, oldWeight, g[layer]);
  }

  /**
   * Sets the largest part of the old factors that the next updates keep. It is no part of the
   * state.
   *
   * @param part m in [0, 1)
   * @throws IllegalArgumentException if it is not
   */
  public void setMemory(double part) {
    if (!(part >= 0 && part < 1)) {
      throw new IllegalArgumentException("the memory is " + part + "; it must be in [0, 1)");
    }
    memory = part;
  }

  /** Forgets all updates: the next one is the first. */
  public void reset() {
    updates = 0;
  }

  /**
   * Returns k, the number of updates since the start or the last {@link #reset}.
   *
   * @return k ≥ 0
   */
  public long updates() {
    return updates;
  }

  /**
   * Returns the dense layers.
   *
   * @return an unmodifiable list
   */
  public List<DenseLayer> layers() {
    return blocks.layers;
  }

  /**
   * Returns the factor of a layer's inputs.
   *
   * @param layer its index
   * @return A_l, (inputs + 1)×(inputs + 1), inputs×inputs without a bias: a view; only its lower
   *     triangle is up to date
   */
  public Mat inputFactor(int layer) {
    return a[layer];
  }

  /**
   * Returns the factor of a layer's derivatives.
   *
   * @param layer its index
   * @return G_l, outputs×outputs: a view; only its lower triangle is up to date
   */
  public Mat outputFactor(int layer) {
    return g[layer];
  }

  /**
   * Returns Σ_l tr(A_l)·tr(G_l), an estimate of the trace of the Fisher matrix of the layers.
   *
   * @return the trace, at least 0
   */
  public double trace() {
    double sum = 0;
    for (int l = 0; l < a.length; l++) {
      sum += trace(a[l]) * trace(g[l]);
    }
    return sum;
  }

  /**
   * Returns the mean diagonal entry over the layers' parameters: the scale to which damping is
   * relative.
   *
   * @return {@link #trace} over the number of the layers' parameters, at least 0
   */
  public double meanDiagonal() {
    return blocks.covered == 0 ? 0 : trace() / blocks.covered;
  }

  static double trace(Mat a) {
    double sum = 0;
    for (int i = 0; i < a.rows(); i++) {
      sum += a.get(i, i);
    }
    return sum;
  }

  @Override
  public void exchange(State state) {
    for (int l = 0; l < a.length; l++) {
      state.matrix("a" + l, a[l]);
      state.matrix("g" + l, g[l]);
    }
    updates = state.whole("updates", updates);
    upperStale = true;
  }

  LayerBlocks blocks() {
    return blocks;
  }

  @Override
  public int size() {
    return parameters;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    if (upperStale) {
      for (int l = 0; l < a.length; l++) {
        Cholesky.mirror(a[l]);
        Cholesky.mirror(g[l]);
      }
      upperStale = false;
    }
    apply(a, g, alpha, x, beta, y);
    LayerBlocks.Parts from = blocks.of(x);
    LayerBlocks.Parts to = blocks.of(y);
    double diagonal = to.gaps.length == 0 ? 0 : meanDiagonal();
    for (int i = 0; i < to.gaps.length; i++) {
      Blas.axpby(alpha * diagonal, from.gaps[i], beta, to.gaps[i]);
    }
  }

  /** Y_l ← α·L_l X_l R_l + βY_l for each layer, L and R symmetric with both triangles. */
  void apply(Mat[] left, Mat[] right, double alpha, Vec x, double beta, Vec y) {
    LayerBlocks.Parts from = blocks.of(x);
    LayerBlocks.Parts to = blocks.of(y);
    for (int l = 0; l < left.length; l++) {
      Mat product = products[l];
      Blas.gemm(Transpose.NO, Transpose.NO, 1, left[l], from.layers[l], 0, product);
      Blas.gemm(Transpose.NO, Transpose.NO, alpha, product, right[l], beta, to.layers[l]);
    }
  }
}
