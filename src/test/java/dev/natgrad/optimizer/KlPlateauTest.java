package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs that saturate: from one end to the other KL is 2 nats, however long the step. */
class KlPlateauTest {
  /** All of 100 steps were refused by a radius of 1.5 nats: each length was 0.82 of the last. */
  @ParameterizedTest
  @ValueSource(doubles = {1.5, 0.5, 0.1, 0.01})
  void aStepLeavesThePlateau(double epsilon) {
    for (int way = 0; way < 3; way++) {
      try (Workspace w = Workspace.create()) {
        Mlp model = Mlp.of(1, List.of(new Mlp.Layer(1, Activation.TANH)));
        Problem problem = new Problem(model, new Gaussian(1), 1, Precision.F64, 0);
        NaturalGradientOptions options =
            way == 0
                ? NaturalGradientOptions.within(epsilon)
                : way == 1
                    ? NaturalGradientOptions.within(epsilon).withDamping(0.3, false)
                    : NaturalGradientOptions.recommended(problem, Radius.within(epsilon));
        NaturalGradient natural = new NaturalGradient(w, problem, options);
        natural.parameters().copyFrom(new double[] {3, 3}, 0);
        Mat x = Mat.allocate(w, 1, 1, Precision.F64);
        Mat y = Mat.allocate(w, 1, 1, Precision.F64);
        x.set(0, 0, 1);
        y.set(0, 0, 0.5);
        for (int step = 0; step < 40; step++) {
          StepOutcome outcome = natural.step(x, y);
          boolean there = outcome.status() == StepStatus.ZERO_GRADIENT;
          assertTrue(there || outcome.status().accepted(), "step " + step + ": " + outcome);
          assertTrue(there || outcome.kl() <= epsilon, outcome.toString());
        }
        double[] theta = natural.parameters().toArray();
        // The likelihood is flat to √u there, where the gradient still is not.
        assertEquals(0.5, Math.tanh(theta[0] + theta[1]), 1e-8);
      }
    }
  }

  /** √KL is linear in the length away from a plateau, and the square root of it is the border. */
  @Test
  void aBracketKnowsAPlateau() {
    KlBracket bracket = new KlBracket();
    bracket.clear();
    assertTrue(!bracket.flat(1, 2), "the first length");
    bracket.beyond(1, 2);
    assertTrue(bracket.flat(0.8, 2), "no fall");
    assertTrue(bracket.flat(0.8, 1.61), "less than in proportion");
    assertTrue(!bracket.flat(0.8, 1.59), "more");
    assertTrue(!bracket.flat(0.8, 2 * 0.64), "by squares");
    assertTrue(!bracket.flat(0.8, Double.NaN), "no number");
    bracket.clear();
    assertTrue(!bracket.flat(0.8, 2), "another step");
  }
}
