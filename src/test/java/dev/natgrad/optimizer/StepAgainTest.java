package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.List;
import org.junit.jupiter.api.Test;
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
  }

  /** The outputs of the batch before were taken for those of a batch that had no time. */
  @Test
  void aBatchThatHadNoTimeIsEvaluated() {
    NaiveLikelihood likelihood = NaiveLikelihood.values()[0];
    Trial trial = new Trial(3, likelihood, Precision.F64, 3, new int[] {5}, Activation.TANH, 20);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient plain = trial.natural(workspace, 1e-3, OPTIONS.get(0));
      NaturalGradient again = trial.natural(workspace, 1e-3, OPTIONS.get(0));
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      Mat otherX = x.block(10, 0, 10, x.cols());
      Mat otherY = y.block(10, 0, 10, y.cols());
      for (NaturalGradient each : List.of(plain, again)) {
        assertTrue(each.step(x.top(10), y.top(10)).status().accepted());
        StepBudget none = StepBudget.ofNanos(0);
        assertEquals(StepStatus.BUDGET_SPENT, each.step(otherX, otherY, none).status());
      }
      String expected = plain.step(otherX, otherY).toString();
      assertEquals(expected, again.stepAgain(otherX, otherY).toString());
      assertArrayEquals(Trial.bits(plain.parameters()), Trial.bits(again.parameters()));
    }
  }

  /** A step without curvature left the model at its part of the batch, and the next one threw. */
  @Test
  void aStepWithoutDirectionLeavesTheWholeBatch() {
    Mlp model = Mlp.linear(1, 1, true);
    NaturalGradientOptions options =
        NaturalGradientOptions.within(0.05).withCurvature(Curvature.exact().withFraction(0.5));
    try (Workspace w = Workspace.create()) {
      Problem problem = new Problem(model, new Bernoulli(1), 2, Precision.F64, 0);
      NaturalGradient optimizer = new NaturalGradient(w, problem, options);
      optimizer.parameters().set(0, 1);
      Mat x = Mat.allocate(w, 2, 1, Precision.F64);
      Mat y = Mat.allocate(w, 2, 1, Precision.F64);
      x.set(0, 0, 0.1);
      x.set(1, 0, 100);
      y.set(1, 0, 1);
      assertTrue(optimizer.step(x, y).status().accepted());
      assertEquals(StepStatus.NON_POSITIVE_CURVATURE, optimizer.stepAgain(x, y).status());
      assertTrue(optimizer.stepAgain(x, y).status().accepted());
    }
  }
}
