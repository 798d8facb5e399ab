package dev.natgrad.solver;

/**
 * The r×r part of {@link Nystrom}, in double on the heap: from M = ΩᵀY and G = YᵀY, Y = (A + νI)Ω,
 * to T such that U = YTᵀ has orthonormal columns and (A + νI) ≈ UΣ²Uᵀ.
 *
 * <p>With M = CCᵀ the approximation is BBᵀ, B = YC⁻ᵀ; BᵀB = C⁻¹GC⁻ᵀ = VΣ²Vᵀ, so U = YC⁻ᵀVΣ⁻¹.
 */
final class NystromCore {
  private static final int SWEEPS = 30;

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

  /**
   * Finds Σ² − νI and T. Eigenvalues below {@code floor} times the largest are left out.
   *
   * @return how many are kept; −1 if M is not positive definite
   */
  int decompose(double shift, double floor) {
    if (!cholesky()) {
      return -1;
    }
    // G ← C⁻¹GC⁻ᵀ: columns, then rows.
    for (int pass = 0; pass < 2; pass++) {
      for (int j = 0; j < r; j++) {
        for (int i = 0; i < r; i++) {
          double sum = g[i][j];
          for (int k = 0; k < i; k++) {
            sum -= c[i][k] * g[k][j];
          }
          g[i][j] = sum / c[i][i];
        }
      }
      transposeSquare();
    }
    if (!diagonalise()) {
      return -1;
    }
    sort();
    double largest = g[order[0]][order[0]];
    int kept = 0;
    for (int i = 0; i < r; i++) {
      double square = g[order[i]][order[i]];
      if (square > floor * largest) {
        eigenvalues[i] = Math.max(0, square - shift);
        kept = i + 1;
      }
    }
    // Row i of T: Cᵀt = vᵢ/σᵢ, written over V.
    for (int i = 0; i < kept; i++) {
      int column = order[i];
      double sigma = Math.sqrt(g[column][column]);
      for (int k = r - 1; k >= 0; k--) {
        double sum = v[k][column] / sigma;
        for (int l = k + 1; l < r; l++) {
          sum -= c[l][k] * v[l][column];
        }
        v[k][column] = sum / c[k][k];
      }
    }
    return kept;
  }

  double eigenvalue(int i) {
    return eigenvalues[i];
  }

  /** Tᵢⱼ. */
  double transform(int i, int j) {
    return v[j][order[i]];
  }

  private boolean cholesky() {
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

  private void transposeSquare() {
    for (int i = 0; i < r; i++) {
      for (int j = 0; j < i; j++) {
        double kept = g[i][j];
        g[i][j] = g[j][i];
        g[j][i] = kept;
      }
    }
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
    double t = Math.signum(theta == 0 ? 1 : theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double cosine = 1 / Math.hypot(t, 1);
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
