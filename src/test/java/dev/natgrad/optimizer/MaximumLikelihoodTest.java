package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.NaiveDense;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Regression with the canonical link, where natural gradient undamped is Newton's method. */
class MaximumLikelihoodTest {
  private static final int SAMPLES = 200;
  private static final int INPUTS = 3;

  /** Asked for of the iterates and of the estimate they end on. */
  private static final double TOLERANCE = 1e-10;

  private static final int DATA_SETS = 20;

  /** A regression: its distribution, mean and variance as functions of z. */
  enum Regression {
    LOGISTIC(
        new Bernoulli(1),
        z -> 1 / (1 + Math.exp(-z)),
        z -> 1 / ((1 + Math.exp(-z)) * (1 + Math.exp(z)))),
    POISSON(new Poisson(1), Math::exp, Math::exp);

    final OutputDistribution distribution;
    final DoubleUnaryOperator mean;
    final DoubleUnaryOperator variance;

    Regression(
        OutputDistribution distribution, DoubleUnaryOperator mean, DoubleUnaryOperator variance) {
      this.distribution = distribution;
      this.mean = mean;
      this.variance = variance;
    }

    /** A draw by inversion. */
    double draw(double z, Random random) {
      double u = random.nextDouble();
      if (this == LOGISTIC) {
        return u < mean.applyAsDouble(z) ? 1 : 0;
      }
      double rate = mean.applyAsDouble(z);
      double p = Math.exp(-rate);
      int k = 0;
      for (double below = p; u > below && k < 100; below += p) {
        k++;
        p *= rate / k;
      }
      return k;
    }
  }

  /** Rows with a last 1 for the bias, and one target each. */
  private record Data(double[][] x, double[] y) {
    static Data of(Regression regression, long seed) {
      Random random = new Random(seed);
      double[][] x = new double[SAMPLES][];
      double[] y = new double[SAMPLES];
      double[] truth = NaiveDense.gaussian(INPUTS + 1, random);
      for (int i = 0; i < SAMPLES; i++) {
        x[i] = NaiveDense.gaussian(INPUTS + 1, random);
        x[i][INPUTS] = 1;
        y[i] = regression.draw(0.3 * NaiveDense.dot(x[i], truth), random);
      }
      return new Data(x, y);
    }

    /** The best bias alone for counts, from where Newton does not overshoot; else 0. */
    double[] start(Regression regression) {
      double[] theta = new double[INPUTS + 1];
      if (regression == Regression.POISSON) {
        theta[INPUTS] = Math.log(Arrays.stream(y).average().orElseThrow());
      }
      return theta;
    }

    /** (XᵀVX)⁻¹Xᵀ(y − μ). */
    double[] newtonStep(Regression regression, double[] theta) {
      int n = theta.length;
      double[][] a = new double[n][n];
      double[] b = new double[n];
      for (int i = 0; i < x.length; i++) {
        double z = NaiveDense.dot(x[i], theta);
        double variance = regression.variance.applyAsDouble(z);
        for (int p = 0; p < n; p++) {
          b[p] += x[i][p] * (y[i] - regression.mean.applyAsDouble(z));
          for (int q = 0; q < n; q++) {
            a[p][q] += variance * x[i][p] * x[i][q];
          }
        }
      }
      return NaiveDense.solve(a, b);
    }
  }

  @ParameterizedTest
  @EnumSource(Regression.class)
  void undampedStepsAreNewtonsToTheEstimate(Regression regression) {
    Mlp model = Mlp.of(INPUTS, List.of(), Activation.TANH, 1);
    Problem problem = new Problem(model, regression.distribution, SAMPLES, Precision.F64, 0);
    NaturalGradientOptions options = NaturalGradientOptions.within(1e12).withDamping(0, false);
    for (Solve solve :
        List.of(
            new Solve.Dense(),
            new Solve.ConjugateGradients(60, 1e-15, Solve.Preconditioner.DIAGONAL))) {
      for (int seed = 0; seed < DATA_SETS; seed++) {
        follow(regression, Data.of(regression, seed), problem, options.withSolve(solve));
      }
    }
  }

  private static void follow(
      Regression regression, Data data, Problem problem, NaturalGradientOptions options) {
    double[] newton = data.start(regression);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      optimizer.parameters().copyFrom(newton, 0);
      Mat x = Mat.allocate(workspace, SAMPLES, INPUTS, Precision.F64);
      Mat y = Mat.allocate(workspace, SAMPLES, 1, Precision.F64);
      for (int i = 0; i < SAMPLES; i++) {
        x.copyRowFrom(i, data.x[i], 0);
        y.set(i, 0, data.y[i]);
      }
      for (int step = 0; step < 12; step++) {
        double[] change = data.newtonStep(regression, newton);
        for (int p = 0; p < newton.length; p++) {
          newton[p] += change[p];
        }
        StepOutcome outcome = optimizer.step(x, y);
        // Once the last change is lost in the loss's rounding, a step may be refused.
        assertTrue(
            outcome.status().accepted() || NaiveDense.norm(change) < 1e-6, outcome::toString);
        assertArrayEquals(
            newton, optimizer.parameters().toArray(), TOLERANCE, () -> regression + " " + outcome);
      }
      assertTrue(NaiveDense.norm(data.newtonStep(regression, newton)) < 1e-13);
    }
  }
}
