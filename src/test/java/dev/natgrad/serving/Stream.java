package dev.natgrad.serving;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import java.util.List;
import java.util.Random;

/** A small classifier and an endless stream of samples that it can learn from. */
final class Stream implements AutoCloseable {
  static final int INPUTS = 4;
  static final int CLASSES = 3;
  static final int MAX_BATCH = 16;

  final Workspace workspace = Workspace.create();
  final Problem problem;
  final Optimizer optimizer;
  final SampleQueue queue;
  final SnapshotStore store;
  private final Random random;

  Stream(Precision precision, double epsilon, long seed) {
    Mlp model = Mlp.of(INPUTS, List.of(6), Activation.TANH, CLASSES);
    this.random = new Random(seed);
    this.problem = new Problem(model, new Categorical(CLASSES), MAX_BATCH, precision, 0);
    this.optimizer =
        new NaturalGradient(workspace, problem, NaturalGradientOptions.within(epsilon));
    Vec theta = optimizer.parameters();
    for (int i = 0; i < theta.length(); i++) {
      theta.set(i, 0.5 * random.nextGaussian());
    }
    this.queue = new SampleQueue(INPUTS, CLASSES, precision, 64);
    this.store = new SnapshotStore(workspace, theta.length(), precision, 2, 2);
  }

  float[] features(int rows) {
    float[] x = new float[rows * INPUTS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  static float[] labels(float[] x) {
    int rows = x.length / INPUTS;
    float[] y = new float[rows * CLASSES];
    for (int i = 0; i < rows; i++) {
      float a = x[i * INPUTS];
      float b = x[i * INPUTS + 1];
      y[i * CLASSES + (a > 0.3f ? 2 : b > 0 ? 1 : 0)] = 1;
    }
    return y;
  }

  boolean offer(int rows) {
    float[] x = features(rows);
    return queue.offer(x, labels(x));
  }

  @Override
  public void close() {
    queue.close();
    workspace.close();
  }
}
