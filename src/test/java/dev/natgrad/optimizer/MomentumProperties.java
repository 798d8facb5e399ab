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
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/** With momentum the step is the minimum of the quadratic model over direction and last step. */
class MomentumProperties {
  private static final int HIDDEN = 3;
  private static final int BATCH = 8;
  private static final double L2 = 0.05;

  /** Two iterations leave the direction far from the solution, so that the last step counts. */
  private static final NaturalGradientOptions OPTIONS =
      NaturalGradientOptions.within(1e6)
          .withDamping(0, false)
          .withConjugateGradient(2, 0)
          .withMomentum(true);

  @Property(tries = 200)
  void theModelIsStationaryAlongTheLastStepAndTheNewOne(
      @ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    Trial trial =
        new Trial(seed, likelihood, Precision.F64, 2, new int[] {HIDDEN}, Activation.TANH, BATCH);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, L2, OPTIONS);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      double[] last = null;
      for (int step = 0; step < 4; step++) {
        double[] before = optimizer.parameters().toArray();
        StepOutcome outcome = optimizer.step(x, y);
        double[] after = optimizer.parameters().toArray();
        if (!outcome.status().accepted()) {
          last = null;
          continue;
        }
        double[] s = NaiveDense.minus(after, before);
        double[] whole = s.clone();
        for (int p = 0; p < s.length; p++) {
          whole[p] /= outcome.beta();
        }
        Tuple2<double[], double[]> model = model(trial, before, whole);
        double[] g = model.get1();
        double[] slope = new double[g.length];
        for (int p = 0; p < g.length; p++) {
          slope[p] = g[p] + model.get2()[p];
        }
        checkStationary(slope, g, model.get2(), whole, before, outcome);
        assertTrue(NaiveDense.dot(g, whole) < 0, outcome::toString);
        if (last != null && outcome.momentum() != 0) {
          checkStationary(slope, g, model.get2(), last, before, outcome);
        }
        last = s;
      }
    }
  }

  /**
   * vᵀ(g + (F + l2)s) = 0, within the rounding of θ and of f64 sums over a plane not degenerate.
   */
  private static void checkStationary(
      double[] slope, double[] g, double[] bs, double[] v, double[] theta, StepOutcome outcome) {
    double size = NaiveDense.norm(v) * (NaiveDense.norm(g) + NaiveDense.norm(bs));
    double operations = (200.0 + theta.length) * 0x1p-53;
    double moved = 0x1p-52 * NaiveDense.norm(theta) / outcome.beta() * size / NaiveDense.norm(v);
    assertEquals(0, NaiveDense.dot(slope, v), 1e4 * operations * size + 1e4 * moved);
  }

  /** g and (F + l2)s at θ, from explicit Jacobians. */
  private static Tuple2<double[], double[]> model(Trial trial, double[] theta, double[] s) {
    NaiveFisher oracle = new NaiveFisher(2, HIDDEN, trial.model.outputs(), theta);
    double[][][] jacobians = new double[BATCH][][];
    double[][][] fishers = new double[BATCH][][];
    double[] g = new double[theta.length];
    for (int i = 0; i < BATCH; i++) {
      double[] z = oracle.outputs(trial.x[i]);
      double[] mean = trial.likelihood.mean(z);
      jacobians[i] = oracle.jacobian(trial.x[i]);
      fishers[i] =
          NaiveFisher.outputFisher(trial.distribution().name(), z, NaiveLikelihood.VARIANCE);
      double variance = trial.likelihood == NaiveLikelihood.GAUSSIAN ? NaiveLikelihood.VARIANCE : 1;
      for (int k = 0; k < z.length; k++) {
        for (int p = 0; p < g.length; p++) {
          g[p] += jacobians[i][k][p] * (mean[k] - trial.y[i][k]) / variance / BATCH;
        }
      }
    }
    double[] bs = NaiveDense.product(NaiveFisher.average(jacobians, fishers), s);
    for (int p = 0; p < g.length; p++) {
      g[p] += L2 * theta[p];
      bs[p] += L2 * s[p];
    }
    return Tuple.of(g, bs);
  }

  /** On a quadratic problem the plane of direction and last step is what makes CG fast. */
  @Property(tries = 50)
  void oneIterationWithMomentumIsConjugateGradientsItself(@ForAll long seed) {
    Trial trial = new Trial(seed, NaiveLikelihood.GAUSSIAN, Precision.F64, 6, new int[0], null, 40);
    double[] after = new double[2];
    for (int momentum = 0; momentum < 2; momentum++) {
      NaturalGradientOptions options =
          OPTIONS.withConjugateGradient(1, 0).withMomentum(momentum == 1);
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer = trial.natural(workspace, 0, options);
        Mat x = trial.mat(workspace, trial.x);
        Mat y = trial.mat(workspace, trial.y);
        for (int step = 0; step < 8; step++) {
          after[momentum] = optimizer.step(x, y).lossAfter();
        }
      }
    }
    assertTrue(after[1] <= after[0] + 1e-9, () -> after[1] + " with, " + after[0] + " without");
  }
}
