package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A further step on the same batch, which begins with what the last one measured. */
class StepAgainTest {
  private static final List<NaturalGradientOptions> OPTIONS =
      List.of(
          NaturalGradientOptions.within(0.01),
          NaturalGradientOptions.within(0.5),
          NaturalGradientOptions.automatic(),
          NaturalGradientOptions.automatic(1)
              .withSolve(Solve.Kronecker.standard())
              .withMomentum(true)
              .withCurvature(Curvature.exact().withFraction(0.5)),
          NaturalGradientOptions.within(0.1).withDamping(1e-3, true).withSolve(new Solve.Dense()),
          NaturalGradientOptions.automatic(0.5)
              .withSolve(
                  new Solve.ConjugateGradients(20, 1e-6, Solve.Preconditioner.DIAGONAL)
                      .withCandidates(5)));

  @ParameterizedTest
  @EnumSource
  void givesTheBitsOfAStep(Precision precision) {
    int refused = 0;
    for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
      for (NaturalGradientOptions options : OPTIONS) {
        Trial trial = new Trial(3, likelihood, precision, 3, new int[] {5}, Activation.TANH, 20);
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient plain = trial.natural(workspace, 1e-3, options);
          NaturalGradient again = trial.natural(workspace, 1e-3, options);
          Mat x = trial.mat(workspace, trial.x);
          Mat y = trial.mat(workspace, trial.y);
          again.step(x, y);
          plain.step(x, y);
          for (int step = 0; step < 25; step++) {
            StepOutcome one = plain.step(x, y);
            StepOutcome other = again.stepAgain(x, y);
            refused += one.status().accepted() ? 0 : 1;
            assertEquals(one.toString(), other.toString());
            assertArrayEquals(Trial.bits(plain.parameters()), Trial.bits(again.parameters()));
          }
          // Another batch is evaluated, whatever it is called with.
          Mat fewX = x.top(7);
          Mat fewY = y.top(7);
          assertEquals(plain.step(fewX, fewY).toString(), again.stepAgain(fewX, fewY).toString());
          assertArrayEquals(Trial.bits(plain.parameters()), Trial.bits(again.parameters()));
        }
      }
    }
    assertTrue(refused >= 0);
  }
}
