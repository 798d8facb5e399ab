package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;

/** A user's own model: z = (10(b − a²), a), so that targets (0, 1) make Rosenbrock's function. */
final class Rosenbrock implements Model {
  @Override
  public int parameters() {
    return 2;
  }

  @Override
  public int inputs() {
    return 1;
  }

  @Override
  public int outputs() {
    return 2;
  }

  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return 0;
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    return new Linearization() {
      private double a;
      private double b;

      @Override
      public void evaluate(Vec theta, Mat x, Mat z) {
        a = theta.get(0);
        b = theta.get(1);
        for (int i = 0; i < z.rows(); i++) {
          z.set(i, 0, 10 * (b - a * a));
          z.set(i, 1, a);
        }
      }

      @Override
      public void jvp(Vec v, Mat t) {
        for (int i = 0; i < t.rows(); i++) {
          t.set(i, 0, 10 * v.get(1) - 20 * a * v.get(0));
          t.set(i, 1, v.get(0));
        }
      }

      @Override
      public void vjp(Mat u, double beta, Vec g) {
        double first = 0;
        double second = 0;
        for (int i = 0; i < u.rows(); i++) {
          first += u.get(i, 1) - 20 * a * u.get(i, 0);
          second += 10 * u.get(i, 0);
        }
        g.set(0, first + (beta == 0 ? 0 : beta * g.get(0)));
        g.set(1, second + (beta == 0 ? 0 : beta * g.get(1)));
      }

      @Override
      public double outputErrorBound() {
        return 40 * precision.unitRoundoff() * (Math.abs(b) + a * a);
      }
    };
  }
}
