package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;

/** A user's least-squares problem as a model: residuals and their Jacobian, one row, no input. */
abstract class Residuals implements Model {
  private final int parameters;
  private final int residuals;

  Residuals(int parameters, int residuals) {
    this.parameters = parameters;
    this.residuals = residuals;
  }

  /** r(θ). */
  abstract double[] at(double[] theta);

  /** ∂r/∂θ, a row for each residual. */
  abstract double[][] jacobian(double[] theta);

  @Override
  public int parameters() {
    return parameters;
  }

  @Override
  public int inputs() {
    return 1;
  }

  @Override
  public int outputs() {
    return residuals;
  }

  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return 0;
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    return new Linearization() {
      private double[][] jacobian;
      private double largest;

      @Override
      public void evaluate(Vec theta, Mat x, Mat z) {
        double[] values = theta.toArray();
        double[] r = at(values);
        z.copyFrom(r);
        jacobian = Residuals.this.jacobian(values);
        largest = 0;
        for (double value : r) {
          largest = Math.max(largest, Math.abs(value));
        }
      }

      @Override
      public void jvp(Vec v, Mat t) {
        for (int i = 0; i < residuals; i++) {
          double sum = 0;
          for (int p = 0; p < parameters; p++) {
            sum += jacobian[i][p] * v.get(p);
          }
          t.set(0, i, sum);
        }
      }

      @Override
      public void vjp(Mat u, double beta, Vec g) {
        for (int p = 0; p < parameters; p++) {
          double sum = beta == 0 ? 0 : beta * g.get(p);
          for (int i = 0; i < residuals; i++) {
            sum += jacobian[i][p] * u.get(0, i);
          }
          g.set(p, sum);
        }
      }

      @Override
      public double outputErrorBound() {
        return 16 * precision.unitRoundoff() * (1 + largest);
      }
    };
  }
}
