package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.NaiveFisher;
import dev.natgrad.oracle.NaiveLikelihood;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** ρ, the objective and the gradient norm reported are those of a direct evaluation. */
class ModelOfTheStepProperties {
  private static final int HIDDEN = 3;
  private static final int BATCH = 8;

  @Property(tries = 300)
  void theReductionRatioIsThatOfTheExplicitModel(
      @ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    Trial trial =
        new Trial(seed, likelihood, Precision.F64, 2, new int[] {HIDDEN}, Activation.TANH, BATCH);
    double l2 = trial.random.nextBoolean() ? 0 : 0.05;
    try (Workspace workspace = Workspace.create()) {
      NaturalGradientOptions options = NaturalGradientOptions.within(0.05).withDamping(1, true);
      NaturalGradient optimizer = trial.natural(workspace, l2, options);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int step = 0; step < 3; step++) {
        double[] before = optimizer.parameters().toArray();
        StepOutcome outcome = optimizer.step(x, y);
        if (outcome.status().accepted()) {
          check(trial, before, optimizer.parameters().toArray(), l2, outcome);
        }
      }
    }
  }

  private static void check(
      Trial trial, double[] before, double[] after, double l2, StepOutcome outcome) {
    NaiveFisher oracle = new NaiveFisher(2, HIDDEN, trial.model.outputs(), before);
    double[][][] jacobians = new double[BATCH][][];
    double[][][] fishers = new double[BATCH][][];
    double[] g = new double[before.length];
    for (int i = 0; i < BATCH; i++) {
      double[] z = oracle.outputs(trial.x[i]);
      double[] mean = trial.likelihood.mean(z);
      jacobians[i] = oracle.jacobian(trial.x[i]);
      fishers[i] = NaiveFisher.outputFisher(name(trial), z, NaiveLikelihood.VARIANCE);
      double variance = trial.likelihood == NaiveLikelihood.GAUSSIAN ? NaiveLikelihood.VARIANCE : 1;
      for (int k = 0; k < z.length; k++) {
        for (int p = 0; p < g.length; p++) {
          g[p] += jacobians[i][k][p] * (mean[k] - trial.y[i][k]) / variance / BATCH;
        }
      }
    }
    double[] s = NaiveDense.minus(after, before);
    double[] fs = NaiveDense.product(NaiveFisher.average(jacobians, fishers), s);
    for (int p = 0; p < g.length; p++) {
      g[p] += l2 * before[p];
    }
    double foreseen =
        -NaiveDense.dot(g, s) - 0.5 * (NaiveDense.dot(s, fs) + l2 * NaiveDense.dot(s, s));
    double was = trial.objective(before, l2);
    double is = trial.objective(after, l2);
    double lossError = trial.objectiveError(before, l2) + trial.objectiveError(after, l2);
    assertEquals(was, outcome.lossBefore(), lossError);
    assertEquals(is, outcome.lossAfter(), lossError);
    assertEquals(NaiveDense.norm(g), outcome.gradientNorm(), gamma(g.length) * size(g));
    // s is a difference of stored parameters, each rounded once.
    double modelError =
        gamma(g.length) * (size(g) * size(s) + 4 * size(s) * size(fs))
            + 0x1p-52 * size(before) * (size(g) + size(fs));
    double tolerance = (lossError + 2 * Math.abs(was - is) * modelError / foreseen) / foreseen;
    assertTrue(tolerance < 1e-3, () -> "the oracle cannot tell: " + tolerance);
    assertEquals((was - is) / foreseen, outcome.reductionRatio(), tolerance, outcome::toString);
  }

  private static String name(Trial trial) {
    return trial.distribution().name();
  }

  /** Jacobians of a few dozen operations, averaged over the batch. */
  private static double gamma(int parameters) {
    double operations = (40.0 + BATCH + parameters) * 0x1p-53;
    return 16 * operations / (1 - operations);
  }

  private static double size(double[] v) {
    double sum = 1;
    for (double value : v) {
      sum += Math.abs(value);
    }
    return sum;
  }
}
