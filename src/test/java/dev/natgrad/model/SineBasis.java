package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * A model as a user might write it: z = a·sin(ωx + φ), θ = (a, ω, φ). A wrong entry can be asked
 * for to see it found.
 */
final class SineBasis implements Model {
  private final int brokenTangent;
  private final int brokenGradient;

  SineBasis() {
    this(-1, -1);
  }

  SineBasis(int brokenTangent, int brokenGradient) {
    this.brokenTangent = brokenTangent;
    this.brokenGradient = brokenGradient;
  }

  @Override
  public int parameters() {
    return 3;
  }

  @Override
  public int inputs() {
    return 1;
  }

  @Override
  public int outputs() {
    return 1;
  }

  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return 0;
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    return new Linearization() {
      private Vec theta;
      private Mat x;
      private double largest;

      private double slope(int row, int parameter) {
        double phase = theta.get(1) * x.get(row, 0) + theta.get(2);
        double outer = theta.get(0) * Math.cos(phase);
        return parameter == 0 ? Math.sin(phase) : parameter == 1 ? outer * x.get(row, 0) : outer;
      }

      @Override
      public void evaluate(Vec theta, Mat x, Mat z) {
        this.theta = theta;
        this.x = x;
        for (int i = 0; i < x.rows(); i++) {
          z.set(i, 0, theta.get(0) * slope(i, 0));
          largest = Math.max(largest, Math.abs(theta.get(1) * x.get(i, 0)) + 1);
        }
      }

      @Override
      public void jvp(Vec v, Mat t) {
        for (int i = 0; i < x.rows(); i++) {
          double sum = 0;
          for (int p = 0; p < 3; p++) {
            sum += slope(i, p) * v.get(p) * (p == brokenTangent ? 1 + 1e-6 : 1);
          }
          t.set(i, 0, sum);
        }
      }

      @Override
      public void vjp(Mat u, double beta, Vec g) {
        for (int p = 0; p < 3; p++) {
          double sum = 0;
          for (int i = 0; i < x.rows(); i++) {
            sum += slope(i, p) * u.get(i, 0) * (p == brokenGradient ? 1 + 1e-6 : 1);
          }
          g.set(p, beta == 0 ? sum : sum + beta * g.get(p));
        }
      }

      @Override
      public double outputErrorBound() {
        return 8 * precision.unitRoundoff() * Math.abs(theta.get(0)) * largest;
      }
    };
  }
}
