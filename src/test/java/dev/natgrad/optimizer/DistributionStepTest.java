package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.Laplace;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.FreeOutputs;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Model;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.random.Philox;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps under every distribution, with weights, on the policy surrogate, and a user's own. */
class DistributionStepTest {
  private static final int ROWS = 40;

  private static Mat inputs(Workspace workspace, Precision precision, int cols) {
    Mat x = Mat.allocate(workspace, ROWS, cols, precision);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < cols; j++) {
        x.set(i, j, Philox.normal(1, 0, (long) i * cols + j));
      }
    }
    return x;
  }

  /** Targets drawn from the model at other parameters. */
  private static Mat targets(
      Workspace workspace, Model model, OutputDistribution distribution, Mat x) {
    Precision precision = x.precision();
    Linearization truth = model.linearize(workspace, ROWS, precision);
    Vec theta = Vec.allocate(workspace, model.parameters(), precision);
    for (int p = 0; p < theta.length(); p++) {
      theta.set(p, 0.4 * Philox.normal(2, 0, p));
    }
    Mat z = Mat.allocate(workspace, ROWS, model.outputs(), precision);
    Mat y = Mat.allocate(workspace, ROWS, distribution.targets(), precision);
    truth.evaluate(theta, x, z);
    distribution.mean(z, z);
    distribution.sample(z, 3, 0, y);
    return y;
  }

  private static List<OutputDistribution> distributions() {
    return List.of(
        new Poisson(2),
        new NegativeBinomial(2, 0.5),
        new Gamma(2, 3),
        new DiagonalGaussian(1),
        new Laplace(2, 0.7));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void acceptedStepsStayWithinEpsilonAndLowerTheLoss(Precision precision) {
    double epsilon = 0.01;
    for (OutputDistribution distribution : distributions()) {
      for (KlOver over : KlOver.values()) {
        try (Workspace workspace = Workspace.create()) {
          Mlp model = Mlp.of(3, List.of(4), Activation.TANH, 2);
          Mat x = inputs(workspace, precision, 3);
          Mat y = targets(workspace, model, distribution, x);
          Problem problem = new Problem(model, distribution, ROWS, precision, 0);
          NaturalGradient optimizer =
              new NaturalGradient(
                  workspace, problem, NaturalGradientOptions.within(epsilon).withKlOver(over));
          for (int p = 0; p < model.parameters(); p++) {
            optimizer.parameters().set(p, 0.3 * Philox.normal(4, 0, p));
          }
          Linearization model1 = model.linearize(workspace, ROWS, precision);
          Mat before = Mat.allocate(workspace, ROWS, 2, precision);
          Mat after = Mat.allocate(workspace, ROWS, 2, precision);
          double first = Double.NaN;
          double last = Double.NaN;
          for (int step = 0; step < 10; step++) {
            model1.evaluate(optimizer.parameters(), x, before);
            StepOutcome outcome = optimizer.step(x, y);
            model1.evaluate(optimizer.parameters(), x, after);
            assertTrue(distribution.kl(before, after, over) <= epsilon, outcome::toString);
            first = step == 0 ? outcome.lossBefore() : first;
            last = outcome.lossAfter();
          }
          assertTrue(last < first, distribution + ": " + first + " → " + last);
        }
      }
    }
  }

  /** A weight of 2 steps as the row twice does, a weight of 0 as without it. */
  @Test
  void aWeightedStepIsThatOfRepeatedRows() {
    try (Workspace workspace = Workspace.create()) {
      Mlp model = Mlp.of(3, List.of(), Activation.TANH, 2);
      Mat x = inputs(workspace, Precision.F64, 3);
      Poisson poisson = new Poisson(2);
      Mat y = targets(workspace, model, poisson, x);
      Vec weights = Vec.allocate(workspace, ROWS, Precision.F64);
      Mat x2 = Mat.allocate(workspace, ROWS, 3, Precision.F64);
      Mat y2 = Mat.allocate(workspace, ROWS, 2, Precision.F64);
      for (int i = 0; i < ROWS; i++) {
        weights.set(i, i % 2 == 0 ? 2 : 0);
        for (int j = 0; j < 3; j++) {
          x2.set(i, j, x.get(i / 2 * 2, j));
        }
        for (int j = 0; j < 2; j++) {
          y2.set(i, j, y.get(i / 2 * 2, j));
          if (i % 2 == 1) {
            y.set(i, j, Double.NaN);
          }
        }
      }
      Weighted weighted = new Weighted(workspace, poisson, ROWS, Precision.F64);
      weighted.setWeights(weights);
      // The probes of the preconditioner see other rows, so both solve to the end.
      NaturalGradientOptions options =
          NaturalGradientOptions.within(0.01)
              .withDamping(0, false)
              .withConjugateGradient(60, 1e-13);
      double[] one =
          step(workspace, new Problem(model, weighted, ROWS, Precision.F64, 0), options, x, y);
      double[] two =
          step(workspace, new Problem(model, poisson, ROWS, Precision.F64, 0), options, x2, y2);
      assertArrayEquals(two, one, 1e-9);
    }
  }

  /** The targets of a part of the batch are half as wide as the outputs here. */
  @Test
  void theCurvatureMayBeTakenOnAPart() {
    try (Workspace workspace = Workspace.create()) {
      Mlp model = Mlp.of(3, List.of(4), Activation.TANH, 2);
      DiagonalGaussian base = new DiagonalGaussian(1);
      Mat x = inputs(workspace, Precision.F64, 3);
      Mat y = targets(workspace, model, base, x);
      Problem problem = new Problem(model, base, ROWS, Precision.F64, 0);
      NaturalGradientOptions options =
          NaturalGradientOptions.within(0.01).withCurvature(Curvature.exact().withFraction(0.5));
      long before = workspace.bytesUsed();
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      assertEquals(NaturalGradient.bytes(problem, options), workspace.bytesUsed() - before);
      StepOutcome outcome = optimizer.step(x, y);
      assertTrue(outcome.status().accepted(), outcome::toString);
      Weighted weighted = new Weighted(workspace, base, ROWS, Precision.F64);
      Radius radius = Radius.within(0.01);
      Problem large = new Problem(model, base, 100_000, Precision.F64, 0);
      Problem largeMasked = new Problem(model, weighted, 100_000, Precision.F64, 0);
      assertTrue(NaturalGradientOptions.recommended(large, radius).curvature().fraction() < 1);
      assertEquals(
          1, NaturalGradientOptions.recommended(largeMasked, radius).curvature().fraction());
    }
  }

  /**
   * Equal weights change nothing but rounding of a step on a part; and where the part is all rows,
   * a step with weights is that of the whole batch to the bit.
   */
  @Test
  void aPartOfAWeightedBatchHasItsWeights() {
    Mlp model = Mlp.of(3, List.of(4), Activation.TANH, 2);
    Poisson poisson = new Poisson(2);
    for (Solve solve :
        List.of(Solve.conjugateGradients(), Solve.Kronecker.standard(), new Solve.Dense())) {
      NaturalGradientOptions whole =
          NaturalGradientOptions.within(0.01).withDamping(0.1, false).withSolve(solve);
      NaturalGradientOptions part = whole.withCurvature(Curvature.exact().withFraction(0.4));
      try (Workspace workspace = Workspace.create()) {
        Mat x = inputs(workspace, Precision.F64, 3);
        Mat y = targets(workspace, model, poisson, x);
        Weighted weighted = new Weighted(workspace, poisson, ROWS, Precision.F64);
        Vec weights = Vec.allocate(workspace, ROWS, Precision.F64);
        for (int i = 0; i < ROWS; i++) {
          weights.set(i, 3);
        }
        weighted.setWeights(weights);
        Problem plain = new Problem(model, poisson, ROWS, Precision.F64, 0);
        Problem withWeights = new Problem(model, weighted, ROWS, Precision.F64, 0);
        // With weights the KL is a sum in another order, and with it the length.
        assertArrayEquals(
            step(workspace, plain, part, x, y),
            step(workspace, withWeights, part, x, y),
            16 * ROWS * 0x1p-53);
        for (int i = 0; i < ROWS; i++) {
          weights.set(i, i % 3);
        }
        weighted.setWeights(weights);
        // So close to 1 that the part, copied and with its own weights, is all rows.
        NaturalGradientOptions all =
            whole.withCurvature(Curvature.exact().withFraction(Math.nextDown(1.0)));
        long before = workspace.bytesUsed();
        NaturalGradient optimizer = new NaturalGradient(workspace, withWeights, part);
        assertEquals(NaturalGradient.bytes(withWeights, part), workspace.bytesUsed() - before);
        assertTrue(optimizer.step(x, y).status().accepted());
        assertArrayEquals(
            step(workspace, withWeights, whole, x, y), step(workspace, withWeights, all, x, y));
      }
    }
  }

  private static double[] step(
      Workspace workspace, Problem problem, NaturalGradientOptions options, Mat x, Mat y) {
    NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
    StepOutcome outcome = optimizer.step(x, y);
    assertTrue(outcome.status().accepted(), outcome::toString);
    return optimizer.parameters().toArray();
  }

  /** The free log-variances end where the residuals' mean squares are. */
  @Test
  void sharedLogVariancesReachTheMaximumLikelihood() {
    try (Workspace workspace = Workspace.create()) {
      Model model = new FreeOutputs(Mlp.of(2, List.of(), Activation.TANH, 2), 2);
      DiagonalGaussian distribution = new DiagonalGaussian(2);
      Mat x = inputs(workspace, Precision.F64, 2);
      Mat y = targets(workspace, model, distribution, x);
      Problem problem = new Problem(model, distribution, ROWS, Precision.F64, 0);
      NaturalGradient optimizer =
          new NaturalGradient(
              workspace,
              problem,
              NaturalGradientOptions.within(0.5)
                  .withDamping(0, false)
                  .withConjugateGradient(60, 1e-14));
      for (int step = 0; step < 40; step++) {
        optimizer.step(x, y);
      }
      Mat z = Mat.allocate(workspace, ROWS, 4, Precision.F64);
      model.linearize(workspace, ROWS, Precision.F64).evaluate(optimizer.parameters(), x, z);
      for (int j = 0; j < 2; j++) {
        double square = 0;
        for (int i = 0; i < ROWS; i++) {
          square += Math.pow(y.get(i, j) - z.get(i, j), 2) / ROWS;
        }
        // A loss is flat to √u of its minimum.
        assertEquals(Math.log(square), z.get(0, 2 + j), 1e-6);
      }
    }
  }

  /** A bandit: the policy learns the action that pays, each step within ε of the last. */
  @Test
  void thePolicySurrogateIsLowered() {
    try (Workspace workspace = Workspace.create()) {
      Model model = new FreeOutputs(Mlp.of(1, List.of(), Activation.TANH, 1), 1);
      DiagonalGaussian policy = new DiagonalGaussian(1);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, Precision.F64);
      Problem problem = new Problem(model, policy, surrogate, ROWS, Precision.F64, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(0.02));
      Linearization forward = model.linearize(workspace, ROWS, Precision.F64);
      Mat x = inputs(workspace, Precision.F64, 1);
      Mat z = Mat.allocate(workspace, ROWS, 2, Precision.F64);
      Mat m = Mat.allocate(workspace, ROWS, 2, Precision.F64);
      Mat actions = Mat.allocate(workspace, ROWS, 1, Precision.F64);
      Vec advantages = Vec.allocate(workspace, ROWS, Precision.F64);
      double[] reward = new double[60];
      for (int round = 0; round < reward.length; round++) {
        forward.evaluate(optimizer.parameters(), x, z);
        policy.mean(z, m);
        policy.sample(m, 9, round, actions);
        for (int i = 0; i < ROWS; i++) {
          double off = actions.get(i, 0) - 2 * x.get(i, 0) - 1;
          advantages.set(i, -off * off);
          reward[round] -= off * off / ROWS;
        }
        for (int i = 0; i < ROWS; i++) {
          advantages.set(i, advantages.get(i) - reward[round]);
        }
        surrogate.setBatch(advantages, z, actions);
        StepOutcome outcome = optimizer.step(x, actions);
        assertTrue(!outcome.status().accepted() || outcome.kl() <= 0.02, outcome::toString);
      }
      assertTrue(reward[reward.length - 1] > 0.2 * reward[0], reward[0] + " → " + reward[59]);
    }
  }
}
