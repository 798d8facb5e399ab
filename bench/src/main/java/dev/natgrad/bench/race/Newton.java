package dev.natgrad.bench.race;

/** Newton's method in plain double loops: where the race's logistic regression ends. */
final class Newton {
  /** Enough for any data that are not separable; the one-hot columns leave a singular Hessian. */
  private static final double RIDGE = 1e-10;

  private static final int ITERATIONS = 30;

  private Newton() {}

  /** The smallest mean logistic loss over columns of features and an intercept. */
  static double logisticOptimum(double[][] features, double[] labels) {
    int n = labels.length;
    int p = features.length + 1;
    double[][] x = new double[n][p];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < p - 1; j++) {
        x[i][j] = features[j][i];
      }
      x[i][p - 1] = 1;
    }
    double[] theta = new double[p];
    double loss = Double.POSITIVE_INFINITY;
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      double[] g = new double[p];
      double[][] h = new double[p][p];
      double next = accumulate(x, labels, theta, g, h);
      if (loss - next < 1e-14) {
        return Math.min(loss, next);
      }
      loss = next;
      solve(h, g);
      for (int j = 0; j < p; j++) {
        theta[j] -= g[j];
      }
    }
    return loss;
  }

  private static double accumulate(
      double[][] x, double[] labels, double[] theta, double[] g, double[][] h) {
    int n = labels.length;
    int p = theta.length;
    double loss = 0;
    for (int i = 0; i < n; i++) {
      double z = 0;
      for (int j = 0; j < p; j++) {
        z += x[i][j] * theta[j];
      }
      double mean = 1 / (1 + Math.exp(-z));
      loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - labels[i] * z;
      double weight = mean * (1 - mean) / n;
      for (int j = 0; j < p; j++) {
        g[j] += (mean - labels[i]) * x[i][j] / n;
        double scaled = weight * x[i][j];
        if (scaled != 0) {
          for (int k = 0; k <= j; k++) {
            h[j][k] += scaled * x[i][k];
          }
        }
      }
    }
    return loss / n;
  }

  /** g ← (H + ridge·I)⁻¹g by Cholesky's factorisation of the lower triangle, overwritten. */
  private static void solve(double[][] h, double[] g) {
    int p = g.length;
    for (int j = 0; j < p; j++) {
      h[j][j] += RIDGE;
      for (int k = 0; k < j; k++) {
        h[j][j] -= h[j][k] * h[j][k];
      }
      h[j][j] = Math.sqrt(h[j][j]);
      for (int i = j + 1; i < p; i++) {
        for (int k = 0; k < j; k++) {
          h[i][j] -= h[i][k] * h[j][k];
        }
        h[i][j] /= h[j][j];
      }
      for (int k = 0; k < j; k++) {
        g[j] -= h[j][k] * g[k];
      }
      g[j] /= h[j][j];
    }
    for (int j = p - 1; j >= 0; j--) {
      for (int k = j + 1; k < p; k++) {
        g[j] -= h[k][j] * g[k];
      }
      g[j] /= h[j][j];
    }
  }
}
