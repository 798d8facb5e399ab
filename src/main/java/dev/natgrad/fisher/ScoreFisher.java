package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.operator.OperatorCheck;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import java.util.Objects;

/**
 * A Fisher matrix made of N scores a sample, F = 1/(B·N) Σᵢ Σₙ Jᵢᵀ sᵢₙ sᵢₙᵀ Jᵢ; whose scores is the
 * subclass's to say.
 */
abstract sealed class ScoreFisher implements Fisher permits SampledFisher, EmpiricalFisher {
  final OutputDistribution distribution;
  final int maxBatch;
  private final Linearization linearization;
  private final int parameters;
  private final int draws;
  private final Precision precision;
  private final BatchViews<Views> views;
  private final double[] signs;

  private Mat mean;
  private Views at;

  /**
   * One batch size's rows of the buffers: J·v, in whose place draws come first, its products, row
   * sums, and each draw's score.
   */
  record Views(Mat t, Mat y, Mat u, Vec rowSums, Mat[] scores) {}

  ScoreFisher(
      Workspace workspace,
      Linearization linearization,
      OutputDistribution distribution,
      int parameters,
      int maxBatch,
      int draws,
      Precision precision) {
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.atLeastOne("maxBatch", maxBatch);
    FisherCheck.atLeastOne("draws", draws);
    this.linearization = Objects.requireNonNull(linearization, "linearization");
    this.distribution = Objects.requireNonNull(distribution, "distribution");
    this.parameters = parameters;
    this.maxBatch = maxBatch;
    this.draws = draws;
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

  static long bytesOf(int maxBatch, int outputs, int draws, Precision precision) {
    return Math.addExact(draws, 2) * Mat.bytes(maxBatch, outputs, precision)
        + Vec.bytes(maxBatch, precision);
  }

  /** Gives up the point before and returns the buffers of another, whose scores are to be set. */
  final Views leave(Mat mean) {
    FisherCheck.mean(mean, maxBatch, distribution.outputs(), this);
    this.mean = null;
    this.at = views.of(mean.rows());
    return at;
  }

  /** The scores are those of this point. */
  final void arrive(Mat mean) {
    this.mean = mean;
  }

  @Override
  public int factorColumns() {
    return draws;
  }

  @Override
  public void factorColumn(int k, Mat u) {
    FisherCheck.column(k, draws, u, mean);
    RowProducts.scale(1 / Math.sqrt((double) mean.rows() * draws), at.scores[k], u);
  }

  @Override
  public int batch() {
    FisherCheck.pointSet(mean);
    return mean.rows();
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
          bits = Philox.bits(seed, Streams.PROBES + number, i * blocks + n / Long.SIZE);
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
