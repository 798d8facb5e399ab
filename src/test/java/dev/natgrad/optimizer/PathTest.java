package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The path of a normal distribution by (μ, σ), by (μ, ln σ) and by (μ, ln σ + 0.3μ²): in the limit
 * of small steps that of steepest descent in the Fisher metric, whatever the parameters (Song, Song
 * and Ermon, Accelerating natural gradient with higher-order invariance, 2018).
 */
class PathTest {
  private static final double[] TARGETS = {1.5, 2.5, 3, 3.5, 4.5, 3, 2, 4};
  private static final double MU = -1;
  private static final double SIGMA = 3;

  /**
   * How far the path is followed, in the Fisher metric: not to the fit, where it has no direction.
   */
  private static final double LENGTH = 1.2;

  /** μ and ln σ² of two parameters, for every target the same, with their derivatives. */
  private enum By {
    SIGMA_ITSELF,
    LOGARITHM,
    BENT;

    /** The second parameter of μ and σ. */
    double second(double mu, double sigma) {
      return switch (this) {
        case SIGMA_ITSELF -> sigma;
        case LOGARITHM -> Math.log(sigma);
        case BENT -> Math.log(sigma) + 0.3 * mu * mu;
      };
    }

    double sigma(double[] theta) {
      return switch (this) {
        case SIGMA_ITSELF -> theta[1];
        case LOGARITHM -> Math.exp(theta[1]);
        case BENT -> Math.exp(theta[1] - 0.3 * theta[0] * theta[0]);
      };
    }

    Residuals model() {
      return new Residuals(2, 2 * TARGETS.length) {
        @Override
        double[] at(double[] theta) {
          double[] z = new double[2 * TARGETS.length];
          for (int i = 0; i < TARGETS.length; i++) {
            z[i] = theta[0];
            z[TARGETS.length + i] = 2 * Math.log(sigma(theta));
          }
          return z;
        }

        @Override
        double[][] jacobian(double[] theta) {
          double along = By.this == BENT ? -1.2 * theta[0] : 0;
          double of = By.this == SIGMA_ITSELF ? 2 / theta[1] : 2;
          double[][] jacobian = new double[2 * TARGETS.length][];
          for (int i = 0; i < TARGETS.length; i++) {
            jacobian[i] = new double[] {1, 0};
            jacobian[TARGETS.length + i] = new double[] {along, of};
          }
          return jacobian;
        }
      };
    }
  }

  /** How far so many steps end from the point of the exact path as far along, by (μ, ln σ). */
  private static double[] error(By by, int steps) {
    double length = LENGTH / steps;
    try (Workspace workspace = Workspace.create()) {
      int n = TARGETS.length;
      Problem problem = new Problem(by.model(), new DiagonalGaussian(n), 1, Precision.F64, 0);
      NaturalGradient optimizer =
          new NaturalGradient(
              workspace,
              problem,
              NaturalGradientOptions.within(n * 0.5 * length * length)
                  .withDamping(0, false)
                  .withSolve(new Solve.Dense()));
      optimizer.parameters().set(0, MU);
      optimizer.parameters().set(1, by.second(MU, SIGMA));
      Mat x = Mat.allocate(workspace, 1, 1, Precision.F64);
      Mat y = Mat.allocate(workspace, 1, n, Precision.F64);
      y.copyFrom(TARGETS);
      double gone = 0;
      for (int step = 0; step < steps; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        assertTrue(outcome.status().accepted(), outcome::toString);
        gone += Math.sqrt(2 * outcome.kl() / n);
      }
      double[] theta = optimizer.parameters().toArray();
      double[] end = {theta[0], Math.log(by.sigma(theta))};
      return NaiveDense.minus(end, exactEnd(gone));
    }
  }

  /** −F⁻¹g of unit length, F = diag(1/σ², 2) of (μ, ln σ). */
  private static double[] velocity(double mu, double logSigma) {
    double square = Math.exp(2 * logSigma);
    double first = 0;
    double second = 0;
    for (double y : TARGETS) {
      first += (mu - y) / TARGETS.length;
      second += 0.5 * (1 - (y - mu) * (y - mu) / square) / TARGETS.length;
    }
    double length = Math.sqrt(first * first / square + 2 * second * second);
    return new double[] {-first / length, -second / length};
  }

  /** The same path by Runge and Kutta's fourth-order formula, in steps far finer. */
  private static double[] exactEnd(double length) {
    int steps = 2000;
    double h = length / steps;
    double mu = MU;
    double s = Math.log(SIGMA);
    for (int step = 0; step < steps; step++) {
      double[] a = velocity(mu, s);
      double[] b = velocity(mu + h / 2 * a[0], s + h / 2 * a[1]);
      double[] c = velocity(mu + h / 2 * b[0], s + h / 2 * b[1]);
      double[] d = velocity(mu + h * c[0], s + h * c[1]);
      mu += h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0]);
      s += h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1]);
    }
    return new double[] {mu, s};
  }

  /**
   * Steps are Euler's, of first order: an error of ah + bh² + …, of which half the step leaves a
   * half, and twice the finer end less the coarser one −bh²/2 alone, which falls to a quarter.
   */
  @Test
  void thePathOfSmallStepsIsTheSameByNonlinearParameters() {
    for (By by : By.values()) {
      double[][] errors = {error(by, 100), error(by, 200), error(by, 400)};
      double[] size = new double[3];
      double[] left = new double[2];
      for (int i = 0; i < 3; i++) {
        size[i] = NaiveDense.norm(errors[i]);
      }
      for (int i = 0; i < 2; i++) {
        double[] twice = {2 * errors[i + 1][0], 2 * errors[i + 1][1]};
        left[i] = NaiveDense.norm(NaiveDense.minus(twice, errors[i]));
      }
      String what = by + ": " + Arrays.toString(size) + ", " + Arrays.toString(left);
      assertEquals(0.5, size[1] / size[0], 0.05, what);
      assertEquals(0.5, size[2] / size[1], 0.025, what);
      assertEquals(0.25, left[1] / left[0], 0.05, what);
    }
  }
}
