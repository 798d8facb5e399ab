package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Problems that gradient descent cannot do: a curved valley, a condition number of 10⁸, a plateau.
 */
class HardProblemsTest {
  private static final int FEW = 60;
  private static final int MANY = 50 * FEW;

  /** Steps until the loss is below a target, or the limit. */
  private static int steps(Optimizer optimizer, Mat x, Mat y, double target, int limit) {
    for (int step = 1; step <= limit; step++) {
      if (optimizer.step(x, y).lossBefore() <= target) {
        return step - 1;
      }
    }
    return limit;
  }

  private static int bestDescent(
      Problem problem, double[] start, Mat x, Mat y, double target, double... rates) {
    int best = MANY;
    for (double rate : rates) {
      GradientDescent descent = new GradientDescent(x.workspace(), problem, rate);
      descent.parameters().copyFrom(start, 0);
      best = Math.min(best, steps(descent, x, y, target, MANY));
    }
    return best;
  }

  @Test
  void rosenbrocksValley() {
    Problem problem = new Problem(new Rosenbrock(), new Gaussian(2), 1, Precision.F64, 0);
    double[] start = {-1.2, 1};
    double least = Math.log(2 * Math.PI);
    try (Workspace workspace = Workspace.create()) {
      Mat x = Trial.mat(workspace, new double[][] {{0}}, Precision.F64);
      Mat y = Trial.mat(workspace, new double[][] {{0, 1}}, Precision.F64);
      NaturalGradient natural =
          new NaturalGradient(
              workspace, problem, NaturalGradientOptions.within(1).withDamping(1e-3, true));
      natural.parameters().copyFrom(start, 0);
      int few = steps(natural, x, y, least + 1e-10, FEW);
      assertTrue(few < FEW, () -> "not there: " + natural.step(x, y));
      int many = bestDescent(problem, start, x, y, least + 1e-10, 1e-4, 5e-4, 1e-3, 2e-3, 5e-3);
      assertTrue(many >= 20 * few, () -> few + " against " + many);
    }
  }

  @Test
  void logisticRegressionOfConditionTenToTheEight() {
    Mlp model = Mlp.of(2, List.of(), Activation.TANH, 1);
    Problem problem = new Problem(model, new Bernoulli(1), 200, Precision.F64, 0);
    Random random = new Random(12);
    double[][] rows = new double[200][];
    double[][] targets = new double[200][1];
    for (int i = 0; i < 200; i++) {
      rows[i] = new double[] {random.nextGaussian(), 1e-4 * random.nextGaussian()};
      double p = 1 / (1 + Math.exp(-rows[i][0] - 1.5e4 * rows[i][1]));
      targets[i][0] = random.nextDouble() < p ? 1 : 0;
    }
    try (Workspace workspace = Workspace.create()) {
      Mat x = Trial.mat(workspace, rows, Precision.F64);
      Mat y = Trial.mat(workspace, targets, Precision.F64);
      NaturalGradientOptions options = NaturalGradientOptions.within(0.1).withDamping(0, false);
      NaturalGradient natural = new NaturalGradient(workspace, problem, options);
      double least = Double.POSITIVE_INFINITY;
      for (int step = 0; step < FEW; step++) {
        least = natural.step(x, y).lossAfter();
      }
      natural.parameters().copyFrom(new double[3], 0);
      int few = steps(natural, x, y, least + 1e-6, FEW);
      int many = bestDescent(problem, new double[3], x, y, least + 1e-6, 0.1, 1, 3, 10, 30);
      assertTrue(few <= 15 && many == MANY, () -> few + " against " + many);
    }
  }

  /**
   * ln of the density of p·N(μ, 1) + (1 − p)·N(ν, 1) at the bins of a histogram, θ = (logit p, μ,
   * ν): as logits of a categorical distribution the likelihood of a mixture, binned.
   */
  private static final class Mixture extends Residuals {
    static final int BINS = 61;

    Mixture() {
      super(3, BINS);
    }

    private static double at(int bin) {
      return (bin - BINS / 2) / 5.0;
    }

    private static double logDensity(double mean, int bin) {
      return -0.5 * (at(bin) - mean) * (at(bin) - mean);
    }

    /** The part of the first component in the density at a bin. */
    private static double first(double[] theta, int bin) {
      double odds = theta[0] + logDensity(theta[1], bin) - logDensity(theta[2], bin);
      return 1 / (1 + Math.exp(-odds));
    }

    @Override
    double[] at(double[] theta) {
      double[] z = new double[BINS];
      double p = 1 / (1 + Math.exp(-theta[0]));
      for (int bin = 0; bin < BINS; bin++) {
        double one = Math.log(p) + logDensity(theta[1], bin);
        double other = Math.log1p(-p) + logDensity(theta[2], bin);
        double max = Math.max(one, other);
        z[bin] = max + Math.log(Math.exp(one - max) + Math.exp(other - max));
      }
      return z;
    }

    @Override
    double[][] jacobian(double[] theta) {
      double p = 1 / (1 + Math.exp(-theta[0]));
      double[][] jacobian = new double[BINS][];
      for (int bin = 0; bin < BINS; bin++) {
        double first = first(theta, bin);
        double up = first * (at(bin) - theta[1]);
        jacobian[bin] = new double[] {first - p, up, (1 - first) * (at(bin) - theta[2])};
      }
      return jacobian;
    }
  }

  /** Components that begin in each other's place, on the plateau between the two modes. */
  @Test
  void aMixtureOfTwoModes() {
    double[] truth = {-0.7, -1.6, 1.7};
    double[] start = {0, -0.5, 0.5};
    Mixture mixture = new Mixture();
    Problem problem = new Problem(mixture, new Categorical(Mixture.BINS), 1, Precision.F64, 0);
    double[] z = mixture.at(truth);
    double total = 0;
    for (double value : z) {
      total += Math.exp(value);
    }
    double[][] frequencies = new double[1][Mixture.BINS];
    double least = 0;
    for (int bin = 0; bin < Mixture.BINS; bin++) {
      frequencies[0][bin] = Math.exp(z[bin]) / total;
      least -= frequencies[0][bin] * Math.log(frequencies[0][bin]);
    }
    try (Workspace workspace = Workspace.create()) {
      Mat x = Trial.mat(workspace, new double[][] {{0}}, Precision.F64);
      Mat y = Trial.mat(workspace, frequencies, Precision.F64);
      NaturalGradient natural =
          new NaturalGradient(
              workspace,
              problem,
              NaturalGradientOptions.recommended(problem, Radius.adaptive(1, 100))
                  .withDamping(1e-3, true));
      natural.parameters().copyFrom(start, 0);
      double target = least + 1e-10;
      int few = steps(natural, x, y, target, FEW);
      assertTrue(few < FEW, () -> "not there: " + natural.step(x, y));
      double[] found = natural.parameters().toArray();
      for (int p = 0; p < truth.length; p++) {
        // KL = ½δᵀFδ ≤ 1e-10 with F of a smallest eigenvalue above 0.01 at the truth.
        assertEquals(truth[p], found[p], 2e-4, "parameter " + p);
      }
      int many = bestDescent(problem, start, x, y, target, 0.1, 0.3, 1, 3, 10);
      assertTrue(many >= 3 * few, () -> few + " against " + many);
    }
  }
}
