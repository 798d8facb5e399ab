package dev.natgrad.oracle;

import java.util.Random;

/** Textbook dense linear algebra in double, on arrays. */
public final class NaiveDense {
  private NaiveDense() {}

  /** Returns Ax. */
  public static double[] product(double[][] a, double[] x) {
    double[] y = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      y[i] = dot(a[i], x);
    }
    return y;
  }

  public static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  public static double norm(double[] x) {
    return Math.sqrt(dot(x, x));
  }

  public static double[] minus(double[] x, double[] y) {
    double[] z = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      z[i] = x[i] - y[i];
    }
    return z;
  }

  /** Solves Ax = b by Gaussian elimination with partial pivoting. */
  public static double[] solve(double[][] a, double[] b) {
    int n = b.length;
    double[][] m = new double[n][];
    for (int i = 0; i < n; i++) {
      m[i] = java.util.Arrays.copyOf(a[i], n + 1);
      m[i][n] = b[i];
    }
    for (int k = 0; k < n; k++) {
      int pivot = k;
      for (int i = k + 1; i < n; i++) {
        pivot = Math.abs(m[i][k]) > Math.abs(m[pivot][k]) ? i : pivot;
      }
      double[] swap = m[k];
      m[k] = m[pivot];
      m[pivot] = swap;
      for (int i = k + 1; i < n; i++) {
        double factor = m[i][k] / m[k][k];
        for (int j = k; j <= n; j++) {
          m[i][j] -= factor * m[k][j];
        }
      }
    }
    double[] x = new double[n];
    for (int i = n - 1; i >= 0; i--) {
      double sum = m[i][n];
      for (int j = i + 1; j < n; j++) {
        sum -= m[i][j] * x[j];
      }
      x[i] = sum / m[i][i];
    }
    return x;
  }

  /** QΛQᵀ with Q a product of three random reflections: the eigenvalues are known. */
  public static double[][] withEigenvalues(double[] eigenvalues, Random random) {
    int n = eigenvalues.length;
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i][i] = eigenvalues[i];
    }
    for (int k = 0; k < 3; k++) {
      a = reflected(a, gaussian(n, random));
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        a[j][i] = a[i][j];
      }
    }
    return a;
  }

  /** HAH with H = I − 2vvᵀ/vᵀv. */
  private static double[][] reflected(double[][] a, double[] v) {
    int n = v.length;
    double scale = 2 / dot(v, v);
    double[] av = product(a, v);
    double vav = dot(v, av);
    double[][] h = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i][j] =
            a[i][j] - scale * (v[i] * av[j] + av[i] * v[j]) + scale * scale * vav * v[i] * v[j];
      }
    }
    return h;
  }

  public static double[] gaussian(int n, Random random) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  /** n numbers from 1/κ to 1, evenly spaced in their logarithm, both ends included. */
  public static double[] logSpaced(int n, double kappa) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = n == 1 ? 1 : Math.pow(kappa, (double) i / (n - 1) - 1);
    }
    return x;
  }
}
