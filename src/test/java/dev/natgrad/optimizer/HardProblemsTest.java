package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Problems that gradient descent cannot do: a curved valley, and a condition number of 10⁸. */
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
}
