package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowScaling;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Updates;
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

/**
 * The Kronecker-factored Fisher matrix with corrected eigenvalues (George et al., 2018): in the
 * eigenvectors Q_A ⊗ Q_G of a layer's factors, the diagonal is not the product of their eigenvalues
 * but
 *
 * <pre>S_l = E[(Q_Aᵀ ā δᵀ Q_G)∘²],</pre>
 *
 * the second moments of the samples' gradients there, which is the best diagonal in that basis. So
 * F_l·V = Q_A (S_l ∘ (Q_Aᵀ V Q_G)) Q_Gᵀ, and a solve with F + λI divides by S_l + λ: λ is a
 * curvature. Parameters outside all layers get the layers' mean diagonal entry.
 *
 * <p>{@link #refresh} takes the eigenvectors from factors, about 8n³ flops in double for a factor
 * of order n, and starts S anew as the products of their eigenvalues; updates of S are cheap, and
 * are running means as those of the factors, weighted as they are. Its own memory is {@link
 * #bytes}.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen.
 */
public final class EigenKroneckerFisher implements LinearOperator, Stateful {
  private final KroneckerFactors factors;
  private final LayeredLinearization linearization;
  private final OutputDistribution distribution;
  private final int maxRows;
  private final EigenBases bases;
  private final Mat[] moments;
  private final Vec[] momentEntries;
  private final Vec[] inverses;
  private final EigenScratch scratch;
  private final OutputScores scores;
  private final OutputScores.Pass pass = this::addPass;
  private final LayeredLinearization.LayerDeltas deltas = this::addDelta;

  private int nextLayer;
  private boolean refreshed;
  private long updates;
  private double keep;
  private double newWeight;
  private double oldWeight;
  private double inverseOf = Double.NaN;

  /**
   * A matrix without eigenvectors yet.
   *
   * @param workspace the owner of its memory
   * @param factors where the eigenvectors come from
   * @param linearization the layers that the factors are of, and the point of an update
   * @param distribution P(y | z), with as many outputs as the model
   * @param maxRows the largest number of samples in an update, at least 1
   * @throws IllegalArgumentException if {@code maxRows} is below 1 or the layers differ
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public EigenKroneckerFisher(
      Workspace workspace,
      KroneckerFactors factors,
      LayeredLinearization linearization,
      OutputDistribution distribution,
      int maxRows) {
    FisherCheck.atLeastOne("maxRows", maxRows);
    this.factors = factors;
    this.linearization = linearization;
    this.distribution = distribution;
    this.maxRows = maxRows;
    List<DenseLayer> layers = factors.layers();
    if (!layers.equals(linearization.denseLayers())) {
      throw new IllegalArgumentException("the factors are not of the layers of this linearisation");
    }
    Precision precision = factors.precision();
    int count = layers.size();
    this.bases = new EigenBases(workspace, layers, precision);
    this.scratch = new EigenScratch(workspace, layers, maxRows, precision);
    this.moments = new Mat[count];
    this.momentEntries = new Vec[count];
    this.inverses = new Vec[count];
    for (int l = 0; l < count; l++) {
      DenseLayer layer = layers.get(l);
      int size = layer.parameters();
      momentEntries[l] = Vec.allocate(workspace, size, precision);
      inverses[l] = Vec.allocate(workspace, size, precision);
      moments[l] = momentEntries[l].asMat(layer.rows(), layer.outputs());
    }
    this.scores = new OutputScores(workspace, distribution, maxRows, precision);
  }

  /**
   * Returns the off-heap memory it takes: (n + 1)² + m² + 2(n + 1)m numbers a layer, n its inputs
   * and m its outputs; twice the largest (n + 1)·m; two matrices maxRows×N, N the largest order,
   * and two maxRows×outputs; and {@link dev.natgrad.linalg.SymmetricEigen#bytes} of N.
   *
   * @param layers the dense layers
   * @param outputs the number of outputs of a sample
   * @param maxRows the largest number of samples in an update
   * @param precision the format
   * @return bytes, each block rounded up to a multiple of 64
   */
  public static long bytes(List<DenseLayer> layers, int outputs, int maxRows, Precision precision) {
    long bytes = EigenBases.bytes(layers, precision);
    bytes += OutputScores.bytes(outputs, maxRows, precision);
    bytes += EigenScratch.bytes(layers, maxRows, precision);
    for (DenseLayer layer : layers) {
      bytes += 2 * Vec.bytes(layer.parameters(), precision);
    }
    return bytes;
  }

  /**
   * Takes the eigenvectors of the factors as they are now, and S from their eigenvalues.
   *
   * @return false if a factor is not finite; all layers before it are new then, this and the others
   *     as before
   * @throws IllegalStateException if the factors have not been updated
   */
  public boolean refresh() {
    startRefresh();
    while (partsLeft() > 0) {
      if (!refreshPart()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Starts a refresh that {@link #refreshPart} carries out, layer by layer.
   *
   * @throws IllegalStateException if the factors have not been updated
   */
  public void startRefresh() {
    if (factors.updates() == 0) {
      throw new IllegalStateException("the factors are empty: update them before a refresh");
    }
    nextLayer = 0;
    updates = 0;
  }

  /**
   * Returns how many layers the current refresh has left.
   *
   * @return 0 if it is complete
   */
  public int partsLeft() {
    return moments.length - nextLayer;
  }

  /**
   * Returns about how many operations the next part of the refresh takes.
   *
   * @return 0 if it is complete
   */
  public double nextPartFlops() {
    if (nextLayer == moments.length) {
      return 0;
    }
    DenseLayer layer = factors.layers().get(nextLayer);
    return 8 * KroneckerInverse.flops(layer);
  }

  /**
   * Takes the eigenvectors of the next layer, if the refresh has one left.
   *
   * @return false if a factor of the layer is not finite; the refresh goes no further
   */
  public boolean refreshPart() {
    if (nextLayer == moments.length) {
      return true;
    }
    int l = nextLayer;
    if (!bases.refresh(l, factors.inputFactor(l), factors.outputFactor(l), moments[l])) {
      return false;
    }
    inverseOf = Double.NaN;
    nextLayer++;
    refreshed |= nextLayer == moments.length;
    return true;
  }

  /**
   * Updates S with targets drawn from the model's own distribution, with arguments as for {@link
   * KroneckerFactors#updateSampled}.
   *
   * @param mean M of b samples of the linearisation's point, from its start on, b×outputs
   * @param draws the number of draws a sample, at least 1
   * @param seed the seed of the draws
   * @param number the number of this update, at least 0
   * @throws IllegalStateException before the first complete refresh
   */
  public void updateSampled(Mat mean, int draws, long seed, long number) {
    FisherCheck.atLeastOne("draws", draws);
    check(mean);
    scores.sampled(mean, draws, seed, number, pass);
  }

  /**
   * Updates S with random signs, with arguments as for {@link KroneckerFactors#updateSigns}.
   *
   * @param mean M of b samples of the linearisation's point, from its start on, b×outputs
   * @param draws the number of vectors of signs a sample, at least 1
   * @param seed the seed of the signs
   * @param number the number of this update, at least 0
   * @throws IllegalStateException before the first complete refresh
   */
  public void updateSigns(Mat mean, int draws, long seed, long number) {
    FisherCheck.atLeastOne("draws", draws);
    check(mean);
    scores.signs(mean, draws, seed, number, pass);
  }

  /**
   * Updates S with the expectation over y in closed form, in as many passes as there are outputs.
   *
   * @param mean M of b samples of the linearisation's point, from its start on, b×outputs
   * @throws IllegalStateException before the first complete refresh
   */
  public void updateExact(Mat mean) {
    check(mean);
    scores.exact(mean, pass);
  }

  /**
   * Updates S with the targets of the data: not the Fisher matrix, as for {@link
   * KroneckerFactors#updateEmpirical}.
   *
   * @param mean M of b samples of the linearisation's point, from its start on, b×outputs
   * @param targets Y of these samples
   * @throws IllegalStateException before the first complete refresh
   */
  public void updateEmpirical(Mat mean, Mat targets) {
    check(mean);
    scores.empirical(mean, targets, pass);
  }

  private void check(Mat mean) {
    checkRefreshed();
    FisherCheck.mean(mean, maxRows, distribution.outputs(), this);
  }

  private void addPass(Mat output, int passes, int number) {
    if (number == 0) {
      keep = Math.min(1 - 1 / (updates + 1.0), KroneckerFactors.LONGEST_MEMORY);
      updates++;
      inverseOf = Double.NaN;
    }
    newWeight = (1 - keep) / ((double) output.rows() * passes);
    oldWeight = number == 0 ? keep : 1;
    linearization.backward(output, deltas);
  }

  /** S ← old·S + new·((ĀQ_A)∘²)ᵀ (ΔQ_G)∘²; Δ has the weights, but 0 times an overflow is NaN. */
  private void addDelta(int l, Mat delta) {
    int b = delta.rows();
    Mat in = scratch.inputRows.of(b)[l];
    Mat out = scratch.deltaRows.of(b)[l];
    Mat inputs = linearization.layerInputs(l, b);
    Blas.gemm(Transpose.NO, Transpose.NO, 1, inputs, bases.weightRows[l], 0, in);
    if (bases.biasRows[l] != null) {
      Blas.addToRows(1, bases.biasRows[l], in);
    }
    Vec roots = distribution.rootWeights(b);
    if (roots != null) {
      RowScaling.clear(roots, in);
    }
    Blas.gemm(Transpose.NO, Transpose.NO, 1, delta, bases.g[l], 0, out);
    Maps.hadamard(in, in, in);
    Maps.hadamard(out, out, out);
    Blas.gemm(Transpose.YES, Transpose.NO, newWeight, in, out, oldWeight, moments[l]);
  }

  /**
   * Returns the second moments of a layer.
   *
   * @param layer its index
   * @return S_l, (inputs + 1)×outputs: a view, its rows in the order of A's ascending eigenvalues,
   *     its columns in that of G's
   */
  public Mat moments(int layer) {
    return moments[layer];
  }

  private double meanDiagonal() {
    double sum = 0;
    for (Vec s : momentEntries) {
      sum += Blas.sum(s);
    }
    return sum / Math.max(1, factors.blocks().covered);
  }

  private void checkRefreshed() {
    if (!refreshed) {
      throw new IllegalStateException("there are no eigenvectors: call refresh first");
    }
  }

  @Override
  public void exchange(State state) {
    for (int l = 0; l < moments.length; l++) {
      state.matrix("a" + l, bases.a[l]);
      state.matrix("g" + l, bases.g[l]);
      state.matrix("moments" + l, moments[l]);
    }
    updates = state.whole("updates", updates);
    nextLayer = (int) state.whole("next_layer", nextLayer);
    refreshed = state.flag("refreshed", refreshed);
    inverseOf = Double.NaN;
  }

  @Override
  public int size() {
    return factors.size();
  }

  @Override
  public Precision precision() {
    return factors.precision();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException before the first complete refresh
   */
  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    checkRefreshed();
    OperatorCheck.product(this, x, y);
    Vec[] s = momentEntries;
    scratch.scale(factors.blocks(), bases.a, bases.g, s, meanDiagonal(), alpha, x, beta, y);
  }

  /**
   * d ← (F + λI)⁻¹g.
   *
   * @param lambda λ &gt; 0, a curvature
   * @param g a vector of length P
   * @param d a vector of length P, overwritten
   * @throws IllegalArgumentException if λ is not positive and finite or a vector does not fit
   * @throws IllegalStateException before the first complete refresh
   */
  public void solve(double lambda, Vec g, Vec d) {
    checkRefreshed();
    FisherCheck.positive("lambda", lambda);
    OperatorCheck.product(this, g, d);
    if (inverseOf != lambda) {
      for (int l = 0; l < inverses.length; l++) {
        Updates.invertDiagonal(1, momentEntries[l], lambda, inverses[l]);
      }
      inverseOf = lambda;
    }
    double gap = 1 / (meanDiagonal() + lambda);
    scratch.scale(factors.blocks(), bases.a, bases.g, inverses, gap, 1, g, 0, d);
  }
}
