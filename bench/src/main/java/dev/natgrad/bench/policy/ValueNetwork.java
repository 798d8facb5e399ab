package dev.natgrad.bench.policy;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import java.util.List;

/** V(s), a network fitted by natural gradient to normal targets in units of 1/(1 − γ). */
final class ValueNetwork {
  private final double unit;
  private final int steps;
  private final NaturalGradient optimizer;
  private final Linearization network;
  private final Mat values;
  private final Mat targets;

  ValueNetwork(Workspace workspace, Settings settings, Precision precision, long seed) {
    this.unit = 1 / (1 - settings.discount());
    this.steps = settings.valueSteps();
    int batch = settings.batch();
    Mlp model = Mlp.of(CartPole.STATE, List.of(settings.hidden()), Activation.TANH, 1);
    Problem problem = new Problem(model, new Gaussian(1), batch, precision, 0);
    this.optimizer =
        new NaturalGradient(workspace, problem, NaturalGradientOptions.automatic().withSeed(seed));
    Initialization.AUTO.fill(model, seed, optimizer.parameters());
    this.network = model.linearize(workspace, batch, precision);
    this.values = Mat.allocate(workspace, batch, 1, precision);
    this.targets = Mat.allocate(workspace, batch, 1, precision);
  }

  double[] values(Mat states) {
    network.evaluate(optimizer.parameters(), states, values);
    double[] scaled = values.toArray();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= unit;
    }
    return scaled;
  }

  void fit(Mat states, double[] returns) {
    for (int i = 0; i < returns.length; i++) {
      targets.set(i, 0, returns[i] / unit);
    }
    for (int i = 0; i < steps; i++) {
      optimizer.step(states, targets);
    }
  }
}
