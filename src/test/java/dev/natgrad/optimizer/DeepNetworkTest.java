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
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Deep networks train in both precisions. In F32 the bound on the rounding of residual ones was 16
 * and the error 2·10⁻⁶, so that no step was taken.
 */
final class DeepNetworkTest {
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

  /** Without blocks: the bound was 700, and 60 steps were shortened to nothing. */
  @ParameterizedTest
  @EnumSource
  void learnsWithTwentyFourLayers(Precision precision) {
    learns(Mlp.of(INPUTS, Collections.nCopies(24, 64), Activation.GELU, 3), precision);
  }

  /**
   * Samples from a hundredth to a thousand times as large, as in raw units. In F32 the largest's
   * rounding over the least's deviation bounded all of them, and no step was taken.
   */
  @ParameterizedTest
  @EnumSource
  void learnsWhereRowsDifferInScale(Precision precision) {
    learns(Mlp.residual(INPUTS, 32, 2, Activation.GELU, 3), precision, 0.8, 1e-2, 1e3);
  }

  private static void learns(Mlp model, Precision precision) {
    learns(model, precision, 0.4, 1, 1);
  }

  private static void learns(Mlp model, Precision precision, double most, double... scales) {
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
        double scale = scales[i % scales.length];
        for (int j = 0; j < INPUTS; j++) {
          double value = random.nextGaussian();
          x.set(i, j, scale * value);
          sum += Math.sin(value * (j + 1));
        }
        y.set(i, sum < -1 ? 0 : sum < 1 ? 1 : 2, 1);
      }
      StepOutcome outcome = optimizer.step(x, y);
      double first = outcome.lossBefore();
      for (int i = 0; i < 30; i++) {
        outcome = optimizer.step(x, y);
        assertFalse(outcome.kl() > outcome.epsilon(), outcome.toString());
      }
      assertTrue(outcome.lossAfter() < most * first, first + " to " + outcome.lossAfter());
    }
  }
}
