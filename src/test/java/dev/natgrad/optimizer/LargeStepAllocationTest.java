package dev.natgrad.optimizer;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Steps of a network large enough for every path of the matrix product, blocked and transposed
 * among them: a kernel that allocates nothing alone can box its vectors beside others. A
 * micro-kernel that is gone did so in the benchmark of a larger network, though not in the one run
 * of this test with it: C2 decides anew in every JVM.
 */
final class LargeStepAllocationTest {
  private static final int OUTPUTS = 10;

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void stepsAllocateNothing(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      // A kernel that a step calls four times is compiled after some 1,200 steps: cheap ones here.
      Runnable small =
          step(workspace, Mlp.of(7, List.of(6, 5), Activation.TANH, OUTPUTS), 9, precision);
      for (int i = 0; i < 3000; i++) {
        small.run();
      }
      Mlp large = Mlp.of(300, List.of(200, 130), Activation.TANH, OUTPUTS);
      Allocation.assertNone("a step in " + precision, 5, step(workspace, large, 320, precision));
    }
  }

  private static Runnable step(Workspace workspace, Mlp model, int batch, Precision precision) {
    Problem problem = new Problem(model, new Categorical(OUTPUTS), batch, precision, 0);
    // So small a radius that no run of this length gets to the end of the descent.
    NaturalGradient optimizer =
        new NaturalGradient(workspace, problem, NaturalGradientOptions.within(1e-3));
    Initialization.AUTO.fill(model, 1, optimizer.parameters());
    Mat x = Mat.allocate(workspace, batch, model.inputs(), precision);
    Mat y = Mat.allocate(workspace, batch, OUTPUTS, precision);
    Random random = new Random(1);
    x.copyFrom(random.doubles((long) batch * model.inputs(), -1, 1).toArray());
    for (int i = 0; i < batch; i++) {
      y.set(i, random.nextInt(OUTPUTS), 1);
    }
    return () -> optimizer.step(x, y);
  }
}
