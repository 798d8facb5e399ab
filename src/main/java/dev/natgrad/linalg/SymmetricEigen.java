package dev.natgrad.linalg;

import dev.natgrad.kernel.f64.Level1;
import dev.natgrad.kernel.f64.Level2;
import dev.natgrad.kernel.f64.Rotations;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * The eigenvalues and eigenvectors of symmetric matrices, A = QΛQᵀ, computed in double for both
 * precisions: reduction to tridiagonal form by Householder reflections, then the QL algorithm with
 * implicit shifts (Golub and Van Loan, Matrix Computations, section 8.3). Backward stable: Λ and Q
 * are those of A + E with ‖E‖ ≤ c·n·u·‖A‖, u of F64, and Q is orthogonal to c·n·u.
 *
 * <p>About 8n³ flops. Its own memory is {@link #bytes}; the same input gives the same bits. Thread
 * rule: the owner of its workspace. Allocates nothing after construction.
 */
public final class SymmetricEigen {
  private static final int MOST_SWEEPS = 60;
  private static final double UNIT = 0x1p-53;

  private final int maxOrder;
  private final Mat reduced;
  private final Mat vectors;
  private final Vec work;
  private final double[] values;
  private final double[] off;
  private final int[] order;
  private final long scratch;
  private int n;

  /**
   * Room for decompositions.
   *
   * @param workspace the owner of its memory
   * @param maxOrder the largest n, at least 1
   * @throws IllegalArgumentException if it is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public SymmetricEigen(Workspace workspace, int maxOrder) {
    if (maxOrder < 1) {
      throw new IllegalArgumentException("maxOrder is " + maxOrder + "; it must be at least 1");
    }
    this.maxOrder = maxOrder;
    this.reduced = Mat.allocate(workspace, maxOrder, maxOrder, Precision.F64);
    this.vectors = Mat.allocate(workspace, maxOrder, maxOrder, Precision.F64);
    this.work = Vec.allocate(workspace, maxOrder, Precision.F64);
    this.values = new double[maxOrder];
    this.off = new double[maxOrder];
    this.order = new int[maxOrder];
    this.scratch = workspace.reductionScratch().address();
  }

  /**
   * Returns the off-heap memory it takes: two n×n matrices and a vector of n doubles, n the largest
   * order; on the heap 20n bytes more.
   *
   * @param maxOrder the largest order
   * @return bytes
   */
  public static long bytes(int maxOrder) {
    return 2 * Mat.bytes(maxOrder, maxOrder, Precision.F64) + Vec.bytes(maxOrder, Precision.F64);
  }

  /**
   * Decomposes a matrix.
   *
   * @param a A, n×n, of either precision; only its lower triangle is read
   * @return false if A is not finite or, which has not been seen, QL did not converge; there is no
   *     decomposition then
   * @throws IllegalArgumentException if A is not square, empty or larger than the largest order
   */
  public boolean decompose(Mat a) {
    Check.operand("a", a, a.precision);
    Check.square("a", a);
    if (a.rows < 1 || a.rows > maxOrder) {
      throw new IllegalArgumentException(
          "a is " + a.rows + "×" + a.cols + "; its order must be 1 to " + maxOrder);
    }
    n = a.rows;
    double scale = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double value = Elements.get(a.rowAddress(i), j, a.precision);
        scale = Math.max(scale, Math.abs(value));
        Elements.set(row(reduced, i), j, value, Precision.F64);
      }
    }
    if (!Double.isFinite(scale)) {
      n = 0;
      return false;
    }
    int exponent = scale == 0 ? 0 : Math.getExponent(scale);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        set(row(reduced, i), j, Math.scalb(get(row(reduced, i), j), -exponent));
      }
    }
    tridiagonalise();
    accumulate();
    if (!diagonalise()) {
      n = 0;
      return false;
    }
    for (int i = 0; i < n; i++) {
      values[i] = Math.scalb(values[i], exponent);
    }
    sort();
    return true;
  }

  private static long row(Mat m, int i) {
    return m.rowAddress(i);
  }

  private static double get(long row, int j) {
    return Elements.get(row, j, Precision.F64);
  }

  private static void set(long row, int j, double value) {
    Elements.set(row, j, value, Precision.F64);
  }

  /**
   * From the last row up: the reflection I − τvvᵀ of the leading i coordinates clears row i left of
   * its last entry. v replaces the row, τ is kept in {@code off} until the entries are gathered.
   */
  private void tridiagonalise() {
    for (int i = n - 1; i > 0; i--) {
      long v = row(reduced, i);
      values[i] = get(v, i);
      double norm = Level1.nrm2(i, v, scratch);
      double last = get(v, i - 1);
      double rest = Level1.nrm2(i - 1, v, scratch);
      if (rest == 0) {
        set(v, i, 0);
        off[i] = last;
        continue;
      }
      double entry = last > 0 ? -norm : norm;
      set(v, i - 1, last - entry);
      double tau = 2 / Level1.dot(i, v, v, scratch);
      long p = work.address;
      Level2.symv(i, tau, reduced.address, reduced.stride, v, 0, p, scratch);
      Level1.axpy(i, -0.5 * tau * Level1.dot(i, v, p, scratch), v, p);
      for (int j = 0; j < i; j++) {
        Level1.axpy(j + 1, -get(v, j), p, row(reduced, j));
        Level1.axpy(j + 1, -get(p, j), v, row(reduced, j));
      }
      set(v, i, tau);
      off[i] = entry;
    }
    values[0] = get(row(reduced, 0), 0);
  }

  /** The rows of {@code vectors} become those of the transposed product of the reflections. */
  private void accumulate() {
    for (int i = 0; i < n; i++) {
      Level1.fill(n, 0, row(vectors, i));
      set(row(vectors, i), i, 1);
    }
    for (int i = 1; i < n; i++) {
      long v = row(reduced, i);
      double tau = get(v, i);
      if (tau != 0) {
        long p = work.address;
        Level2.gemv(i, i, -tau, vectors.address, vectors.stride, v, 0, p, 1, scratch);
        Level2.ger(i, i, 1, p, v, vectors.address, vectors.stride);
      }
    }
    System.arraycopy(off, 1, off, 0, n - 1);
    off[n - 1] = 0;
  }

  private boolean diagonalise() {
    for (int l = 0; l < n; l++) {
      int sweeps = 0;
      int m = firstSmall(l);
      while (m > l) {
        if (sweeps++ == MOST_SWEEPS) {
          return false;
        }
        sweep(l, m);
        m = firstSmall(l);
      }
    }
    return true;
  }

  /** The first m ≥ l whose entry to m + 1 is negligible. */
  private int firstSmall(int l) {
    int m = l;
    while (m < n - 1 && Math.abs(off[m]) > UNIT * (Math.abs(values[m]) + Math.abs(values[m + 1]))) {
      m++;
    }
    return m;
  }

  private static double length(double x, double y) {
    return Math.sqrt(x * x + y * y);
  }

  /** One implicit QL step on the unreduced block l … m, with Wilkinson's shift. */
  private void sweep(int l, int m) {
    double g = (values[l + 1] - values[l]) / (2 * off[l]);
    double r = Math.abs(g) > 1e100 ? Math.abs(g) : length(g, 1);
    g = values[m] - values[l] + off[l] / (g + (g >= 0 ? r : -r));
    double s = 1;
    double c = 1;
    double p = 0;
    for (int i = m - 1; i >= l; i--) {
      double f = s * off[i];
      double b = c * off[i];
      r = length(f, g);
      off[i + 1] = r;
      if (r == 0) {
        values[i + 1] -= p;
        off[m] = 0;
        return;
      }
      s = f / r;
      c = g / r;
      g = values[i + 1] - p;
      r = (values[i] - g) * s + 2 * c * b;
      p = s * r;
      values[i + 1] = g + p;
      g = c * r - b;
      Rotations.apply(n, c, s, row(vectors, i), row(vectors, i + 1));
    }
    values[l] -= p;
    off[l] = g;
    off[m] = 0;
  }

  private void sort() {
    for (int i = 0; i < n; i++) {
      int j = i;
      for (; j > 0 && values[order[j - 1]] > values[i]; j--) {
        order[j] = order[j - 1];
      }
      order[j] = i;
    }
  }

  /**
   * Returns an eigenvalue of the last matrix.
   *
   * @param i its number, 0 ≤ i &lt; n, in ascending order
   * @return λᵢ
   * @throws IndexOutOfBoundsException if there is none of that number
   */
  public double value(int i) {
    return values[order[java.util.Objects.checkIndex(i, n)]];
  }

  /**
   * Q ← the eigenvectors of the last matrix, one a column, in the order of {@link #value}.
   *
   * @param q Q, n×n, of either precision, overwritten
   * @throws IllegalArgumentException if its shape does not fit
   */
  public void vectors(Mat q) {
    Check.operand("q", q, q.precision);
    Check.shape("q", q, n, n);
    for (int j = 0; j < n; j++) {
      long vector = row(vectors, order[j]);
      for (int i = 0; i < n; i++) {
        Elements.set(q.rowAddress(i), j, get(vector, i), q.precision);
      }
    }
  }
}
