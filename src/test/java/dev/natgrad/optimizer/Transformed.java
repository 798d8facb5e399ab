package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import dev.natgrad.oracle.NaiveDense;

/** f(Aφ + c, x). */
record Transformed(Model base, double[][] a, double[] c) implements Model {
  @Override
  public int parameters() {
    return base.parameters();
  }

  @Override
  public int inputs() {
    return base.inputs();
  }

  @Override
  public int outputs() {
    return base.outputs();
  }

  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return base.linearizationBytes(maxBatch, precision) + 2 * Vec.bytes(parameters(), precision);
  }

  double[] theta(double[] phi) {
    double[] theta = NaiveDense.product(a, phi);
    for (int i = 0; i < theta.length; i++) {
      theta[i] += c[i];
    }
    return theta;
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    Linearization of = base.linearize(workspace, maxBatch, precision);
    Vec point = Vec.allocate(workspace, parameters(), precision);
    Vec moved = Vec.allocate(workspace, parameters(), precision);
    return new Linearization() {
      @Override
      public void evaluate(Vec phi, Mat x, Mat z) {
        point.copyFrom(theta(phi.toArray()), 0);
        of.evaluate(point, x, z);
      }

      @Override
      public void jvp(Vec v, Mat t) {
        moved.copyFrom(NaiveDense.product(a, v.toArray()), 0);
        of.jvp(moved, t);
      }

      @Override
      public void vjp(Mat u, double beta, Vec g) {
        of.vjp(u, 0, moved);
        double[] back = moved.toArray();
        for (int i = 0; i < back.length; i++) {
          double sum = beta == 0 ? 0 : beta * g.get(i);
          for (int j = 0; j < back.length; j++) {
            sum += a[j][i] * back[j];
          }
          g.set(i, sum);
        }
      }

      @Override
      public double outputErrorBound() {
        // Aφ is rounded too: n terms of the size of θ, through outputs of a slope of order 1.
        return 2 * of.outputErrorBound();
      }
    };
  }
}
