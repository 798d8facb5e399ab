package dev.natgrad.optimizer;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.oracle.NaiveMlp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random network with data, for the optimisers and, in plain arrays, for the oracle. */
final class Trial {
  final NaiveLikelihood likelihood;
  final Precision precision;
  final Random random;
  final Mlp model;
  final double[] theta;
  final double[][] x;
  final double[][] y;
  private final int[] widths;
  private final String[] activations;

  Trial(long seed, NaiveLikelihood likelihood, Precision precision) {
    this(seed, likelihood, precision, 1 + new Random(seed).nextInt(4), null, null, -1);
  }

  /** A network with whatever is null, or the batch below 1, drawn at random. */
  Trial(
      long seed,
      NaiveLikelihood likelihood,
      Precision precision,
      int inputs,
      int[] hidden,
      Activation only,
      int batch) {
    this.likelihood = likelihood;
    this.precision = precision;
    this.random = new Random(seed);
    int depth = hidden == null ? random.nextInt(3) : hidden.length;
    this.widths = new int[depth + 1];
    this.activations = new String[depth + 1];
    List<Mlp.Layer> layers = new ArrayList<>();
    for (int l = 0; l < depth; l++) {
      Activation[] all = Activation.values();
      widths[l] = hidden == null ? 1 + random.nextInt(6) : hidden[l];
      layers.add(new Mlp.Layer(widths[l], only == null ? all[random.nextInt(all.length)] : only));
    }
    widths[depth] = likelihood == NaiveLikelihood.CATEGORICAL ? 3 : 1 + random.nextInt(3);
    layers.add(new Mlp.Layer(widths[depth], Activation.IDENTITY));
    for (int l = 0; l <= depth; l++) {
      activations[l] = layers.get(l).activation().label();
    }
    this.model = Mlp.of(inputs, layers);
    this.theta = gaussian(model.parameters(), 0.7);
    int samples = batch > 0 ? batch : 1 + random.nextInt(9);
    this.x = new double[samples][];
    this.y = new double[samples][];
    for (int i = 0; i < samples; i++) {
      x[i] = gaussian(inputs, 1);
      y[i] = target();
    }
  }

  double[] gaussian(int n, double deviation) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      double value = deviation * random.nextGaussian();
      values[i] = precision == Precision.F32 ? (float) value : value;
    }
    return values;
  }

  double[] target() {
    int n = model.outputs();
    double[] row = likelihood == NaiveLikelihood.GAUSSIAN ? gaussian(n, 1) : new double[n];
    if (likelihood == NaiveLikelihood.CATEGORICAL) {
      row[random.nextInt(n)] = 1;
    } else if (likelihood == NaiveLikelihood.BERNOULLI) {
      for (int j = 0; j < n; j++) {
        row[j] = random.nextInt(2);
      }
    }
    return row;
  }

  OutputDistribution distribution() {
    return switch (likelihood) {
      case CATEGORICAL -> new Categorical(model.outputs());
      case BERNOULLI -> new Bernoulli(model.outputs());
      case GAUSSIAN -> new Gaussian(model.outputs(), NaiveLikelihood.VARIANCE);
    };
  }

  Problem problem(double l2) {
    return new Problem(model, distribution(), x.length, precision, l2);
  }

  Mat mat(Workspace workspace, double[][] rows) {
    return mat(workspace, rows, precision);
  }

  static Mat mat(Workspace workspace, double[][] rows, Precision precision) {
    Mat a = Mat.allocate(workspace, rows.length, rows[0].length, precision);
    for (int i = 0; i < rows.length; i++) {
      a.copyRowFrom(i, rows[i], 0);
    }
    return a;
  }

  /** An optimiser at the trial's θ. */
  NaturalGradient natural(Workspace workspace, double l2, NaturalGradientOptions options) {
    NaturalGradient optimizer = new NaturalGradient(workspace, problem(l2), options);
    optimizer.parameters().copyFrom(theta, 0);
    return optimizer;
  }

  Bounded[][] outputs(double[] theta, double u) {
    return new NaiveMlp(model.inputs(), widths, activations, u).evaluate(theta, x);
  }

  /** The objective at stored parameters, recomputed in double. */
  double objective(double[] theta, double l2) {
    Bounded[][] z = outputs(theta, 0x1p-53);
    double sum = 0;
    for (int i = 0; i < z.length; i++) {
      sum += likelihood.loss(values(z[i]), y[i]);
    }
    return sum / z.length + 0.5 * l2 * squares(theta);
  }

  /** How far the objective as computed in this trial's precision may be from the exact one. */
  double objectiveError(double[] theta, double l2) {
    Bounded[][] z = outputs(theta, precision.unitRoundoff());
    double sum = 0;
    for (int i = 0; i < z.length; i++) {
      double loss = likelihood.loss(values(z[i]), y[i]);
      sum += likelihood.lossError(z[i], y[i]) + 64 * 0x1p-53 * (1 + Math.abs(loss));
    }
    return sum / z.length + theta.length * 0x1p-52 * l2 * squares(theta);
  }

  /** KL(before‖after) over the batch, from stored parameters. */
  Bounded kl(double[] before, double[] after, KlOver over) {
    Bounded[][] from = outputs(before, 0x1p-53);
    Bounded[][] to = outputs(after, 0x1p-53);
    double value = 0;
    double error = 0;
    for (int i = 0; i < from.length; i++) {
      Bounded row = likelihood.kl(from[i], to[i]);
      boolean mean = over == KlOver.MEAN;
      value = mean ? value + row.value() / from.length : Math.max(value, row.value());
      error = mean ? error + row.error() / from.length : Math.max(error, row.error());
    }
    return new Bounded(value, error + from.length * 0x1p-53 * value);
  }

  static double[] values(Bounded[] z) {
    double[] values = new double[z.length];
    for (int j = 0; j < z.length; j++) {
      values[j] = z[j].value();
    }
    return values;
  }

  private static double squares(double[] v) {
    double sum = 0;
    for (double value : v) {
      sum += value * value;
    }
    return sum;
  }

  /** The raw bits, so that NaN and the sign of zero count. */
  static long[] bits(Vec v) {
    long[] bits = new long[v.length()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Double.doubleToRawLongBits(v.get(i));
    }
    return bits;
  }
}
