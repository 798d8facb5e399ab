package dev.natgrad.demo;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;

/**
 * The smallest model there is, and an example of a model of one's own: z = θ for every sample, so
 * the parameters of the distribution themselves are trained. Its input is not read. J = I for every
 * row, so J·v repeats v and Jᵀ·U sums the rows of U.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param parameters P = outputs, at least 1
 */
public record DirectParameters(int parameters) implements Model {
  /** Checks P. */
  public DirectParameters {
    if (parameters < 1) {
      throw new IllegalArgumentException("parameters is " + parameters + "; it must be at least 1");
    }
  }

  @Override
  public int inputs() {
    return 1;
  }

  @Override
  public int outputs() {
    return parameters;
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + "; it must be at least 1");
    }
    return new Identity(maxBatch);
  }

  /** {@inheritDoc} It needs none. */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return 0;
  }

  private static final class Identity implements Linearization {
    private final int maxBatch;
    private boolean evaluated;

    private Identity(int maxBatch) {
      this.maxBatch = maxBatch;
    }

    @Override
    public void evaluate(Vec theta, Mat x, Mat z) {
      if (x.rows() > maxBatch) {
        throw new IllegalArgumentException(
            "x has " + x.rows() + " rows; this linearisation was made for at most " + maxBatch);
      }
      repeat(theta, z);
      evaluated = true;
    }

    @Override
    public void jvp(Vec v, Mat t) {
      requirePoint();
      repeat(v, t);
    }

    @Override
    public void vjp(Mat u, double beta, Vec g) {
      requirePoint();
      Blas.colSums(1, u, beta, g);
    }

    /** {@inheritDoc} The outputs are the parameters as stored: nothing is rounded. */
    @Override
    public double outputErrorBound() {
      requirePoint();
      return 0;
    }

    private void requirePoint() {
      if (!evaluated) {
        throw new IllegalStateException("nothing has been evaluated; call evaluate first");
      }
    }

    private static void repeat(Vec row, Mat rows) {
      for (int j = 0; j < rows.cols(); j++) {
        double value = row.get(j);
        for (int i = 0; i < rows.rows(); i++) {
          rows.set(i, j, value);
        }
      }
    }
  }
}
