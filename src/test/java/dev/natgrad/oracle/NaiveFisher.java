package dev.natgrad.oracle;

/**
 * The Fisher matrix of a network with one hidden layer of tanh units, in plain loops: z = tanh(xW₁
 * + b₁)W₂ + b₂, θ = (W₁, b₁, W₂, b₂) row by row, inputs × units. The Jacobian is written out by
 * hand.
 */
public final class NaiveFisher {
  private final int inputs;
  private final int hidden;
  private final int outputs;
  private final double[] theta;

  public NaiveFisher(int inputs, int hidden, int outputs, double[] theta) {
    this.inputs = inputs;
    this.hidden = hidden;
    this.outputs = outputs;
    this.theta = theta;
  }

  private double w1(int i, int j) {
    return theta[i * hidden + j];
  }

  private double b1(int j) {
    return theta[inputs * hidden + j];
  }

  private int w2At(int j, int k) {
    return (inputs + 1) * hidden + j * outputs + k;
  }

  private int b2At(int k) {
    return w2At(hidden, k);
  }

  public double[] outputs(double[] x) {
    double[] z = new double[outputs];
    for (int k = 0; k < outputs; k++) {
      z[k] = theta[b2At(k)];
      for (int j = 0; j < hidden; j++) {
        z[k] += Math.tanh(sum(x, j)) * theta[w2At(j, k)];
      }
    }
    return z;
  }

  private double sum(double[] x, int j) {
    double s = b1(j);
    for (int i = 0; i < inputs; i++) {
      s += x[i] * w1(i, j);
    }
    return s;
  }

  /** outputs × parameters. */
  public double[][] jacobian(double[] x) {
    double[][] jacobian = new double[outputs][theta.length];
    for (int k = 0; k < outputs; k++) {
      jacobian[k][b2At(k)] = 1;
      for (int j = 0; j < hidden; j++) {
        double h = Math.tanh(sum(x, j));
        double back = theta[w2At(j, k)] * (1 - h * h);
        jacobian[k][w2At(j, k)] = h;
        jacobian[k][inputs * hidden + j] = back;
        for (int i = 0; i < inputs; i++) {
          jacobian[k][i * hidden + j] = back * x[i];
        }
      }
    }
    return jacobian;
  }

  /**
   * |J| with every slope and value of tanh taken as 1, times 1 + Σ|terms| of the sums within: what
   * the rounding of a computed J is relative to.
   */
  public double[][] sizes(double[] x) {
    double[][] sizes = new double[outputs][theta.length];
    double within = 1;
    for (int j = 0; j < hidden; j++) {
      double s = Math.abs(b1(j));
      for (int i = 0; i < inputs; i++) {
        s += Math.abs(x[i] * w1(i, j));
      }
      within = Math.max(within, 1 + s);
    }
    for (int k = 0; k < outputs; k++) {
      sizes[k][b2At(k)] = within;
      for (int j = 0; j < hidden; j++) {
        double back = Math.abs(theta[w2At(j, k)]);
        sizes[k][w2At(j, k)] = within;
        sizes[k][inputs * hidden + j] = within * back;
        for (int i = 0; i < inputs; i++) {
          sizes[k][i * hidden + j] = within * back * Math.abs(x[i]);
        }
      }
    }
    return sizes;
  }

  /** The Fisher matrix of a distribution's outputs z. */
  public static double[][] outputFisher(String distribution, double[] z, double variance) {
    int n = z.length;
    double[][] f = new double[n][n];
    double[] p = new double[n];
    double total = 0;
    for (int k = 0; k < n; k++) {
      p[k] = Math.exp(z[k]);
      total += p[k];
    }
    for (int k = 0; k < n; k++) {
      for (int l = 0; l < n; l++) {
        switch (distribution) {
          case "categorical":
            f[k][l] = (k == l ? p[k] / total : 0) - p[k] / total * p[l] / total;
            break;
          case "bernoulli":
            f[k][l] = k == l ? p[k] / (1 + p[k]) / (1 + p[k]) : 0;
            break;
          default:
            f[k][l] = k == l ? 1 / variance : 0;
        }
      }
    }
    return f;
  }

  /** 1/B·Σ Jᵢᵀ F Jᵢ with given matrices. */
  public static double[][] average(double[][][] jacobians, double[][][] fishers) {
    int parameters = jacobians[0][0].length;
    double[][] f = new double[parameters][parameters];
    for (int b = 0; b < jacobians.length; b++) {
      double[][] j = jacobians[b];
      for (int k = 0; k < j.length; k++) {
        for (int l = 0; l < j.length; l++) {
          double weight = fishers[b][k][l] / jacobians.length;
          for (int p = 0; p < parameters; p++) {
            for (int q = 0; q < parameters; q++) {
              f[p][q] += j[k][p] * weight * j[l][q];
            }
          }
        }
      }
    }
    return f;
  }
}
