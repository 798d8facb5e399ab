package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nonlinear least squares of a user's own: Gauss–Newton with a trust region. */
class LeastSquaresTest {
  private static final Residuals VALLEY =
      new Residuals(2, 2) {
        @Override
        double[] at(double[] t) {
          return new double[] {10 * (t[1] - t[0] * t[0]), 1 - t[0]};
        }

        @Override
        double[][] jacobian(double[] t) {
          return new double[][] {{-20 * t[0], 10}, {-1, 0}};
        }
      };

  /** θ₀e^(−θ₁t) + θ₂ − y at t = 0, ¼, …, 5, from θ = (4, 1.3, 0.5). */
  private static Residuals decay(double noise) {
    Random random = new Random(1);
    double[] y = new double[21];
    for (int i = 0; i < y.length; i++) {
      y[i] = 4 * Math.exp(-1.3 * i / 4) + 0.5 + noise * random.nextGaussian();
    }
    return new Residuals(3, 21) {
      @Override
      double[] at(double[] t) {
        double[] r = new double[y.length];
        for (int i = 0; i < r.length; i++) {
          r[i] = t[0] * Math.exp(-t[1] * i / 4) + t[2] - y[i];
        }
        return r;
      }

      @Override
      double[][] jacobian(double[] t) {
        double[][] j = new double[y.length][];
        for (int i = 0; i < j.length; i++) {
          double e = Math.exp(-t[1] * i / 4);
          j[i] = new double[] {e, -t[0] * e * i / 4, 1};
        }
        return j;
      }
    };
  }

  /** A(θ + θ³/30 − c), A symmetric of condition √κ, so that JᵀJ has at least about κ. */
  private static Residuals stretched(double kappa, int n) {
    double[][] a =
        NaiveDense.withEigenvalues(NaiveDense.logSpaced(n, Math.sqrt(kappa)), new Random(3));
    return new Residuals(n, n) {
      @Override
      double[] at(double[] t) {
        double[] curved = new double[n];
        for (int p = 0; p < n; p++) {
          curved[p] = t[p] + t[p] * t[p] * t[p] / 30 - 1 - p;
        }
        return NaiveDense.product(a, curved);
      }

      @Override
      double[][] jacobian(double[] t) {
        double[][] j = new double[n][n];
        for (int i = 0; i < n; i++) {
          for (int p = 0; p < n; p++) {
            j[i][p] = a[i][p] * (1 + t[p] * t[p] / 10);
          }
        }
        return j;
      }
    };
  }

  /** Steps until ½‖r‖² is at most a goal, or a limit; −1 for no goal. Returns θ and the steps. */
  private static Fit fit(
      Residuals problem,
      double variance,
      double epsilon,
      boolean damped,
      double goal,
      int most,
      double... start) {
    try (Workspace workspace = Workspace.create()) {
      Problem natural =
          new Problem(problem, new Gaussian(problem.outputs(), variance), 1, Precision.F64, 0);
      Radius radius = Radius.adaptive(epsilon, Double.POSITIVE_INFINITY);
      NaturalGradientOptions options = NaturalGradientOptions.recommended(natural, radius);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, natural, damped ? options : options.withDamping(0, false));
      optimizer.parameters().copyFrom(start, 0);
      Mat x = Mat.allocate(workspace, 1, 1, Precision.F64);
      Mat y = Mat.allocate(workspace, 1, problem.outputs(), Precision.F64);
      int step = 0;
      while (step < most && half(problem, optimizer.parameters().toArray()) > goal) {
        optimizer.step(x, y);
        step++;
      }
      return new Fit(optimizer.parameters().toArray(), step);
    }
  }

  /** Where the steps end, and how many were made. */
  private record Fit(double[] theta, int steps) {}

  /** ½‖r‖². */
  private static double half(Residuals problem, double[] theta) {
    double[] r = problem.at(theta);
    return NaiveDense.dot(r, r) / 2;
  }

  /**
   * From the start to the least of ½‖r‖² within the rounding of the loss, which is that and a
   * constant of the normal distribution.
   */
  private static void assertMinimum(
      Residuals problem, boolean damped, double least, int most, double... start) {
    int n = problem.outputs();
    double goal = least + (8 + n) * 0x1p-53 * (least + n * Math.log(2 * Math.PI) / 2);
    Fit fit = fit(problem, 1, 1, damped, goal, most, start);
    double half = half(problem, fit.theta);
    assertTrue(half <= goal, () -> half + " instead of " + goal + " after " + fit.steps);
  }

  @Test
  void rosenbrocksValleyFromFar() {
    assertMinimum(VALLEY, true, 0, 60, -1.2, 1);
    assertMinimum(VALLEY, true, 0, 150, -120, 100);
    assertMinimum(VALLEY, true, 0, 150, 50, -1000);
  }

  @Test
  void exponentialFromFar() {
    assertMinimum(decay(0), true, 0, 100, 1, 0.1, 0);
    assertMinimum(decay(0), true, 0, 100, 100, 5, -50);
    assertMinimum(decay(0), true, 0, 100, 0.01, 0.01, 10);
  }

  /** Where residuals remain, plain Gauss–Newton from the end must not find anything better. */
  @Test
  void exponentialWithNoise() {
    Residuals problem = decay(0.1);
    double[] best = {4, 1.3, 0.5};
    for (int step = 0; step < 30; step++) {
      double[][] j = problem.jacobian(best);
      double[] r = problem.at(best);
      double[][] a = new double[3][3];
      double[] b = new double[3];
      for (int i = 0; i < r.length; i++) {
        for (int p = 0; p < 3; p++) {
          b[p] -= j[i][p] * r[i];
          for (int q = 0; q < 3; q++) {
            a[p][q] += j[i][p] * j[i][q];
          }
        }
      }
      double[] change = NaiveDense.solve(a, b);
      for (int p = 0; p < 3; p++) {
        best[p] += change[p];
      }
    }
    assertMinimum(problem, true, half(problem, best), 100, 1, 0.1, 0);
    assertMinimum(problem, true, half(problem, best), 100, 100, 5, -50);
  }

  /** Undamped, the radius alone makes it safe, and no λ hides the weakest direction. */
  @Test
  void conditionsOfTenToTheEightAndTen() {
    for (double kappa : new double[] {1e8, 1e10}) {
      Residuals problem = stretched(kappa, 6);
      for (boolean damped : new boolean[] {false, true}) {
        assertMinimum(problem, damped, 0, 60, 0, 0, 0, 0, 0, 0);
        assertMinimum(problem, damped, 0, 60, 30, -30, 30, -30, 30, -30);
      }
    }
  }

  /** With the variance 4⁻ᵏ the loss, F and the KL are 4ᵏ times as large, and so must be ε. */
  @Test
  void theScaleOfTheLossDoesNotMatter() {
    Fit plain = fit(decay(0.1), 1, 1, true, -1, 60, 1, 0.1, 0);
    for (int k : new int[] {-8, 8}) {
      double scale = Math.scalb(1.0, 2 * k);
      Fit scaled = fit(decay(0.1), 1 / scale, scale, true, -1, 60, 1, 0.1, 0);
      // The end is flat: the loss's rounding leaves √u of θ undecided.
      assertArrayEquals(plain.theta, scaled.theta, 1e-7, () -> "4^" + k);
    }
  }
}
