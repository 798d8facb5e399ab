package dev.natgrad.demo;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;

/** Where the networks start, and what they say in the end. */
final class Starts {
  private Starts() {}

  /** θ of a network at its start. */
  static double[] glorot(Mlp model, long seed) {
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, model.parameters(), Precision.F64);
      Initialization.GLOROT.fill(model, seed, theta);
      return theta.toArray();
    }
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
