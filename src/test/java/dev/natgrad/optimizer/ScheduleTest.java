package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.memory.Precision;
import org.junit.jupiter.api.Test;

/** λ and ε by step. */
class ScheduleTest {

  @Test
  void valuesByHand() {
    assertEquals(0.3, Schedule.constant(0.3).at(1_000_000));
    Schedule decay = new Schedule.ExponentialDecay(2, 0.5, 0.2);
    assertEquals(2, decay.at(0));
    assertEquals(0.5, decay.at(2));
    assertEquals(0.2, decay.at(10));
    Schedule inverse = new Schedule.InverseTime(3, 10);
    assertEquals(3, inverse.at(0));
    assertEquals(1.5, inverse.at(10));
    assertEquals(1, inverse.at(20));
  }

  @Test
  void radiusAndDampingFollowThemWhateverTheRatio() {
    NaturalGradientOptions options =
        NaturalGradientOptions.within(1)
            .withRadius(Radius.scheduled(new Schedule.InverseTime(0.1, 1)))
            .withDamping(Damping.scheduled(new Schedule.ExponentialDecay(8, 0.5, 0)));
    RadiusAndDamping control = new RadiusAndDamping(options, Precision.F64);
    StepOutcome outcome = new StepOutcome();
    for (int step = 0; step < 5; step++) {
      assertEquals(0.1 / (1 + step), control.epsilon(), 1e-17);
      assertEquals(8 * Math.pow(0.5, step), control.lambda());
      outcome.reductionRatio = step - 2;
      switch (step % 4) {
        case 0 -> control.learn(StepStatus.ACCEPTED, outcome, true);
        case 1 -> control.learn(StepStatus.REJECTED_KL, outcome, true);
        case 2 -> control.failed();
        default -> control.skipped();
      }
    }
  }

  @Test
  void movesOfAPaceHappenAtItsSteps() {
    NaturalGradientOptions options =
        NaturalGradientOptions.within(1)
            .withRadius(Radius.adaptive(0.1, 0.2).withEvery(2))
            .withDamping(Damping.adaptive(1).withPace(3, 0.5, 0.3));
    RadiusAndDamping control = new RadiusAndDamping(options, Precision.F64);
    StepOutcome good = new StepOutcome();
    good.reductionRatio = 1;
    double[] lambdas = {1, 1, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3};
    double[] epsilons = {0.1, 0.15, 0.15, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2};
    for (int step = 0; step < lambdas.length; step++) {
      control.learn(StepStatus.ACCEPTED, good, true);
      assertEquals(lambdas[step], control.lambda(), "λ after step " + step);
      assertEquals(epsilons[step], control.epsilon(), 1e-16, "ε after step " + step);
    }
  }

  @Test
  void rangesAreChecked() {
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      illegal(() -> Schedule.constant(bad));
      illegal(() -> new Schedule.ExponentialDecay(bad, 0.5, 0));
      illegal(() -> new Schedule.ExponentialDecay(1, 0.5, bad));
      illegal(() -> new Schedule.InverseTime(bad, 1));
      illegal(() -> new Schedule.InverseTime(1, bad));
      illegal(() -> Damping.adaptive(bad));
      illegal(() -> Damping.adaptive(1).withPace(1, 0.5, bad));
      illegal(() -> Radius.within(bad));
      illegal(() -> Radius.adaptive(bad, 1));
    }
    illegal(() -> new Schedule.ExponentialDecay(1, 0, 0));
    illegal(() -> new Schedule.ExponentialDecay(1, 1.5, 0));
    illegal(() -> new Schedule.InverseTime(1, 0));
    illegal(() -> Damping.adaptive(1).withPace(0, 0.5, 0));
    illegal(() -> Damping.adaptive(1).withPace(1, 1, 0));
    illegal(() -> Radius.within(1).withEvery(0));
    illegal(() -> Radius.adaptive(1, 0));
    illegal(() -> Curvature.exact().withFraction(0));
    illegal(() -> Curvature.exact().withFraction(1.5));
    illegal(() -> Curvature.sampled(0));
    illegal(() -> new Solve.ConjugateGradients(0, 0.1, Solve.Preconditioner.DIAGONAL));
    illegal(() -> new Solve.ConjugateGradients(1, 1, Solve.Preconditioner.DIAGONAL));
  }

  private static void illegal(org.junit.jupiter.api.function.Executable call) {
    assertThrows(IllegalArgumentException.class, call);
  }
}
