package dev.natgrad.optimizer;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveFamilies;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.oracle.NaiveMlp;
import dev.natgrad.random.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A random network, distribution and batch, with the KL divergence recomputed by the oracles. */
@SuppressWarnings("exports")
public final class KlCase {
  /** The distributions. */
  public enum Kind {
    CATEGORICAL,
    BERNOULLI,
    GAUSSIAN,
    POISSON,
    NEGATIVE_BINOMIAL,
    GAMMA,
    DIAGONAL_GAUSSIAN,
    CATEGORICALS
  }

  public final Kind kind;
  public final Precision precision;
  public final Mlp model;
  public final OutputDistribution base;
  public final double[] theta;
  public final double[][] x;

  /** The samples' weights, or null. */
  public final double[] weights;

  private final Random random;
  private final NaiveMlp naive;
  private final int[] blocks;
  private final double parameter;

  public KlCase(long seed) {
    // Neighbouring seeds of Random begin alike.
    this.random = new Random(Philox.bits(seed, 0, 0));
    this.kind = Kind.values()[random.nextInt(Kind.values().length)];
    this.precision = random.nextBoolean() ? Precision.F32 : Precision.F64;
    this.parameter = new double[] {0.5, 1, 2.5, 1024}[random.nextInt(4)];
    this.blocks = new int[] {2 + random.nextInt(3), 2 + random.nextInt(3)};
    int targets = 1 + random.nextInt(3);
    this.base =
        switch (kind) {
          case CATEGORICAL -> new Categorical(1 + targets);
          case BERNOULLI -> new Bernoulli(targets);
          case GAUSSIAN -> new Gaussian(targets, NaiveLikelihood.VARIANCE);
          case POISSON -> new Poisson(targets);
          case NEGATIVE_BINOMIAL -> new NegativeBinomial(targets, 1 / parameter);
          case GAMMA -> new Gamma(targets, parameter);
          case DIAGONAL_GAUSSIAN -> new DiagonalGaussian(targets);
          case CATEGORICALS -> new Categoricals(blocks);
        };
    int inputs = 1 + random.nextInt(6);
    int depth = random.nextInt(4);
    int[] widths = new int[depth + 1];
    String[] labels = new String[depth + 1];
    List<Mlp.Layer> layers = new ArrayList<>();
    for (int l = 0; l <= depth; l++) {
      Activation[] all = Activation.values();
      widths[l] = l == depth ? base.outputs() : 1 + random.nextInt(8);
      Activation activation = l == depth ? Activation.IDENTITY : all[random.nextInt(all.length)];
      labels[l] = activation.label();
      layers.add(new Mlp.Layer(widths[l], activation));
    }
    this.model = Mlp.of(inputs, layers);
    this.naive = new NaiveMlp(inputs, widths, labels, 0x1p-53);
    this.theta = gaussian(model.parameters(), Math.pow(10, -1 + random.nextDouble()));
    int rows = 1 + random.nextInt(random.nextInt(8) == 0 ? 40 : 8);
    double scale = Math.pow(10, -1 + 1.5 * random.nextDouble());
    this.x = new double[rows][];
    for (int i = 0; i < rows; i++) {
      x[i] = gaussian(inputs, scale);
    }
    this.weights = random.nextInt(3) == 0 ? new double[rows] : null;
    for (int i = 0; weights != null && i < rows; i++) {
      weights[i] = i > 0 && random.nextInt(4) == 0 ? 0 : 0.1 + 3 * random.nextDouble();
    }
  }

  private double[] gaussian(int n, double deviation) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      double value = deviation * random.nextGaussian();
      values[i] = precision == Precision.F32 ? (float) value : value;
    }
    return values;
  }

  public Random random() {
    return random;
  }

  /** With the weights set where there are any. */
  public OutputDistribution distribution(Workspace workspace) {
    if (weights == null) {
      return base;
    }
    Weighted weighted = new Weighted(workspace, base, x.length, precision);
    Vec w = Vec.allocate(workspace, weights.length, Precision.F64);
    w.copyFrom(weights, 0);
    weighted.setWeights(w);
    return weighted;
  }

  public Mat inputs(Workspace workspace) {
    Mat a = Mat.allocate(workspace, x.length, model.inputs(), precision);
    for (int i = 0; i < x.length; i++) {
      a.copyRowFrom(i, x[i], 0);
    }
    return a;
  }

  /** Draws of the model at other parameters. */
  public Mat targets(Workspace workspace, Mat inputs) {
    Linearization truth = model.linearize(workspace, x.length, precision);
    Vec other = Vec.allocate(workspace, model.parameters(), precision);
    other.copyFrom(gaussian(model.parameters(), 0.3), 0);
    Mat z = Mat.allocate(workspace, x.length, model.outputs(), precision);
    Mat y = Mat.allocate(workspace, x.length, base.targets(), precision);
    truth.evaluate(other, inputs, z);
    base.mean(z, z);
    base.sample(z, random.nextLong(), 0, y);
    return y;
  }

  /** The largest absolute output at θ. */
  public double largestOutput() {
    double largest = 0;
    for (Bounded[] row : naive.evaluate(theta, x)) {
      for (Bounded z : row) {
        largest = Math.max(largest, Math.abs(z.value()));
      }
    }
    return largest;
  }

  /** KL(from‖to) over the rows with their weights, from stored parameters. */
  public Bounded kl(double[] from, double[] to, KlOver over) {
    return kl(from, to, over, weights);
  }

  /** KL(from‖to) over the rows, each counted once. */
  public Bounded plainKl(double[] from, double[] to, KlOver over) {
    return kl(from, to, over, null);
  }

  private Bounded kl(double[] from, double[] to, KlOver over, double[] weights) {
    Bounded[][] a = naive.evaluate(from, x);
    Bounded[][] b = naive.evaluate(to, x);
    double value = 0;
    double error = 0;
    double total = 0;
    for (int i = 0; i < x.length; i++) {
      double w = weights == null ? 1 : weights[i];
      if (w > 0) {
        Bounded row = row(a[i], b[i]);
        boolean mean = over == KlOver.MEAN;
        value = mean ? value + w * row.value() : Math.max(value, row.value());
        error = mean ? error + w * row.error() : Math.max(error, row.error());
        total = mean ? total + w : 1;
      }
    }
    double sums = 4 * (x.length + 2) * 0x1p-53 * value / total;
    return new Bounded(value / total, error / total + sums);
  }

  private Bounded row(Bounded[] a, Bounded[] b) {
    switch (kind) {
      case CATEGORICAL:
        return NaiveLikelihood.CATEGORICAL.kl(a, b);
      case BERNOULLI:
        return NaiveLikelihood.BERNOULLI.kl(a, b);
      case GAUSSIAN:
        return NaiveLikelihood.GAUSSIAN.kl(a, b);
      default:
        break;
    }
    List<Bounded> parts = new ArrayList<>();
    if (kind == Kind.CATEGORICALS) {
      int k = blocks[0];
      int n = a.length;
      parts.add(part(a, b, 0, k));
      parts.add(part(a, b, k, n));
    } else {
      int targets = base.targets();
      for (int j = 0; j < targets; j++) {
        parts.add(
            switch (kind) {
              case POISSON -> NaiveFamilies.poisson(a[j], b[j]);
              case NEGATIVE_BINOMIAL -> NaiveFamilies.negativeBinomial(parameter, a[j], b[j]);
              case GAMMA -> NaiveFamilies.gamma(parameter, a[j], b[j]);
              default -> NaiveFamilies.gaussian(a[j], a[targets + j], b[j], b[targets + j]);
            });
      }
    }
    return Bounded.sum(parts.toArray(new Bounded[0]), 0x1p-53);
  }

  private static Bounded part(Bounded[] a, Bounded[] b, int from, int to) {
    return NaiveLikelihood.CATEGORICAL.kl(
        Arrays.copyOfRange(a, from, to), Arrays.copyOfRange(b, from, to));
  }

  @Override
  public String toString() {
    return base + " " + model + " " + precision + " weights " + Arrays.toString(weights);
  }
}
