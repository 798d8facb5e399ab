package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;

/** The blocks of one flat vector of an {@link Mlp}; null for those that a layer does not have. */
final class MlpParameters {
  final Vec vector;
  final Mat[] weights;
  private final Vec[] entries;
  final Vec[] biases;
  final Vec[] gains;
  final Vec[] shifts;

  MlpParameters(Mlp model, Vec vector) {
    int layers = model.layers().size();
    this.vector = vector;
    this.weights = new Mat[layers];
    this.entries = new Vec[layers];
    this.biases = new Vec[layers];
    this.gains = new Vec[layers];
    this.shifts = new Vec[layers];
    for (int l = 0; l < layers; l++) {
      weights[l] = model.weight(l).mat(vector);
      entries[l] = model.weight(l).vec(vector);
      biases[l] = vec(model.bias(l), vector);
      gains[l] = vec(model.gain(l), vector);
      shifts[l] = vec(model.shift(l), vector);
    }
  }

  /** Blocks of no vector, all null, for a movement of something else than parameters. */
  MlpParameters(int layers) {
    this.vector = null;
    this.weights = new Mat[layers];
    this.entries = new Vec[layers];
    this.biases = new Vec[layers];
    this.gains = new Vec[layers];
    this.shifts = new Vec[layers];
  }

  private static Vec vec(ParameterLayout.Block block, Vec vector) {
    return block == null ? null : block.vec(vector);
  }

  /** The weights of a layer as they lie. */
  Vec weightEntries(int l) {
    return entries[l];
  }
}
