package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.operator.OperatorCheck;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import java.util.Objects;

/**
 * The Fisher matrix by its definition, from N draws of the model's own distribution at every
 * sample:
 *
 * <pre>F ≈ 1/(B·N) Σᵢ Σₙ Jᵢᵀ sᵢₙ sᵢₙᵀ Jᵢ,  sᵢₙ = ∂ log P(yᵢₙ | zᵢ)/∂z,  yᵢₙ ~ P(· | zᵢ).</pre>
 *
 * Unbiased; its error falls as 1/√N. The targets of the data are not looked at: this is not the
 * matrix of the squared training gradients. A product is one tangent pass, N rank-one products and
 * one backward pass, whatever N.
 *
 * <p>Draws are counter-based: the k-th {@link #setPoint} (k = 0, 1, …) uses the draws kN … kN+N−1
 * of the seed. Its own memory is N + 2 matrices B×outputs and a vector of length B: {@link #bytes}.
 */
public final class SampledFisher implements Fisher {
  private final Linearization linearization;
  private final OutputDistribution distribution;
  private final int parameters;
  private final int maxBatch;
  private final int draws;
  private final Precision precision;
  private final BatchViews<Views> views;
  private final double[] signs;
  private final long seed;

  private Mat mean;
  private Views at;
  private long points;

  /**
   * One batch size's rows of the buffers: J·v, in whose place draws come first, its products, row
   * sums, and each draw's score.
   */
  private record Views(Mat t, Mat y, Mat u, Vec rowSums, Mat[] scores) {}

  /**
   * Joins a model and a distribution.
   *
   * @param workspace the owner of the buffers
   * @param linearization J, at the point it was last evaluated at
   * @param distribution P(y | z), with as many outputs as the model
   * @param parameters P
   * @param maxBatch the largest B, at least 1
   * @param draws N, at least 1
   * @param seed the seed of the draws
   * @param precision the format of the linearisation
   * @throws IllegalArgumentException if a number is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public SampledFisher(
      Workspace workspace,
      Linearization linearization,
      OutputDistribution distribution,
      int parameters,
      int maxBatch,
      int draws,
      long seed,
      Precision precision) {
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.atLeastOne("maxBatch", maxBatch);
    FisherCheck.atLeastOne("draws", draws);
    this.linearization = Objects.requireNonNull(linearization, "linearization");
    this.distribution = Objects.requireNonNull(distribution, "distribution");
    this.parameters = parameters;
    this.maxBatch = maxBatch;
    this.draws = draws;
    this.seed = seed;
    this.precision = precision;
    this.signs = new double[draws];
    int outputs = distribution.outputs();
    Mat t = Mat.allocate(workspace, maxBatch, outputs, precision);
    Mat u = Mat.allocate(workspace, maxBatch, outputs, precision);
    Vec rowSums = Vec.allocate(workspace, maxBatch, precision);
    Mat[] scores = new Mat[draws];
    for (int n = 0; n < draws; n++) {
      scores[n] = Mat.allocate(workspace, maxBatch, outputs, precision);
    }
    this.views = new BatchViews<>(maxBatch, rows -> top(rows, t, u, rowSums, scores));
  }

  private Views top(int rows, Mat t, Mat u, Vec rowSums, Mat[] scores) {
    Mat[] tops = new Mat[scores.length];
    for (int n = 0; n < scores.length; n++) {
      tops[n] = scores[n].top(rows);
    }
    Mat y = t.block(0, 0, rows, distribution.targets());
    return new Views(t.top(rows), y, u.top(rows), rowSums.slice(0, rows), tops);
  }

  /**
   * Returns the off-heap memory it takes: N + 2 matrices maxBatch×outputs and a vector of length
   * maxBatch.
   *
   * @param maxBatch the largest B
   * @param outputs the number of outputs of a sample
   * @param draws N
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int maxBatch, int outputs, int draws, Precision precision) {
    return Math.addExact(draws, 2) * Mat.bytes(maxBatch, outputs, precision)
        + Vec.bytes(maxBatch, precision);
  }

  @Override
  public void setPoint(Mat mean) {
    draw(mean, seed, points * draws);
    points++;
  }

  /**
   * Tells the mean parameters at the linearisation's current point and takes the draws 0 … N−1 of a
   * given seed there, whatever was drawn before.
   *
   * @param mean M, as for {@link #setPoint}
   * @param seed the seed of these draws
   * @throws IllegalArgumentException if the mean's shape or precision does not fit
   */
  public void resample(Mat mean, long seed) {
    draw(mean, seed, 0);
  }

  private void draw(Mat mean, long seed, long first) {
    FisherCheck.mean(mean, maxBatch, distribution.outputs(), this);
    this.mean = null;
    this.at = views.of(mean.rows());
    for (int n = 0; n < draws; n++) {
      distribution.sample(mean, seed, first + n, at.y);
      distribution.scoreFactor(1, mean, at.y, at.scores[n]);
    }
    this.mean = mean;
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
    FisherCheck.pointSet(mean);
    OperatorCheck.product(this, x, y);
    linearization.jvp(x, at.t);
    double scaled = alpha / mean.rows() / draws;
    for (int n = 0; n < draws; n++) {
      Maps.outerProduct(scaled, at.scores[n], at.t, n == 0 ? 0 : 1, at.u);
    }
    linearization.vjp(at.u, beta, y);
  }

  @Override
  public double curvature(Vec v) {
    FisherCheck.pointSet(mean);
    OperatorCheck.vector(this, "v", v);
    linearization.jvp(v, at.t);
    double sum = 0;
    for (int n = 0; n < draws; n++) {
      Maps.hadamard(at.scores[n], at.t, at.u);
      Blas.rowSums(1, at.u, 0, at.rowSums);
      sum += Blas.dsdot(at.rowSums, at.rowSums);
    }
    return sum / mean.rows() / draws;
  }

  @Override
  public void probe(long seed, long number, Vec g) {
    FisherCheck.pointSet(mean);
    OperatorCheck.vector(this, "g", g);
    sumWithSigns(seed, number, 1 / Math.sqrt((double) mean.rows() * draws));
    linearization.vjp(at.u, 0, g);
  }

  /** Row i of u ← α·Σₙ ξᵢₙ sᵢₙ. */
  private void sumWithSigns(long seed, long number, double alpha) {
    long blocks = (draws + Long.SIZE - 1L) / Long.SIZE;
    for (int i = 0; i < mean.rows(); i++) {
      long bits = 0;
      for (int n = 0; n < draws; n++) {
        if (n % Long.SIZE == 0) {
          bits = Philox.bits(seed, Streams.SIGNS + number, i * blocks + n / Long.SIZE);
        }
        signs[n] = (bits & 1) == 0 ? 1 : -1;
        bits >>>= 1;
      }
      for (int j = 0; j < at.u.cols(); j++) {
        double sum = 0;
        for (int n = 0; n < draws; n++) {
          sum += signs[n] * at.scores[n].get(i, j);
        }
        at.u.set(i, j, alpha * sum);
      }
    }
  }
}
