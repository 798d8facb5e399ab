package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.NaiveMlp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A small network of one to three layers at a random point, and its factors by the oracle. */
final class KroneckerCase {
  final Workspace w;
  final Precision precision;
  final double u;
  final Random random;
  final Mlp model;
  final OutputDistribution distribution;
  final LayeredLinearization linearization;
  final int parameters;
  final int batch;
  final Vec theta;
  final Mat x;
  final Mat mean;
  private final int[] widths;
  private final String[] activations;

  KroneckerCase(Workspace w, Precision precision, FisherCase.Family family, long seed) {
    this(w, precision, family, seed, 1 + new Random(seed).nextInt(3));
  }

  KroneckerCase(Workspace w, Precision precision, FisherCase.Family family, long seed, int depth) {
    this.w = w;
    this.precision = precision;
    this.u = precision.unitRoundoff();
    this.random = new Random(seed);
    this.batch = 1 + random.nextInt(7);
    this.widths = new int[depth];
    this.activations = new String[depth];
    int inputs = 1 + random.nextInt(6);
    List<Mlp.Layer> layers = new ArrayList<>();
    for (int l = 0; l < depth; l++) {
      widths[l] = (l == depth - 1 ? 2 : 1) + random.nextInt(5);
      Activation activation = l == depth - 1 ? Activation.IDENTITY : Activation.TANH;
      activations[l] = activation.label();
      layers.add(new Mlp.Layer(widths[l], activation));
    }
    this.model = Mlp.of(inputs, layers);
    this.distribution = FisherCase.distribution(family, model.outputs());
    this.parameters = model.parameters();
    this.linearization = model.linearize(w, batch, precision);
    this.theta = randomVector();
    this.x = Mat.allocate(w, batch, inputs, precision);
    for (int i = 0; i < batch; i++) {
      x.copyRowFrom(i, NaiveDense.gaussian(inputs, random), 0);
    }
    this.mean = Mat.allocate(w, batch, model.outputs(), precision);
    evaluate();
  }

  void evaluate() {
    linearization.evaluate(theta, x, mean);
    distribution.mean(mean, mean);
  }

  KroneckerFactors factors() {
    return new KroneckerFactors(w, linearization, distribution, parameters, batch, precision);
  }

  List<DenseLayer> layers() {
    return linearization.denseLayers();
  }

  Vec randomVector() {
    Vec v = Vec.allocate(w, parameters, precision);
    v.copyFrom(NaiveDense.gaussian(parameters, random), 0);
    return v;
  }

  Mat outputs() {
    return Mat.allocate(w, batch, model.outputs(), precision);
  }

  double[] row(Mat a, int i) {
    double[] row = new double[a.cols()];
    a.copyRowTo(i, row, 0);
    return row;
  }

  /** ā of a layer at one sample: the outputs of the network cut off below it. */
  Bounded[] inputs(int layer, int sample) {
    double[] in = row(x, sample);
    Bounded[] result = new Bounded[in.length];
    for (int i = 0; i < in.length; i++) {
      result[i] = Bounded.exact(in[i]);
    }
    if (layer > 0) {
      NaiveMlp below =
          new NaiveMlp(
              in.length,
              Arrays.copyOf(widths, layer),
              Arrays.copyOf(activations, layer),
              precision.unitRoundoff());
      result = below.evaluate(theta.toArray(), new double[][] {in})[0];
    }
    Bounded[] withOne = Arrays.copyOf(result, result.length + 1);
    withOne[result.length] = Bounded.exact(1);
    return withOne;
  }

  /** δ of a layer at one sample: the gradient in its bias. */
  Bounded[] delta(int layer, int sample, double[] score) {
    NaiveMlp net = new NaiveMlp(x.cols(), widths, activations, u);
    double[][] in = {row(x, sample)};
    Bounded[] gradient = net.vjp(theta.toArray(), in, new double[][] {score});
    int bias = layers().get(layer).biasOffset();
    return Arrays.copyOfRange(gradient, bias, bias + layers().get(layer).outputs());
  }

  /** The mean of ttᵀ over the vectors, with a bound for the weights' and the means' rounding. */
  Bounded[][] meanOfSquares(List<Bounded[]> vectors) {
    int n = vectors.get(0).length;
    Bounded[][] result = new Bounded[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        Bounded[] terms = new Bounded[vectors.size()];
        for (int s = 0; s < terms.length; s++) {
          terms[s] = vectors.get(s)[i].times(vectors.get(s)[j], u);
        }
        result[i][j] = Bounded.sum(terms, u).times(Bounded.exact(1.0 / terms.length), 4 * u);
      }
    }
    return result;
  }

  /** A ⊗ G on a layer's parameters, from the lower triangles of two stored matrices. */
  static double[][] kronecker(double[][] a, double[][] g) {
    int m = g.length;
    double[][] f = new double[a.length * m][a.length * m];
    for (int i = 0; i < f.length; i++) {
      for (int j = 0; j < f.length; j++) {
        f[i][j] = a[i / m][j / m] * g[i % m][j % m];
      }
    }
    return f;
  }

  /** Both triangles of the lower one, shifted. */
  static double[][] symmetric(Mat lower, double shift) {
    double[][] full = new double[lower.rows()][lower.rows()];
    for (int i = 0; i < full.length; i++) {
      for (int j = 0; j <= i; j++) {
        full[i][j] = lower.get(i, j) + (i == j ? shift : 0);
        full[j][i] = full[i][j];
      }
    }
    return full;
  }

  static double[][] absolute(double[][] a) {
    double[][] result = new double[a.length][];
    for (int i = 0; i < a.length; i++) {
      result[i] = Arrays.stream(a[i]).map(Math::abs).toArray();
    }
    return result;
  }

  static double trace(double[][] a) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i][i];
    }
    return sum;
  }

  double[] block(Vec v, int layer) {
    DenseLayer dense = layers().get(layer);
    return v.slice(dense.weightOffset(), dense.parameters()).toArray();
  }
}
