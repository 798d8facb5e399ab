package dev.natgrad.demo;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.ParameterLayout;
import dev.natgrad.random.Philox;

/** Where the networks start, and what they say in the end. */
final class Starts {
  private static final long STREAM = 77;

  private Starts() {}

  /** Weights uniform in ±√(6/(fan in + fan out)) (Glorot and Bengio, 2010), biases 0. */
  static double[] glorot(Mlp model, long seed) {
    double[] theta = new double[model.parameters()];
    Philox random = new Philox(seed, STREAM);
    for (ParameterLayout.Block block : model.layout().blocks()) {
      if (!block.vector()) {
        double limit = Math.sqrt(6.0 / (block.rows() + block.cols()));
        for (int i = 0; i < block.length(); i++) {
          theta[block.offset() + i] = limit * (2 * random.nextDouble() - 1);
        }
      }
    }
    return theta;
  }

  /** The mean parameters for each input, inputs.length × outputs, row-major. */
  static double[] means(
      Mlp model,
      OutputDistribution distribution,
      double[] theta,
      double[][] inputs,
      Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Vec parameters = Vec.allocate(workspace, theta.length, precision);
      parameters.copyFrom(theta, 0);
      Mat x = Contest.matrix(workspace, inputs, precision);
      Mat z = Mat.allocate(workspace, inputs.length, model.outputs(), precision);
      model.linearize(workspace, inputs.length, precision).evaluate(parameters, x, z);
      distribution.mean(z, z);
      return z.toArray();
    }
  }
}
