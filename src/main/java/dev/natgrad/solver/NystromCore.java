package dev.natgrad.solver;

/**
 * The r×r part of {@link Nystrom}, in double on the heap: the Cholesky factor C of M = ΩᵀY, Y = (A
 * + νI)Ω, and the eigenvectors of BᵀB = VΣ²Vᵀ where B = YC⁻ᵀ; then (A + νI) ≈ BBᵀ = UΣ²Uᵀ with U =
 * BVΣ⁻¹. Between the two B is computed, since YᵀY would square the condition number.
 */
final class NystromCore {
  private static final int SWEEPS = 30;

  /** In units of ν. */
  private static final double NULL = 2;

  private final int r;
  private final double[][] c;
  private final double[][] g;
  private final double[][] v;
  private final double[] eigenvalues;
  private final int[] order;

  NystromCore(int r) {
    this.r = r;
    this.c = new double[r][r];
    this.g = new double[r][r];
    this.v = new double[r][r];
    this.eigenvalues = new double[r];
    this.order = new int[r];
  }

  /** Mᵢⱼ, j ≤ i. */
  void setMixed(int i, int j, double value) {
    c[i][j] = value;
  }

  /** Gᵢⱼ, j ≤ i. */
  void setSquare(int i, int j, double value) {
    g[i][j] = value;
    g[j][i] = value;
  }

  /** Cᵢⱼ, j ≤ i, after {@link #cholesky}. */
  double factor(int i, int j) {
    return c[i][j];
  }

  /**
   * Finds V and Σ² − νI. A null direction has Σ² = ν but for less than ν of rounding; what is not
   * above {@value #NULL}·ν is left out.
   *
   * @return how many are kept; −1 if a number is not finite
   */
  int decompose(double shift) {
    if (!diagonalise()) {
      return -1;
    }
    sort();
    int kept = 0;
    for (int i = 0; i < r; i++) {
      double square = g[order[i]][order[i]];
      if (square > NULL * shift) {
        eigenvalues[i] = square - shift;
        kept = i + 1;
      }
    }
    return kept;
  }

  double eigenvalue(int i) {
    return eigenvalues[i];
  }

  double[] eigenvalues() {
    return eigenvalues;
  }

  void restore(double[] values) {
    System.arraycopy(values, 0, eigenvalues, 0, r);
  }

  /** Row i of Σ⁻¹Vᵀ. */
  double transform(int i, int j) {
    return v[j][order[i]] / Math.sqrt(g[order[i]][order[i]]);
  }

  /** C over M; false if M is not positive definite. */
  boolean cholesky() {
    for (int j = 0; j < r; j++) {
      for (int i = j; i < r; i++) {
        double sum = c[i][j];
        for (int k = 0; k < j; k++) {
          sum -= c[i][k] * c[j][k];
        }
        if (i == j) {
          if (!(sum > 0 && Double.isFinite(sum))) {
            return false;
          }
          c[j][j] = Math.sqrt(sum);
        } else {
          c[i][j] = sum / c[j][j];
        }
      }
    }
    return true;
  }

  /** Jacobi's method on G, V its rotations: sweeps until all off the diagonal is rounding. */
  private boolean diagonalise() {
    for (int i = 0; i < r; i++) {
      for (int j = 0; j < r; j++) {
        v[i][j] = i == j ? 1 : 0;
      }
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean rotated = false;
      for (int p = 0; p < r; p++) {
        for (int q = p + 1; q < r; q++) {
          double off = 0.5 * (g[p][q] + g[q][p]);
          if (!Double.isFinite(off)) {
            return false;
          }
          // Relative to both diagonal entries: small eigenvalues keep their relative accuracy.
          if (Math.abs(off) > 0x1p-53 * Math.sqrt(Math.abs(g[p][p] * g[q][q]))) {
            rotate(p, q, off);
            rotated = true;
          }
        }
      }
      if (!rotated) {
        return true;
      }
    }
    return true;
  }

  private void rotate(int p, int q, double off) {
    double theta = (g[q][q] - g[p][p]) / (2 * off);
    double t = Math.signum(theta == 0 ? 1 : theta) / (Math.abs(theta) + StrictMath.hypot(theta, 1));
    double cosine = 1 / StrictMath.hypot(t, 1);
    double sine = t * cosine;
    for (int k = 0; k < r; k++) {
      double a = g[k][p];
      double b = g[k][q];
      g[k][p] = cosine * a - sine * b;
      g[k][q] = sine * a + cosine * b;
      double x = v[k][p];
      double y = v[k][q];
      v[k][p] = cosine * x - sine * y;
      v[k][q] = sine * x + cosine * y;
    }
    for (int k = 0; k < r; k++) {
      double a = g[p][k];
      double b = g[q][k];
      g[p][k] = cosine * a - sine * b;
      g[q][k] = sine * a + cosine * b;
    }
    g[p][q] = 0;
    g[q][p] = 0;
  }

  /** Largest first. */
  private void sort() {
    for (int i = 0; i < r; i++) {
      order[i] = i;
    }
    for (int i = 1; i < r; i++) {
      int moved = order[i];
      int j = i;
      while (j > 0 && g[order[j - 1]][order[j - 1]] < g[moved][moved]) {
        order[j] = order[j - 1];
        j--;
      }
      order[j] = moved;
    }
  }
}
