package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linear models reach the maximum of the likelihood that Newton's method in plain loops finds. */
class GeneralizedLinearModelTest {
  private static final int ROWS = 200;
  private static final int INPUTS = 4;

  /** Newton's method on Σ ψ(z) − yz, z = x·w, for a natural link: mean ψ′, variance ψ″. */
  private static double[] newton(
      double[][] x, double[] y, DoubleUnaryOperator mean, DoubleUnaryOperator variance) {
    int n = x[0].length;
    double[] w = new double[n];
    for (int iteration = 0; iteration < 50; iteration++) {
      double[][] system = new double[n][n + 1];
      for (int i = 0; i < x.length; i++) {
        double z = 0;
        for (int j = 0; j < n; j++) {
          z += x[i][j] * w[j];
        }
        for (int j = 0; j < n; j++) {
          for (int k = 0; k < n; k++) {
            system[j][k] += variance.applyAsDouble(z) * x[i][j] * x[i][k];
          }
          system[j][n] += (y[i] - mean.applyAsDouble(z)) * x[i][j];
        }
      }
      double[] step = eliminate(system);
      for (int j = 0; j < n; j++) {
        w[j] += step[j];
      }
    }
    return w;
  }

  /** Gauss–Jordan; the systems are positive definite, so no pivoting is needed. */
  private static double[] eliminate(double[][] a) {
    int n = a.length;
    for (int p = 0; p < n; p++) {
      for (int i = 0; i < n; i++) {
        double factor = a[i][p] / a[p][p];
        for (int j = n; j >= p && i != p; j--) {
          a[i][j] -= factor * a[p][j];
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = a[i][n] / a[i][i];
    }
    return solution;
  }

  private static void check(
      boolean intercept,
      OutputDistribution distribution,
      DoubleUnaryOperator mean,
      DoubleUnaryOperator variance,
      long seed) {
    Random random = new Random(seed);
    int columns = intercept ? INPUTS + 1 : INPUTS;
    double[][] rows = new double[ROWS][columns];
    double[] targets = new double[ROWS];
    double[] truth = {0.5, -0.3, 0.8, 0.1, 0.4};
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, ROWS, INPUTS, Precision.F64);
      Mat y = Mat.allocate(workspace, ROWS, 1, Precision.F64);
      for (int i = 0; i < ROWS; i++) {
        double z = 0;
        for (int j = 0; j < columns; j++) {
          rows[i][j] = j == INPUTS ? 1 : random.nextGaussian();
          z += truth[j] * rows[i][j];
          if (j < INPUTS) {
            x.set(i, j, rows[i][j]);
          }
        }
        y.set(i, 0, mean.applyAsDouble(z));
      }
      distribution.sample(y, seed, 0, y);
      for (int i = 0; i < ROWS; i++) {
        targets[i] = y.get(i, 0);
      }
      double[] expected = newton(rows, targets, mean, variance);
      Problem problem =
          new Problem(Mlp.linear(INPUTS, 1, intercept), distribution, ROWS, Precision.F64, 0);
      NaturalGradient optimizer =
          new NaturalGradient(
              workspace,
              problem,
              NaturalGradientOptions.within(0.5)
                  .withDamping(0, false)
                  .withConjugateGradient(20, 1e-14));
      for (int step = 0; step < 60; step++) {
        optimizer.step(x, y);
      }
      double[] found = optimizer.parameters().toArray();
      for (int j = 0; j < columns; j++) {
        assertEquals(expected[j], found[j], 1e-10, distribution + ": parameter " + j);
      }
    }
  }

  private static double logistic(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void poissonRegressionEndsOnTheMaximum(boolean intercept) {
    check(intercept, new Poisson(1), Math::exp, Math::exp, 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void logisticRegressionEndsOnTheMaximum(boolean intercept) {
    DoubleUnaryOperator variance = z -> logistic(z) * (1 - logistic(z));
    check(intercept, new Bernoulli(1), GeneralizedLinearModelTest::logistic, variance, 4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linearRegressionEndsOnTheMaximum(boolean intercept) {
    check(intercept, new Gaussian(1), z -> z, z -> 1, 3);
  }

  /**
   * The same steps work on residual networks, with factors of the dense layers beside diagonals.
   */
  @Test
  void residualNetworksTrainWithinTheBound() {
    for (Solve solve :
        new Solve[] {
          new Solve.ConjugateGradients(10, 0.1, Solve.Preconditioner.DIAGONAL),
          Solve.Kronecker.standard()
        }) {
      try (Workspace workspace = Workspace.create()) {
        Mlp model = Mlp.residual(2, 8, 2, Activation.SILU, 1);
        Problem problem = new Problem(model, new Bernoulli(1), 64, Precision.F64, 0);
        NaturalGradient optimizer =
            new NaturalGradient(
                workspace, problem, NaturalGradientOptions.within(0.02).withSolve(solve));
        Initialization.AUTO.fill(model, 1, optimizer.parameters());
        Mat x = Mat.allocate(workspace, 64, 2, Precision.F64);
        Mat y = Mat.allocate(workspace, 64, 1, Precision.F64);
        Random random = new Random(5);
        for (int i = 0; i < 64; i++) {
          double[] point = NaiveDense.gaussian(2, random);
          x.copyRowFrom(i, point, 0);
          y.set(i, 0, point[0] * point[1] > 0 ? 1 : 0);
        }
        double first = Double.NaN;
        double last = Double.NaN;
        for (int step = 0; step < 60; step++) {
          StepOutcome outcome = optimizer.step(x, y);
          assertTrue(outcome.kl() <= 0.02, outcome::toString);
          first = step == 0 ? outcome.lossBefore() : first;
          last = outcome.lossAfter();
        }
        assertTrue(last < first / 2, solve + ": " + first + " → " + last);
      }
    }
  }
}
