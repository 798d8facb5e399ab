package dev.natgrad.fisher;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.NaiveFisher;
import java.util.List;
import java.util.Random;

/** A small network at a random point, with its Fisher matrix by the oracle and a rounding bound. */
final class FisherCase {
  static final double VARIANCE = 0.5;

  enum Family {
    CATEGORICAL,
    BERNOULLI,
    GAUSSIAN
  }

  final Workspace w;
  final Precision precision;
  final Random random;
  final Mlp model;
  final OutputDistribution distribution;
  final Linearization linearization;
  final int parameters;
  final int batch;
  final int outputs;
  final Vec theta;
  final Mat x;
  final Mat mean;
  final NaiveFisher oracle;

  /** F in double, at the parameters and inputs as stored. */
  final double[][] f;

  final double[][][] jacobians;
  private final double[][][] jacobianSizes;
  private final double[][] sizes;
  private final double gamma;

  FisherCase(Workspace w, Precision precision, Family family, long seed) {
    this(w, precision, family, new Random(seed));
  }

  private FisherCase(Workspace w, Precision precision, Family family, Random random) {
    this(
        w,
        precision,
        family,
        1 + random.nextInt(3),
        1 + random.nextInt(4),
        (family == Family.CATEGORICAL ? 2 : 1) + random.nextInt(3),
        1 + random.nextInt(6),
        random);
  }

  /** A network of these dimensions. */
  FisherCase(
      Workspace w,
      Precision precision,
      Family family,
      int inputs,
      int hidden,
      int outputs,
      int batch,
      Random random) {
    this.w = w;
    this.precision = precision;
    this.random = random;
    this.outputs = outputs;
    this.batch = batch;
    this.model = Mlp.of(inputs, List.of(hidden), Activation.TANH, outputs);
    this.distribution = distribution(family, outputs);
    this.parameters = model.parameters();
    this.linearization = model.linearize(w, batch, precision);
    this.theta = vec(NaiveDense.gaussian(parameters, random));
    this.x = Mat.allocate(w, batch, inputs, precision);
    this.mean = Mat.allocate(w, batch, outputs, precision);
    for (int i = 0; i < batch; i++) {
      x.copyRowFrom(i, NaiveDense.gaussian(inputs, random), 0);
    }
    linearization.evaluate(theta, x, mean);
    distribution.mean(mean, mean);
    this.oracle = new NaiveFisher(inputs, hidden, outputs, theta.toArray());
    this.jacobians = new double[batch][][];
    double[][][] fishers = new double[batch][][];
    this.jacobianSizes = new double[batch][][];
    double[][][] fisherSizes = new double[batch][][];
    for (int i = 0; i < batch; i++) {
      double[] row = row(i);
      double[] z = oracle.outputs(row);
      jacobians[i] = oracle.jacobian(row);
      jacobianSizes[i] = oracle.sizes(row);
      fishers[i] = NaiveFisher.outputFisher(distribution.name(), z, VARIANCE);
      fisherSizes[i] = fisherSizes(z, jacobianSizes[i]);
    }
    this.f = NaiveFisher.average(jacobians, fishers);
    this.sizes = NaiveFisher.average(jacobianSizes, fisherSizes);
    // Roundings one after another: the sums of the passes forward, along and back, the batch, and
    // 64 for the functions (ulp bounds up to 4) and products between.
    double terms = 4.0 * (inputs + hidden + outputs + batch) + 64;
    double u = precision.unitRoundoff();
    this.gamma = terms * u / (1 - terms * u);
  }

  static OutputDistribution distribution(Family family, int outputs) {
    switch (family) {
      case CATEGORICAL:
        return new Categorical(outputs);
      case BERNOULLI:
        return new Bernoulli(outputs);
      default:
        return new Gaussian(outputs, VARIANCE);
    }
  }

  /** Entries at most 1 (or 1/σ²), times how the error of z moves them: |∂F_z/∂z| ≤ 1. */
  private double[][] fisherSizes(double[] z, double[][] jacobianSizes) {
    double move = move(jacobianSizes);
    double[][] result = new double[z.length][z.length];
    for (int k = 0; k < z.length; k++) {
      for (int l = 0; l < z.length; l++) {
        boolean diagonalOnly = !distribution.name().equals("categorical");
        result[k][l] = diagonalOnly && k != l ? 0 : move / VARIANCE;
      }
    }
    return result;
  }

  double[] row(int i) {
    double[] row = new double[x.cols()];
    x.copyRowTo(i, row, 0);
    return row;
  }

  Vec vec(double... entries) {
    Vec v = Vec.allocate(w, entries.length, precision);
    v.copyFrom(entries, 0);
    return v;
  }

  Vec randomVector() {
    return vec(NaiveDense.gaussian(parameters, random));
  }

  /** 1/B Σ gᵢgᵢᵀ of the given targets, from the mean parameters as stored. */
  double[][] empirical(Mat targets) {
    double[][][] squares = new double[batch][][];
    for (int i = 0; i < batch; i++) {
      squares[i] = square(scores(targets, i));
    }
    return NaiveFisher.average(jacobians, squares);
  }

  /**
   * As {@link #tolerance} for the empirical matrix: a score errs by γ of itself and of 1 + move.
   */
  double[] empiricalTolerance(Mat targets, double[] v) {
    double[][][] squares = new double[batch][][];
    for (int i = 0; i < batch; i++) {
      double move = move(jacobianSizes[i]);
      double[] size = scores(targets, i);
      for (int k = 0; k < outputs; k++) {
        size[k] = Math.abs(size[k]) + move / VARIANCE;
      }
      squares[i] = square(size);
    }
    double[] size = new double[v.length];
    for (int i = 0; i < v.length; i++) {
      size[i] = gamma * Math.abs(v[i]);
    }
    return NaiveDense.product(NaiveFisher.average(jacobianSizes, squares), size);
  }

  private double[] scores(Mat targets, int i) {
    double[] score = new double[outputs];
    double[] z = oracle.outputs(row(i));
    double total = 0;
    for (double entry : z) {
      total += Math.exp(entry);
    }
    for (int k = 0; k < outputs; k++) {
      switch (distribution.name()) {
        case "categorical":
          score[k] = Math.exp(z[k]) / total - targets.get(i, k);
          break;
        case "bernoulli":
          score[k] = 1 / (1 + Math.exp(-z[k])) - targets.get(i, k);
          break;
        default:
          score[k] = (z[k] - targets.get(i, k)) / VARIANCE;
      }
    }
    return score;
  }

  private static double[][] square(double[] s) {
    double[][] square = new double[s.length][s.length];
    for (int k = 0; k < s.length; k++) {
      for (int l = 0; l < s.length; l++) {
        square[k][l] = s[k] * s[l];
      }
    }
    return square;
  }

  private double move(double[][] sizes) {
    double move = 1;
    for (double[] row : sizes) {
      double size = 0;
      for (int p = 0; p < parameters; p++) {
        size += row[p] * Math.abs(theta.get(p));
      }
      move = Math.max(move, 1 + size);
    }
    return move;
  }

  /** A bound on the rounding of each entry of a computed F·v. */
  double[] tolerance(double[] v) {
    double[] size = new double[v.length];
    for (int i = 0; i < v.length; i++) {
      size[i] = gamma * Math.abs(v[i]);
    }
    return NaiveDense.product(sizes, size);
  }

  /** A bound on the rounding of a computed uᵀFv. */
  double tolerance(double[] u, double[] v) {
    double[] size = tolerance(v);
    double sum = 0;
    for (int i = 0; i < u.length; i++) {
      sum += Math.abs(u[i]) * size[i];
    }
    return sum;
  }

  ExactFisher exact() {
    ExactFisher fisher =
        new ExactFisher(w, linearization, distribution, parameters, batch, precision);
    fisher.setPoint(mean);
    return fisher;
  }

  SampledFisher sampled(int draws) {
    SampledFisher fisher =
        new SampledFisher(w, linearization, distribution, parameters, batch, draws, 1, precision);
    fisher.setPoint(mean);
    return fisher;
  }
}
