package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Model;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The same model by other parameters, θ = Aφ + c, takes the same step in its distribution. */
class ReparameterisationTest {
  /** R₁·diag(½ … 2)·R₂ with rotations R: of condition 4. */
  static double[][] invertible(int n, Random random) {
    double[][] r1 = NaiveDense.withEigenvalues(NaiveDense.logSpaced(n, 4), random);
    double[][] r2 = orthogonal(n, random);
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          a[i][j] += r1[i][k] * r2[k][j];
        }
      }
    }
    return a;
  }

  /** A product of Householder reflections. */
  private static double[][] orthogonal(int n, Random random) {
    double[][] q = new double[n][n];
    for (int i = 0; i < n; i++) {
      q[i][i] = 1;
    }
    for (int pass = 0; pass < n; pass++) {
      double[] v = NaiveDense.gaussian(n, random);
      double vv = NaiveDense.dot(v, v);
      for (double[] row : q) {
        double along = 2 * NaiveDense.dot(row, v) / vv;
        for (int j = 0; j < n; j++) {
          row[j] -= along * v[j];
        }
      }
    }
    return q;
  }

  /** The parameters θ after so many steps from φ = A⁻¹(θ₀ − c). */
  static double[] after(
      Model base,
      double[][] a,
      double[] c,
      OutputDistribution distribution,
      NaturalGradientOptions options,
      double[] theta,
      double[][] rows,
      double[][] targets,
      int steps) {
    Transformed model = new Transformed(base, a, c);
    try (Workspace workspace = Workspace.create()) {
      Problem problem = new Problem(model, distribution, rows.length, Precision.F64, 0);
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      double[] start = NaiveDense.solve(a, NaiveDense.minus(theta, c));
      optimizer.parameters().copyFrom(start, 0);
      Mat x = Trial.mat(workspace, rows, Precision.F64);
      Mat y = Trial.mat(workspace, targets, Precision.F64);
      for (int step = 0; step < steps; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        assertTrue(outcome.status().accepted(), outcome::toString);
      }
      return model.theta(optimizer.parameters().toArray());
    }
  }

  static double[][] identity(int n) {
    double[][] i = new double[n][n];
    for (int k = 0; k < n; k++) {
      i[k][k] = 1;
    }
    return i;
  }

  private static void assertClose(double[] one, double[] other, double tolerance, String what) {
    for (int i = 0; i < one.length; i++) {
      assertEquals(one[i], other[i], tolerance * (1 + Math.abs(one[i])), what);
    }
  }

  /**
   * Undamped. A linear model whose features are Gaussian has κ(F) of some 10², times 16 for A; the
   * length is fixed up to the rounding bound that the KL is measured with, here below 1e-12 of ε.
   */
  private static final double TOLERANCE = 1e-9;

  @Test
  void anyInvertibleMapLeavesUndampedStepsTheSame() {
    for (NaiveLikelihood likelihood :
        List.of(NaiveLikelihood.BERNOULLI, NaiveLikelihood.GAUSSIAN)) {
      for (int seed = 0; seed < 5; seed++) {
        Trial trial = new Trial(seed, likelihood, Precision.F64, 4, new int[0], null, 60);
        int p = trial.theta.length;
        Random random = new Random(seed);
        NaturalGradientOptions options =
            NaturalGradientOptions.within(1e-3).withDamping(0, false).withSolve(new Solve.Dense());
        double[][] a = invertible(p, random);
        double[] c = NaiveDense.gaussian(p, random);
        double[][][] maps = {identity(p), a};
        double[][] ends = new double[2][];
        for (int which = 0; which < 2; which++) {
          ends[which] =
              after(
                  trial.model,
                  maps[which],
                  which == 0 ? new double[p] : c,
                  trial.distribution(),
                  options,
                  trial.theta,
                  trial.x,
                  trial.y,
                  3);
        }
        assertClose(ends[0], ends[1], TOLERANCE, likelihood + " " + seed);
      }
    }
  }

  /** λ·tr(F)/P·I is the same matrix in any orthogonal basis, and so are the probes of the trace. */
  @Test
  void orthogonalMapsLeaveDampedStepsTheSame() {
    for (int seed = 0; seed < 5; seed++) {
      Trial trial =
          new Trial(
              seed, NaiveLikelihood.GAUSSIAN, Precision.F64, 2, new int[] {3}, Activation.TANH, 30);
      int p = trial.theta.length;
      for (Solve solve : List.of(new Solve.Dense(), new Solve.Dual())) {
        NaturalGradientOptions options =
            NaturalGradientOptions.within(1e-3).withDamping(0.1, false).withSolve(solve);
        double[][][] maps = {identity(p), orthogonal(p, new Random(seed))};
        double[][] ends = new double[2][];
        for (int which = 0; which < 2; which++) {
          ends[which] =
              after(
                  trial.model,
                  maps[which],
                  new double[p],
                  trial.distribution(),
                  options,
                  trial.theta,
                  trial.x,
                  trial.y,
                  3);
        }
        assertClose(ends[0], ends[1], TOLERANCE, solve + " " + seed);
      }
    }
  }

  /** xM + m in place of x, and what the first layer must be for the same outputs. */
  @Test
  void affineInputsLeaveUndampedStepsTheSame() {
    for (int seed = 0; seed < 5; seed++) {
      Trial trial =
          new Trial(seed, NaiveLikelihood.BERNOULLI, Precision.F64, 3, new int[0], null, 60);
      int inputs = 3;
      int outputs = trial.model.outputs();
      Random random = new Random(seed);
      double[][] m = invertible(inputs, random);
      double[] shift = NaiveDense.gaussian(inputs, random);
      double[][] rows = new double[trial.x.length][inputs];
      for (int i = 0; i < rows.length; i++) {
        for (int j = 0; j < inputs; j++) {
          rows[i][j] = shift[j];
          for (int k = 0; k < inputs; k++) {
            rows[i][j] += trial.x[i][k] * m[k][j];
          }
        }
      }
      // W = M·W′ and b = b′ + shift·W′: W′ is found row block by row block.
      double[] theta = new double[trial.theta.length];
      for (int o = 0; o < outputs; o++) {
        double[] column = new double[inputs];
        for (int k = 0; k < inputs; k++) {
          column[k] = trial.theta[k * outputs + o];
        }
        double[] changed = NaiveDense.solve(m, column);
        double bias = trial.theta[inputs * outputs + o];
        for (int k = 0; k < inputs; k++) {
          theta[k * outputs + o] = changed[k];
          bias -= shift[k] * changed[k];
        }
        theta[inputs * outputs + o] = bias;
      }
      NaturalGradientOptions options =
          NaturalGradientOptions.within(1e-3).withDamping(0, false).withSolve(new Solve.Dense());
      int p = theta.length;
      double[] one =
          after(
              trial.model,
              identity(p),
              new double[p],
              trial.distribution(),
              options,
              trial.theta,
              trial.x,
              trial.y,
              3);
      double[] other =
          after(
              trial.model,
              identity(p),
              new double[p],
              trial.distribution(),
              options,
              theta,
              rows,
              trial.y,
              3);
      for (int i = 0; i < rows.length; i++) {
        for (int o = 0; o < outputs; o++) {
          double z = one[inputs * outputs + o];
          double w = other[inputs * outputs + o];
          for (int k = 0; k < inputs; k++) {
            z += trial.x[i][k] * one[k * outputs + o];
            w += rows[i][k] * other[k * outputs + o];
          }
          assertEquals(z, w, TOLERANCE * (1 + Math.abs(z)), "row " + i + ", seed " + seed);
        }
      }
    }
  }

  /**
   * The path of small steps is that of the distribution, not of its parameters: the normal family
   * by (μ, ln σ²) and by an affine map of it, the gamma and Poisson families' means likewise.
   */
  @Test
  void thePathOfSmallStepsIsThatOfTheDistribution() {
    for (OutputDistribution distribution :
        List.of(new DiagonalGaussian(1), new Gamma(1, 3), new Poisson(1))) {
      int k = distribution.outputs();
      Mlp model = Mlp.linear(1, k, true);
      int p = model.parameters();
      Random random = new Random(4);
      double[][] rows = new double[20][1];
      double[][] targets = new double[20][1];
      for (int i = 0; i < 20; i++) {
        rows[i][0] = random.nextGaussian();
        targets[i][0] = 1 + random.nextInt(5);
      }
      NaturalGradientOptions options =
          NaturalGradientOptions.within(1e-4).withDamping(0, false).withSolve(new Solve.Dense());
      double[][] maps0 = identity(p);
      double[][] maps1 = invertible(p, random);
      double[] start = new double[p];
      double[] one =
          after(model, maps0, new double[p], distribution, options, start, rows, targets, 60);
      double[] other =
          after(model, maps1, new double[p], distribution, options, start, rows, targets, 60);
      // Sixty steps pass the first step's differences on, none multiplies them much.
      assertClose(one, other, 60 * TOLERANCE, distribution.toString());
    }
  }

  /** Two bumps are found from a start between them, and gradient descent is far behind. */
  @Test
  void bimodalCurve() {
    double[] truth = {-1.5, 1, 2, 0.6};
    double[] at = new double[41];
    Residuals bumps =
        new Residuals(4, at.length) {
          private double bump(double[] t, int i, int which) {
            double d = (i - 20) / 5.0 - t[2 * which];
            return Math.exp(-d * d / 2);
          }

          @Override
          double[] at(double[] t) {
            double[] r = new double[at.length];
            for (int i = 0; i < r.length; i++) {
              r[i] = t[1] * bump(t, i, 0) + t[3] * bump(t, i, 1);
            }
            return r;
          }

          @Override
          double[][] jacobian(double[] t) {
            double[][] j = new double[at.length][4];
            for (int i = 0; i < j.length; i++) {
              for (int which = 0; which < 2; which++) {
                double d = (i - 20) / 5.0 - t[2 * which];
                j[i][2 * which] = t[2 * which + 1] * bump(t, i, which) * d;
                j[i][2 * which + 1] = bump(t, i, which);
              }
            }
            return j;
          }
        };
    try (Workspace workspace = Workspace.create()) {
      Problem problem =
          new Problem(bumps, new dev.natgrad.distribution.Gaussian(at.length), 1, Precision.F64, 0);
      Mat x = Mat.allocate(workspace, 1, 1, Precision.F64);
      Mat y = Mat.allocate(workspace, 1, at.length, Precision.F64);
      y.copyRowFrom(0, bumps.at(truth), 0);
      double[] start = {-0.5, 0.5, 0.5, 0.5};
      NaturalGradient natural =
          new NaturalGradient(
              workspace,
              problem,
              NaturalGradientOptions.recommended(problem, Radius.adaptive(1, 100))
                  .withDamping(1e-3, true));
      natural.parameters().copyFrom(start, 0);
      GradientDescent descent = new GradientDescent(workspace, problem, 0.1);
      descent.parameters().copyFrom(start, 0);
      double least = at.length * 0.5 * Math.log(2 * Math.PI);
      int few = 0;
      while (few < 40 && natural.step(x, y).lossAfter() > least + 1e-10) {
        few++;
      }
      assertTrue(few < 40, "not there");
      assertClose(truth, natural.parameters().toArray(), 1e-4, "the bumps");
      int many = 0;
      while (many < 10 * few && descent.step(x, y).lossBefore() > least + 1e-10) {
        many++;
      }
      assertEquals(10 * few, many, "gradient descent was as fast");
    }
  }
}
