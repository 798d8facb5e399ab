package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.GradientDescent;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final Mlp MODEL = Mlp.of(1, List.of(), Activation.TANH, 1);
  private static final Gaussian DISTRIBUTION = new Gaussian(1);

  private final Workspace workspace = Workspace.create();

  @AfterEach
  void close() {
    workspace.close();
  }

  private Samples samples(double... xThenY) {
    int n = xThenY.length / 2;
    Mat x = Mat.allocate(workspace, n, 1, Precision.F64);
    Mat y = Mat.allocate(workspace, n, 1, Precision.F64);
    for (int i = 0; i < n; i++) {
      x.set(i, 0, xThenY[2 * i]);
      y.set(i, 0, xThenY[2 * i + 1]);
    }
    return new Samples(x, y);
  }

  private Optimizer optimizer(int batch, double... theta) {
    Problem problem = new Problem(MODEL, DISTRIBUTION, batch, Precision.F64, 0);
    Optimizer optimizer = new GradientDescent(workspace, problem, 0.1);
    optimizer.parameters().copyFrom(theta, 0);
    return optimizer;
  }

  private Trainer trainer(Samples training, Samples validation, int steps) {
    Evaluator evaluator = new Evaluator(workspace, MODEL, DISTRIBUTION, Precision.F64);
    TrainingOptions options = new TrainingOptions(training.count(), steps, 1e9, 1, 3, 1);
    return new Trainer(workspace, evaluator, MODEL.parameters(), training, validation, options);
  }

  @Test
  void parametersThatNeverHadAFiniteValidationLossStayAtTheirStart() {
    Samples training = samples(1, 1, 2, 2);
    Samples validation = samples(1e200, 1);
    Optimizer optimizer = optimizer(2, 0.5, 0.25);
    TrainingRun run = trainer(training, validation, 2).train(optimizer, (o, h, s) -> true);
    assertEquals(0, run.bestStep());
    assertArrayEquals(new double[] {0.5, 0.25}, optimizer.parameters().toArray());
  }

  @Test
  void bytesAreExactlyThoseForetold() {
    Samples training = samples(1, 1, 2, 2, 3, 3);
    for (int batch : new int[] {1, 2, 3, 4}) {
      long before = workspace.bytesUsed();
      Evaluator evaluator = new Evaluator(workspace, MODEL, DISTRIBUTION, Precision.F64);
      assertEquals(Evaluator.bytes(MODEL, Precision.F64), workspace.bytesUsed() - before);
      before = workspace.bytesUsed();
      TrainingOptions options = new TrainingOptions(batch, 1, 1, 1, 1, 1);
      new Trainer(workspace, evaluator, MODEL.parameters(), training, null, options);
      assertEquals(
          Trainer.bytes(MODEL.parameters(), training, batch), workspace.bytesUsed() - before);
    }
  }
}
