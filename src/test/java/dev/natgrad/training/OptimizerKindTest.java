package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerKindTest {
  @ParameterizedTest
  @EnumSource
  void makesWhatItNamesInTheBytesItSays(OptimizerKind kind) {
    Mlp model = Mlp.of(3, List.of(4), Activation.TANH, 2);
    for (Precision precision : Precision.values()) {
      Problem problem = new Problem(model, new Categorical(2), 9, precision, 0);
      for (double epsilon : new double[] {Double.NaN, 0.01}) {
        boolean standardized = Double.isNaN(epsilon);
        try (Workspace workspace = Workspace.create()) {
          long before = workspace.bytesUsed();
          Optimizer optimizer = kind.create(workspace, problem, epsilon, standardized, 0.1, 1);
          assertEquals(kind.spelling(), optimizer.name());
          assertEquals(kind.bytes(problem), workspace.bytesUsed() - before);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void batchesStayWithinTheData(OptimizerKind kind) {
    for (int samples : new int[] {1, 100, 1_000_000}) {
      int few = kind.defaultBatch(samples, 10);
      int many = kind.defaultBatch(samples, 10_000_000);
      assertTrue(1 <= many && many <= few && few <= samples, () -> many + " and " + few);
      assertTrue(kind.evaluateEvery(samples, few) >= 1);
      assertEquals(Math.min(samples, kind == OptimizerKind.NATURAL_GRADIENT ? 2048 : 128), many);
    }
  }
}
