package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Normalization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a layer normalisation in f32 has no room for is no loss, and no KL divergence. */
class OverflowingNormalizationTest {
  /** The sums 3e19 and −3e19, whose normalised values are 1 and −1. */
  private static final double[] THETA = {3e19, -3e19, 0, 0, 1, 1, 0, 0, 2, -1, 0};

  @Test
  void aStepFromSquaresThatOverflowIsRefused() {
    Mlp.Layer hidden = new Mlp.Layer(2, Activation.TANH).withNormalization(Normalization.SUMS);
    Mlp model = Mlp.of(1, List.of(hidden, new Mlp.Layer(1, Activation.IDENTITY)));
    try (Workspace workspace = Workspace.create()) {
      Problem problem = new Problem(model, new Gaussian(1), 2, Precision.F32, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(0.1));
      optimizer.parameters().copyFrom(THETA, 0);
      double[] before = optimizer.parameters().toArray();
      Mat x = Mat.allocate(workspace, 2, 1, Precision.F32);
      Mat y = Mat.allocate(workspace, 2, 1, Precision.F32);
      x.copyFrom(new double[] {1, 1e-19});
      // With 0 for both sums of the first row the loss would be as if its output were 0.
      StepOutcome outcome = optimizer.step(x, y);
      assertEquals(StepStatus.NON_FINITE, outcome.status(), outcome::toString);
      assertArrayEquals(before, optimizer.parameters().toArray());
    }
  }
}
