package dev.natgrad.bench.latency;

import dev.natgrad.bench.Network;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepBudget;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.random.Philox;
import java.util.function.LongSupplier;

/**
 * 17-64-64-6 in f32, stepping through a few batches in turn whose targets another network draws.
 */
final class PolicySteps implements AutoCloseable {
  private static final int BATCHES = 16;

  private final Workspace workspace = Workspace.create();
  private final NaturalGradient optimizer;
  private final Mat[] x = new Mat[BATCHES];
  private final Mat[] y = new Mat[BATCHES];
  private int next;

  PolicySteps(int batch, NaturalGradientOptions options, LongSupplier clock) {
    optimizer = new NaturalGradient(workspace, problem(batch), options, clock);
    Mlp model = Network.POLICY.model();
    OutputDistribution distribution = Network.POLICY.distribution();
    Vec teacher = Vec.allocate(workspace, model.parameters(), Precision.F32);
    Initialization.GLOROT.fill(model, 2, teacher);
    Linearization f = model.linearize(workspace, batch, Precision.F32);
    Mat z = Mat.allocate(workspace, batch, model.outputs(), Precision.F32);
    for (int b = 0; b < BATCHES; b++) {
      x[b] = Mat.allocate(workspace, batch, model.inputs(), Precision.F32);
      y[b] = Mat.allocate(workspace, batch, distribution.targets(), Precision.F32);
      for (int i = 0; i < batch; i++) {
        for (int j = 0; j < model.inputs(); j++) {
          x[b].set(i, j, Philox.normal(3, b, (long) i * model.inputs() + j));
        }
      }
      f.evaluate(teacher, x[b], z);
      distribution.mean(z, z);
      distribution.sample(z, 4, b, y[b]);
    }
    Initialization.GLOROT.fill(model, 1, optimizer.parameters());
  }

  static Problem problem(int batch) {
    Network network = Network.POLICY;
    return new Problem(network.model(), network.distribution(), batch, Precision.F32, 0);
  }

  StepOutcome step(StepBudget budget) {
    int b = next++ % BATCHES;
    return optimizer.step(x[b], y[b], budget);
  }

  @Override
  public void close() {
    workspace.close();
  }
}
