package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        try (Workspace workspace = Workspace.create()) {
          long before = workspace.bytesUsed();
          Optimizer optimizer = kind.create(workspace, problem, epsilon, true, 0.1, 1);
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
      for (int parameters : new int[] {1, 1_000, 100_000_000}) {
        int batch = kind.defaultBatch(samples, parameters);
        int wanted =
            switch (parameters) {
              case 1 -> 500_000_000;
              case 1_000 -> 500_000;
              default -> 2_048;
            };
        int limit = kind == OptimizerKind.NATURAL_GRADIENT ? wanted : 128;
        assertEquals(Math.min(samples, limit), batch);
      }
    }
  }
}
