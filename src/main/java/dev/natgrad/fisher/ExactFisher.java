package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.operator.OperatorCheck;
import dev.natgrad.random.Streams;
import java.util.Objects;

/**
 * The exact Fisher matrix, never formed: F·v = 1/B·Jᵀ F_z J v, the expectation over y taken in
 * closed form. A product is one tangent pass, one product with F_z and one backward pass.
 *
 * <p>Its own memory is one B×outputs buffer: {@link #bytes}.
 *
 * <p>Thread rule and allocation are {@link Fisher}'s.
 */
public final class ExactFisher implements Fisher {
  private final Linearization linearization;
  private final OutputDistribution distribution;
  private final int parameters;
  private final int maxBatch;
  private final Precision precision;
  private final BatchViews<Tangent> tangents;

  private Mat mean;
  private Tangent tangent;

  /** The buffer's first rows as a matrix and, without gaps, as a vector. */
  private record Tangent(Mat rows, Vec all) {}

  /**
   * Joins a model and a distribution.
   *
   * @param workspace the owner of the buffer
   * @param linearization J, at the point it was last evaluated at
   * @param distribution P(y | z), with as many outputs as the model
   * @param parameters P
   * @param maxBatch the largest B, at least 1
   * @param precision the format of the linearisation
   * @throws IllegalArgumentException if a number is below 1 or maxBatch·outputs exceeds 2³¹ − 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public ExactFisher(
      Workspace workspace,
      Linearization linearization,
      OutputDistribution distribution,
      int parameters,
      int maxBatch,
      Precision precision) {
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.atLeastOne("maxBatch", maxBatch);
    this.linearization = Objects.requireNonNull(linearization, "linearization");
    this.distribution = Objects.requireNonNull(distribution, "distribution");
    this.parameters = parameters;
    this.maxBatch = maxBatch;
    this.precision = precision;
    int outputs = distribution.outputs();
    int entries = FisherCheck.entries("maxBatch", maxBatch, outputs);
    Vec buffer = Vec.allocate(workspace, entries, precision);
    this.tangents =
        new BatchViews<>(
            maxBatch,
            rows -> new Tangent(buffer.asMat(rows, outputs), buffer.slice(0, rows * outputs)));
  }

  /**
   * Returns the off-heap memory it takes: ⌈maxBatch·outputs·size/64⌉·64.
   *
   * @param maxBatch the largest B
   * @param outputs the number of outputs of a sample
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int maxBatch, int outputs, Precision precision) {
    return Mat.bytes(maxBatch, outputs, precision);
  }

  @Override
  public void setPoint(Mat mean) {
    FisherCheck.mean(mean, maxBatch, distribution.outputs(), this);
    this.mean = mean;
    this.tangent = tangents.of(mean.rows());
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
    Mat t = tangent.rows;
    linearization.jvp(x, t);
    distribution.fisherProduct(alpha / mean.rows(), mean, t, t);
    linearization.vjp(t, beta, y);
  }

  @Override
  public double curvature(Vec v) {
    FisherCheck.pointSet(mean);
    OperatorCheck.vector(this, "v", v);
    Mat t = tangent.rows;
    linearization.jvp(v, t);
    distribution.fisherFactorTranspose(1, mean, t, t);
    return Blas.dsdot(tangent.all, tangent.all) / mean.rows();
  }

  @Override
  public int factorColumns() {
    return distribution.outputs();
  }

  @Override
  public void factorColumn(int k, Mat u) {
    FisherCheck.column(k, distribution.outputs(), u, mean);
    for (int i = 0; i < u.rows(); i++) {
      for (int j = 0; j < u.cols(); j++) {
        u.set(i, j, j == k ? 1 : 0);
      }
    }
    distribution.fisherFactor(1 / Math.sqrt(mean.rows()), mean, u, u);
  }

  @Override
  public int batch() {
    FisherCheck.pointSet(mean);
    return mean.rows();
  }

  @Override
  public void probe(long seed, long number, Vec g) {
    FisherCheck.pointSet(mean);
    OperatorCheck.vector(this, "g", g);
    Mat t = tangent.rows;
    Signs.fill(tangent.all, seed, Streams.PROBES + number);
    distribution.fisherFactor(1 / Math.sqrt(mean.rows()), mean, t, t);
    linearization.vjp(t, 0, g);
  }
}
