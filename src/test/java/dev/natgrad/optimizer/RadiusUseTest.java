package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the radius is what limits a step, nearly all of it is used, and never more. */
class RadiusUseTest {
  private static final int PROBLEMS = 60;
  private static final int STEPS = 4;

  /** Far from every fit, so that the objective never limits a step; tanh bends the KL. */
  @ParameterizedTest
  @CsvSource({
    "0,F64,MEAN,OLD_NEW,0.99",
    "0,F32,MEAN,NEW_OLD,0.99",
    "4,F64,MEAN,OLD_NEW,0.9",
    "4,F64,MAXIMUM,NEW_OLD,0.9",
    "4,F32,MAXIMUM,OLD_NEW,0.9",
  })
  void theRadiusIsUsedUp(
      int hidden, Precision precision, KlOver over, KlDirection direction, double share) {
    int steps = 0;
    int full = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      int[] widths = hidden == 0 ? new int[0] : new int[] {hidden};
      Trial trial =
          new Trial(seed, NaiveLikelihood.GAUSSIAN, precision, 3, widths, Activation.TANH, 12);
      for (double[] row : trial.y) {
        row[0] += 1000;
      }
      double epsilon = Math.pow(10, -4 + 4 * new Random(seed).nextDouble());
      Radius radius = Radius.within(epsilon).withOver(over).withDirection(direction);
      NaturalGradientOptions options = NaturalGradientOptions.within(1).withRadius(radius);
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer = trial.natural(workspace, 0, options);
        Mat x = trial.mat(workspace, trial.x);
        Mat y = trial.mat(workspace, trial.y);
        for (int step = 0; step < STEPS; step++) {
          double[] before = optimizer.parameters().toArray();
          StepOutcome outcome = optimizer.step(x, y);
          double[] after = optimizer.parameters().toArray();
          boolean forward = direction == KlDirection.OLD_NEW;
          Bounded kl = forward ? trial.kl(before, after, over) : trial.kl(after, before, over);
          assertTrue(kl.value() - kl.error() <= epsilon, () -> kl + " in " + outcome);
          steps++;
          full += kl.value() >= 0.9 * epsilon ? 1 : 0;
        }
      }
    }
    assertTrue(full >= share * steps, full + " of " + steps);
  }

  /** Classifiers too, as long as the objective leaves the length to the radius. */
  @ParameterizedTest
  @CsvSource({"CATEGORICAL", "BERNOULLI"})
  void largeStepsOfClassifiersAreBoundedByWhatIsMeasured(NaiveLikelihood likelihood) {
    int lengthened = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Trial trial =
          new Trial(seed, likelihood, Precision.F64, 3, new int[] {5}, Activation.TANH, 12);
      double epsilon = 0.3;
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer =
            trial.natural(workspace, 0, NaturalGradientOptions.within(epsilon));
        StepOutcome outcome =
            optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
        Bounded kl = trial.kl(trial.theta, optimizer.parameters().toArray(), KlOver.MEAN);
        assertTrue(kl.value() <= epsilon, outcome::toString);
        assertTrue(
            Math.abs(kl.value() - outcome.kl()) <= kl.error() + 1e-12 * epsilon,
            () -> "the KL reported is that of the parameters kept: " + kl + " in " + outcome);
        assertTrue(outcome.lossAfter() <= outcome.lossBefore(), outcome::toString);
        lengthened += outcome.trials() > 1 ? 1 : 0;
      }
    }
    assertTrue(lengthened > PROBLEMS / 10, lengthened + " were searched for");
  }
}
