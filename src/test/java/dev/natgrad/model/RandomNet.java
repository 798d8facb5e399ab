package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveMlp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random small network with a point, both for the model and for the oracle. */
final class RandomNet {
  final Random random;
  final Precision precision;
  final Mlp model;
  final NaiveMlp oracle;
  final double[] theta;
  final double[][] x;

  RandomNet(long seed, Precision precision) {
    this(seed, precision, 1 + new Random(seed).nextInt(4), null);
  }

  RandomNet(long seed, Precision precision, int depth, Activation only) {
    this.random = new Random(seed);
    this.precision = precision;
    int inputs = 1 + random.nextInt(9);
    List<Mlp.Layer> layers = new ArrayList<>();
    for (int l = 0; l < depth; l++) {
      Activation[] all = Activation.values();
      boolean identity = l == depth - 1 && random.nextInt(3) > 0;
      Activation activation = identity ? Activation.IDENTITY : all[random.nextInt(all.length)];
      layers.add(new Mlp.Layer(1 + random.nextInt(9), only == null ? activation : only));
    }
    this.model = Mlp.of(inputs, layers);
    this.oracle = oracle(model, precision);
    this.theta = vector(model.parameters());
    this.x = matrix(1 + random.nextInt(7), inputs);
  }

  /** A point of a network. */
  RandomNet(long seed, Precision precision, Mlp model) {
    this(precision, model, new Random(seed), -1);
  }

  /** A point of a network and a batch of so many rows, or of a random number. */
  RandomNet(Precision precision, Mlp model, Random random, int rows) {
    this.random = random;
    this.precision = precision;
    this.model = model;
    this.oracle = oracle(model, precision);
    this.theta = vector(model.parameters());
    this.x = matrix(rows > 0 ? rows : 1 + random.nextInt(7), model.inputs());
  }

  /** A network whose layers differ in everything that layers can differ in, and a point. */
  static RandomNet anything(long seed, Precision precision) {
    Random random = new Random(seed);
    int inputs = 1 + random.nextInt(6);
    int common = random.nextInt(4) == 0 ? inputs : 1 + random.nextInt(6);
    int depth = 1 + random.nextInt(5);
    List<Mlp.Layer> layers = new ArrayList<>();
    int free = 0;
    for (int l = 0; l < depth; l++) {
      Activation[] activations = Activation.values();
      Normalization[] normalizations = Normalization.values();
      boolean identity = random.nextInt(3) == 0;
      Mlp.Layer layer =
          new Mlp.Layer(
              random.nextInt(3) > 0 ? common : 1 + random.nextInt(6),
              identity ? Activation.IDENTITY : activations[random.nextInt(activations.length)],
              random.nextInt(4) > 0,
              normalizations[random.nextInt(normalizations.length)],
              0);
      int residual = random.nextInt(2) * (1 + random.nextInt(l + 1 - free));
      int around = residual > l ? inputs : residual > 0 ? layers.get(l - residual).width() : 0;
      if (residual > 0 && around == layer.width()) {
        layer = layer.withResidual(residual);
        free = l + 1;
      }
      layers.add(layer);
    }
    return new RandomNet(seed, precision, Mlp.of(inputs, layers));
  }

  private static NaiveMlp oracle(Mlp model, Precision precision) {
    NaiveMlp.Layer[] layers =
        model.layers().stream()
            .map(
                layer ->
                    new NaiveMlp.Layer(
                        layer.width(),
                        layer.activation().label(),
                        layer.bias(),
                        layer.normalization().label(),
                        layer.residual()))
            .toArray(NaiveMlp.Layer[]::new);
    return new NaiveMlp(model.inputs(), layers, precision.unitRoundoff());
  }

  double round(double value) {
    return precision == Precision.F32 ? (float) value : value;
  }

  double[] vector(int length) {
    double[] v = new double[length];
    for (int i = 0; i < length; i++) {
      v[i] = round(random.nextGaussian());
    }
    return v;
  }

  double[][] matrix(int rows, int cols) {
    double[][] a = new double[rows][];
    for (int i = 0; i < rows; i++) {
      a[i] = vector(cols);
    }
    return a;
  }

  Vec vec(Workspace workspace, double[] values) {
    Vec v = Vec.allocate(workspace, values.length, precision);
    v.copyFrom(values, 0);
    return v;
  }

  /** A view inside a larger matrix whose other elements are NaN. */
  Mat mat(Workspace workspace, double[][] values) {
    int cols = values[0].length;
    Mat whole = Mat.allocate(workspace, values.length + 2, cols + 3, precision);
    for (int i = 0; i < whole.rows(); i++) {
      for (int j = 0; j < whole.cols(); j++) {
        whole.set(i, j, Double.NaN);
      }
    }
    Mat a = whole.block(1, 1, values.length, cols);
    for (int i = 0; i < values.length; i++) {
      a.copyRowFrom(i, values[i], 0);
    }
    return a;
  }
}
