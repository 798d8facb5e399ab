package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Mlp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ρ does to λ and, in automatic mode, to ε. */
class DampingTest {
  private static final double START = 10;

  private static StepOutcome withRatio(double rho) {
    StepOutcome outcome = new StepOutcome();
    outcome.reductionRatio = rho;
    return outcome;
  }

  private static RadiusAndDamping fixed(Precision precision) {
    return new RadiusAndDamping(NaturalGradientOptions.within(0.01), precision);
  }

  @Test
  void dampingFallsWhereTheModelIsGoodAndRisesWhereItIsPoor() {
    RadiusAndDamping control = fixed(Precision.F64);
    control.learn(StepStatus.ACCEPTED, withRatio(Math.nextUp(0.75)), true);
    assertEquals(START * 2 / 3, control.lambda(), 4 * Math.ulp(START));
    for (double rho : new double[] {0.75, 0.5, 0.25}) {
      control.learn(StepStatus.SHORTENED, withRatio(rho), true);
      assertEquals(START * 2 / 3, control.lambda(), 4 * Math.ulp(START));
    }
    control.learn(StepStatus.ACCEPTED, withRatio(Math.nextDown(0.25)), true);
    assertEquals(START, control.lambda(), 8 * Math.ulp(START));
    control.learn(StepStatus.ACCEPTED, withRatio(Double.NaN), true);
    assertEquals(START * 1.5, control.lambda(), 8 * Math.ulp(START));
  }

  @Test
  void everyRefusalRaisesDampingFourfold() {
    RadiusAndDamping control = fixed(Precision.F64);
    control.failed();
    control.learn(StepStatus.REJECTED_KL, withRatio(0.9), true);
    control.learn(StepStatus.REJECTED_OBJECTIVE, withRatio(0.9), false);
    assertEquals(64 * START, control.lambda());
  }

  @Test
  void dampingStaysBetweenItsFloorAndItsLimit() {
    for (Precision precision : Precision.values()) {
      RadiusAndDamping control = fixed(precision);
      for (int i = 0; i < 200; i++) {
        control.learn(StepStatus.ACCEPTED, withRatio(1), true);
      }
      assertEquals(Math.sqrt(precision.unitRoundoff()), control.lambda());
      for (int i = 0; i < 200; i++) {
        control.failed();
      }
      assertEquals(1e6, control.lambda());
    }
  }

  @Test
  void dampingThatStartsBelowTheFloorNeverFallsAndAboveTheLimitNeverRises() {
    NaturalGradientOptions options = NaturalGradientOptions.within(0.01);
    RadiusAndDamping low = new RadiusAndDamping(options.withDamping(1e-12, true), Precision.F64);
    low.learn(StepStatus.ACCEPTED, withRatio(1), true);
    assertEquals(1e-12, low.lambda());
    RadiusAndDamping high = new RadiusAndDamping(options.withDamping(1e9, true), Precision.F64);
    high.failed();
    assertEquals(1e9, high.lambda());
  }

  @Test
  void dampingThatStartsAtZeroCanRise() {
    for (Precision precision : Precision.values()) {
      NaturalGradientOptions options = NaturalGradientOptions.within(0.01).withDamping(0, true);
      RadiusAndDamping control = new RadiusAndDamping(options, precision);
      control.learn(StepStatus.ACCEPTED, withRatio(1), true);
      assertEquals(0, control.lambda());
      control.failed();
      assertEquals(4 * Math.sqrt(precision.unitRoundoff()), control.lambda());
      for (int i = 0; i < 200; i++) {
        control.failed();
      }
      assertEquals(1e6, control.lambda());
    }
  }

  @Test
  void fixedDampingAndFixedRadiusNeverMove() {
    NaturalGradientOptions options = NaturalGradientOptions.within(0.01).withDamping(0.5, false);
    RadiusAndDamping control = new RadiusAndDamping(options, Precision.F64);
    for (StepStatus status : StepStatus.values()) {
      for (double rho : new double[] {-1, 0, 0.5, 1, Double.NaN}) {
        control.learn(status, withRatio(rho), true);
        control.failed();
        assertEquals(0.5, control.lambda());
        assertEquals(0.01, control.epsilon());
      }
    }
  }

  @Test
  void theAutomaticRadiusFollowsTheRatio() {
    RadiusAndDamping control =
        new RadiusAndDamping(NaturalGradientOptions.automatic(), Precision.F64);
    double epsilon = control.epsilon();
    control.learn(StepStatus.ACCEPTED, withRatio(0.9), false);
    assertEquals(epsilon, control.epsilon(), "the radius did not limit the step");
    control.learn(StepStatus.ACCEPTED, withRatio(0.5), true);
    assertEquals(epsilon, control.epsilon());
    control.learn(StepStatus.ACCEPTED, withRatio(0.9), true);
    assertEquals(1.5 * epsilon, control.epsilon());
    control.learn(StepStatus.SHORTENED, withRatio(0.1), true);
    assertEquals(0.9 * epsilon, control.epsilon(), 4 * Math.ulp(epsilon));
    double before = control.epsilon();
    control.learn(StepStatus.REJECTED_KL, withRatio(0.9), true);
    assertTrue(control.epsilon() < 0.5 * before);
  }

  @Test
  void onlyAnAutomaticRadiusIsKeptAboveTheRoundingOfTheKl() {
    RadiusAndDamping automatic =
        new RadiusAndDamping(NaturalGradientOptions.automatic(1e-9), Precision.F32);
    automatic.resolve(1e-12);
    assertEquals(1e-9, automatic.epsilon());
    automatic.resolve(1e-10);
    assertEquals(1e-8, automatic.epsilon(), Math.ulp(1e-8));
    RadiusAndDamping fixed = fixed(Precision.F32);
    fixed.resolve(1);
    assertEquals(0.01, fixed.epsilon());
  }

  /** One batch with outputs far off made ε NaN or infinite for good. */
  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void oneUnresolvedBatchDoesNotMoveTheRadius(double resolution) {
    RadiusAndDamping control =
        new RadiusAndDamping(NaturalGradientOptions.automatic(), Precision.F32);
    double before = control.epsilon();
    control.resolve(resolution);
    assertEquals(before, control.epsilon());
    control.skipped();
    control.resolve(1e-12);
    assertEquals(before, control.epsilon());
  }

  /**
   * Every feature is 1 in two rows, whose probabilities are ½ at the start: a probe of its entry of
   * diag(F) is 0 in one case of two, all eight are for eight features of 2,000.
   */
  @ParameterizedTest
  @EnumSource
  void featuresWhoseProbesCancelDoNotStopTheStep(Precision precision) {
    int features = 2000;
    int rows = 50;
    try (Workspace workspace = Workspace.create()) {
      Problem problem =
          new Problem(Mlp.linear(features, 1, false), new Bernoulli(1), rows, precision, 0);
      NaturalGradient optimizer =
          new NaturalGradient(
              workspace,
              problem,
              NaturalGradientOptions.within(0.01).withDampingScale(Damping.Scale.DIAGONAL));
      Mat x = Mat.allocate(workspace, rows, features, precision);
      Mat y = Mat.allocate(workspace, rows, 1, precision);
      for (int j = 0; j < features; j++) {
        x.set(j % rows, j, 1);
        x.set((j + 1 + j / rows) % rows, j, 1);
      }
      for (int i = 0; i < rows; i++) {
        y.set(i, 0, i % 3 == 0 ? 1 : 0);
      }
      for (int step = 0; step < 3; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        assertTrue(outcome.status().accepted(), outcome::toString);
        assertEquals(DirectionSource.CONJUGATE_GRADIENTS, outcome.source());
      }
    }
  }
}
