package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.objective.PolicySurrogate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On the policy surrogate, whose curvature F is not, the radius alone says how long a step is. */
class PolicyStepTest {
  private static final int ROWS = 50;
  private static final double EPSILON = 0.01;
  private static final Mlp MODEL = Mlp.of(4, List.of(8), Activation.TANH, 3);

  /** θ after some steps, and the least part of the radius that one of them used. */
  private record Trained(double[] theta, double leastPart) {}

  private static Trained train(Precision precision, double scale) {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, precision);
      Problem problem = new Problem(MODEL, policy, surrogate, ROWS, precision, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(EPSILON));
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      Linearization forward = MODEL.linearize(workspace, ROWS, precision);
      Mat x = Mat.allocate(workspace, ROWS, 4, precision);
      Mat z = Mat.allocate(workspace, ROWS, 3, precision);
      Mat actions = Mat.allocate(workspace, ROWS, 3, precision);
      Vec advantages = Vec.allocate(workspace, ROWS, precision);
      Random random = new Random(2);
      double leastPart = 1;
      for (int round = 0; round < 6; round++) {
        for (int i = 0; i < ROWS; i++) {
          for (int j = 0; j < 4; j++) {
            x.set(i, j, random.nextGaussian());
          }
          advantages.set(i, scale * (float) random.nextGaussian());
        }
        forward.evaluate(optimizer.parameters(), x, z);
        policy.mean(z, z);
        policy.sample(z, 3, round, actions);
        forward.evaluate(optimizer.parameters(), x, z);
        surrogate.setBatch(advantages, z, actions);
        StepOutcome outcome = optimizer.step(x, actions);
        assertTrue(outcome.status().accepted(), outcome::toString);
        leastPart = Math.min(leastPart, outcome.kl() / EPSILON);
      }
      return new Trained(optimizer.parameters().toArray(), leastPart);
    }
  }

  /** Powers of two change no rounding, so not a bit may differ. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void theUnitOfTheAdvantagesDoesNotMatter(Precision precision) {
    Trained plain = train(precision, 1);
    assertTrue(plain.leastPart >= 0.85, () -> plain.leastPart + " of the radius");
    for (double scale : new double[] {0x1p-20, 0x1p20}) {
      assertArrayEquals(plain.theta, train(precision, scale).theta, "advantages times " + scale);
    }
  }

  /** π/π_old of a masked row may be infinite, and 0·∞ is not 0. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void aMaskedRowCountsNothingWhateverWasRecordedOfIt(Precision precision) {
    double[] without = maskedStep(precision, 2, 0, 0);
    double u = MODEL.parameters() * precision.unitRoundoff();
    for (double old : new double[] {-1, -1000, -1e9}) {
      for (double advantage : new double[] {1, 0}) {
        double[] theta = maskedStep(precision, 3, old, advantage);
        assertArrayEquals(without, theta, 64 * u, "log π_old " + old + ", A " + advantage);
      }
    }
  }

  /** θ after a step on two rows and perhaps a third, which is masked. */
  private static double[] maskedStep(Precision precision, int rows, double old, double advantage) {
    try (Workspace workspace = Workspace.create()) {
      Weighted policy = new Weighted(workspace, new Categorical(3), rows, precision);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, rows, precision);
      Problem problem = new Problem(MODEL, policy, surrogate, rows, precision, 0);
      NaturalGradientOptions options =
          NaturalGradientOptions.within(EPSILON).withSolve(new Solve.Dense());
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      Mat x = Mat.allocate(workspace, rows, 4, precision);
      Mat actions = Mat.allocate(workspace, rows, 3, precision);
      Vec weights = Vec.allocate(workspace, rows, precision);
      Vec advantages = Vec.allocate(workspace, rows, precision);
      Vec recorded = Vec.allocate(workspace, rows, precision);
      for (int i = 0; i < rows; i++) {
        x.set(i, i, 1);
        actions.set(i, i, 1);
        weights.set(i, i < 2 ? 1 : 0);
        advantages.set(i, i < 2 ? 2 - 3 * i : advantage);
        recorded.set(i, i < 2 ? -1 : old);
      }
      policy.setWeights(weights);
      surrogate.setBatch(advantages, recorded);
      StepOutcome outcome = optimizer.step(x, actions);
      assertTrue(outcome.status().accepted(), outcome::toString);
      return optimizer.parameters().toArray();
    }
  }

  /** ρ stays near 1, by which a radius without a cap grew to 2e66 nats. */
  @Test
  void theRecommendedRadiusDoesNotGrow() {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, Precision.F64);
      for (Mlp model : List.of(MODEL, Mlp.linear(4, 3, true))) {
        Problem problem = new Problem(model, policy, surrogate, ROWS, Precision.F64, 0);
        Radius radius = NaturalGradientOptions.recommended(problem).radius();
        assertFalse(radius.adapt());
        assertEquals(0.01, radius.epsilon().at(0));
        Radius own = Radius.within(0.1);
        assertEquals(
            0.1, NaturalGradientOptions.recommended(problem, own).radius().epsilon().at(7));
      }
    }
  }

  /** Without advantages the penalty is all there is: its parabola is known, and so its minimum. */
  @Test
  void thePenaltysMinimumLimitsTheStep() {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, ROWS, Precision.F64);
      Problem problem = new Problem(MODEL, policy, surrogate, ROWS, Precision.F64, 0.1);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(1e6));
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      Mat x = Mat.allocate(workspace, ROWS, 4, Precision.F64);
      Mat actions = Mat.allocate(workspace, ROWS, 3, Precision.F64);
      double[] row = {1, 0, 0};
      for (int i = 0; i < ROWS; i++) {
        x.set(i, i % 4, 1);
        actions.copyRowFrom(i, row, 0);
      }
      Vec advantages = Vec.allocate(workspace, ROWS, Precision.F64);
      surrogate.setBatch(advantages, advantages);
      StepOutcome outcome = optimizer.step(x, actions);
      assertEquals(StepStatus.ACCEPTED, outcome.status(), outcome::toString);
      // A difference of two sums over P, each of relative error below γ of P, that is not small.
      double u = MODEL.parameters() * 0x1p-53;
      double sum = outcome.lossBefore() / (outcome.lossBefore() - outcome.lossAfter());
      assertEquals(1, outcome.reductionRatio(), 16 * u * (1 + sum), outcome::toString);
    }
  }

  /** A ratio beyond all numbers ends the step and is seen in its status; θ stays bit for bit. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void anInfiniteRatioIsAStatusAndNaNIsRefused(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Categorical policy = new Categorical(3);
      PolicySurrogate surrogate = new PolicySurrogate(workspace, policy, 2, precision);
      Problem problem = new Problem(MODEL, policy, surrogate, 2, precision, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(EPSILON));
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      Mat x = Trial.mat(workspace, new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0}}, precision);
      Mat actions = Trial.mat(workspace, new double[][] {{1, 0, 0}, {0, 1, 0}}, precision);
      long[] before = Trial.bits(optimizer.parameters());
      Vec old = vector(workspace, -1, -1e4);
      for (double advantage : new double[] {1, -1}) {
        surrogate.setBatch(vector(workspace, 1, advantage), old);
        StepOutcome outcome = optimizer.step(x, actions);
        assertEquals(StepStatus.NON_FINITE, outcome.status(), outcome::toString);
        assertArrayEquals(before, Trial.bits(optimizer.parameters()));
      }
      Vec nan = vector(workspace, 1, Double.NaN);
      assertThrows(IllegalArgumentException.class, () -> surrogate.setBatch(nan, old));
      assertThrows(IllegalArgumentException.class, () -> surrogate.setBatch(old, nan));
      assertThrows(IllegalStateException.class, () -> optimizer.step(x, actions));
      Mat z = Trial.mat(workspace, new double[][] {{0, 0, 0}, {0, Double.NaN, 0}}, precision);
      assertThrows(IllegalArgumentException.class, () -> surrogate.setBatch(old, z, actions));
      assertThrows(IllegalStateException.class, () -> optimizer.step(x, actions));
      assertArrayEquals(before, Trial.bits(optimizer.parameters()));
      surrogate.setBatch(vector(workspace, 1, 0), old);
      StepOutcome outcome = optimizer.step(x, actions);
      assertTrue(outcome.status().accepted(), outcome::toString);
    }
  }

  private static Vec vector(Workspace workspace, double... values) {
    Vec v = Vec.allocate(workspace, values.length, Precision.F64);
    v.copyFrom(values, 0);
    return v;
  }
}
