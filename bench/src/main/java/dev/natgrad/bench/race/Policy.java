package dev.natgrad.bench.race;

import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.LayeredFreeOutputs;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import java.util.List;
import java.util.Random;

/**
 * The race's policy-like network: normal targets around a teacher of the same shape, log-variances
 * free, inputs correlated and unevenly scaled.
 */
final class Policy {
  private static final int INPUTS = 17;
  private static final int ACTIONS = 6;
  private static final int SAMPLES = 2048;
  private static final double NOISE = 0.1;
  private static final double TEACHER = 1.8;
  private static final double FIRST_OUTPUTS = 0.1;

  private Policy() {}

  static RaceProblem problem() {
    Workspace w = Workspace.create();
    Random random = new Random(1);
    Mlp network = Mlp.of(INPUTS, List.of(64, 64), Activation.TANH, ACTIONS);
    LayeredFreeOutputs model = new LayeredFreeOutputs(network, ACTIONS);
    Mat x = inputs(w, random);
    Mat y = targets(w, network, x, random);
    Vec start = Vec.allocate(w, model.parameters(), Precision.F32);
    Vec weights = start.slice(0, network.parameters());
    Initialization.GLOROT.fill(network, 1, weights);
    scaleLayer(network, 2, FIRST_OUTPUTS, weights);
    List<Goal> goals =
        List.of(
            new Goal("P4 -2", -2),
            new Goal("P4 -4", -4),
            new Goal("P4 -5", -5),
            new Goal("P4 -5.3", -5.3));
    return new RaceProblem(
        "P4", w, x, y, model, new DiagonalGaussian(ACTIONS), start, goals, 2.5, 0.002);
  }

  /** x = z·M, M = 0.35·diag(eᵘ)·N with u in (−1, 0.5) and z, N standard normal. */
  private static Mat inputs(Workspace w, Random random) {
    double[][] mixing = new double[INPUTS][INPUTS];
    for (double[] row : mixing) {
      double scale = 0.35 * Math.exp(-1 + 1.5 * random.nextDouble());
      for (int j = 0; j < INPUTS; j++) {
        row[j] = scale * random.nextGaussian();
      }
    }
    double[] values = new double[SAMPLES * INPUTS];
    for (int i = 0; i < SAMPLES; i++) {
      for (double[] row : mixing) {
        double z = random.nextGaussian();
        for (int j = 0; j < INPUTS; j++) {
          values[i * INPUTS + j] += z * row[j];
        }
      }
    }
    Mat x = Mat.allocate(w, SAMPLES, INPUTS, Precision.F32);
    x.copyFrom(values);
    return x;
  }

  private static Mat targets(Workspace w, Mlp teacher, Mat x, Random random) {
    Vec theta = Vec.allocate(w, teacher.parameters(), Precision.F32);
    Initialization.GLOROT.fill(teacher, 2, theta);
    scaleLayer(teacher, 0, TEACHER, theta);
    scaleLayer(teacher, 1, TEACHER, theta);
    Mat y = Mat.allocate(w, SAMPLES, ACTIONS, Precision.F32);
    Linearization point = teacher.linearize(w, SAMPLES, Precision.F32);
    point.evaluate(theta, x, y);
    for (int i = 0; i < SAMPLES; i++) {
      for (int j = 0; j < ACTIONS; j++) {
        y.set(i, j, y.get(i, j) + NOISE * random.nextGaussian());
      }
    }
    return y;
  }

  private static void scaleLayer(Mlp network, int layer, double factor, Vec theta) {
    var block = network.layout().block("layer" + layer + ".weight");
    for (int p = block.offset(); p < block.offset() + block.length(); p++) {
      theta.set(p, factor * theta.get(p));
    }
  }
}
