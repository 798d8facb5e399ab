package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Deep residual networks train in both precisions. In F32 the bound on their outputs' rounding was
 * 16 and the error 2·10⁻⁶, so that no step was taken.
 */
final class DeepResidualTest {
  private static final int BATCH = 128;
  private static final int INPUTS = 10;

  @ParameterizedTest
  @EnumSource
  void learns(Precision precision) {
    learns(Mlp.residual(INPUTS, 64, 8, Activation.GELU, 3), precision);
  }

  @ParameterizedTest
  @EnumSource
  void learnsWithSixtyBlocks(Precision precision) {
    learns(Mlp.residual(INPUTS, 16, 60, Activation.SILU, 3), precision);
  }

  private static void learns(Mlp model, Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Problem problem = new Problem(model, new Categorical(3), BATCH, precision, 1e-4);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.recommended(problem));
      Initialization.AUTO.fill(model, 1, optimizer.parameters());
      Mat x = Mat.allocate(workspace, BATCH, INPUTS, precision);
      Mat y = Mat.allocate(workspace, BATCH, 3, precision);
      Random random = new Random(1);
      for (int i = 0; i < BATCH; i++) {
        double sum = 0;
        for (int j = 0; j < INPUTS; j++) {
          x.set(i, j, random.nextGaussian());
          sum += Math.sin(x.get(i, j) * (j + 1));
        }
        y.set(i, sum < -1 ? 0 : sum < 1 ? 1 : 2, 1);
      }
      StepOutcome outcome = optimizer.step(x, y);
      double first = outcome.lossBefore();
      for (int i = 0; i < 30; i++) {
        outcome = optimizer.step(x, y);
        assertFalse(outcome.kl() > outcome.epsilon(), outcome.toString());
      }
      assertTrue(outcome.lossAfter() < 0.4 * first, first + " to " + outcome.lossAfter());
    }
  }
}
