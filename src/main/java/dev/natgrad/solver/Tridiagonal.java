package dev.natgrad.solver;

/**
 * The eigenvalues of a symmetric tridiagonal matrix T, with the first and last components of its
 * eigenvectors, by implicitly shifted QR steps with Wilkinson's shift (Golub and Van Loan, Matrix
 * Computations, section 8.3). k² operations, since no other component is followed. The eigenvalues
 * are those of T + E, ‖E‖ a small multiple of k·u·‖T‖.
 *
 * <p>Thread rule: one thread at a time. Allocates only when built.
 */
final class Tridiagonal {
  /** So many steps an eigenvalue on average; two or three are usual. */
  private static final int STEPS_PER_EIGENVALUE = 50;

  private final double[] d;
  private final double[] e;
  private final double[] first;
  private final double[] last;

  /** Room for matrices up to k×k. */
  Tridiagonal(int k) {
    this.d = new double[k];
    this.e = new double[k];
    this.first = new double[k];
    this.last = new double[k];
  }

  /**
   * Decomposes the leading k×k matrix; eigenvalues then ascend.
   *
   * @param diagonal k numbers
   * @param below the k − 1 numbers next to the diagonal
   * @return false if a number is not finite or the iteration does not settle
   */
  boolean decompose(double[] diagonal, double[] below, int k) {
    double scale = 0;
    for (int i = 0; i < k; i++) {
      d[i] = diagonal[i];
      e[i] = i + 1 < k ? below[i] : 0;
      first[i] = i == 0 ? 1 : 0;
      last[i] = i == k - 1 ? 1 : 0;
      scale = Math.max(scale, Math.max(Math.abs(d[i]), Math.abs(e[i])));
      if (!(Double.isFinite(d[i]) && Double.isFinite(e[i]))) {
        return false;
      }
    }
    double negligible = 0x1p-53 * scale;
    int end = k - 1;
    for (long steps = (long) STEPS_PER_EIGENVALUE * k; end > 0; ) {
      if (Math.abs(e[end - 1]) <= negligible) {
        e[end - 1] = 0;
        end--;
        continue;
      }
      int start = end - 1;
      while (start > 0 && Math.abs(e[start - 1]) > negligible) {
        start--;
      }
      if (steps-- == 0) {
        return false;
      }
      step(start, end);
    }
    sort(k);
    return true;
  }

  /** One QR step on the unreduced block from start to end: a bulge is chased down by rotations. */
  private void step(int start, int end) {
    double half = (d[end - 1] - d[end]) / 2;
    double off = e[end - 1];
    double root = StrictMath.hypot(half, off);
    double shift = d[end] - off / (half + (half >= 0 ? root : -root)) * off;
    double x = d[start] - shift;
    double z = e[start];
    for (int i = start; i < end; i++) {
      double length = StrictMath.hypot(x, z);
      double c = length == 0 ? 1 : x / length;
      double s = length == 0 ? 0 : z / length;
      if (i > start) {
        e[i - 1] = length;
      }
      double di = d[i];
      double dj = d[i + 1];
      double mixed = 2 * c * s * e[i];
      d[i] = c * c * di + mixed + s * s * dj;
      d[i + 1] = s * s * di - mixed + c * c * dj;
      e[i] = c * s * (dj - di) + (c * c - s * s) * e[i];
      x = e[i];
      if (i + 1 < end) {
        z = s * e[i + 1];
        e[i + 1] *= c;
      }
      rotate(first, i, c, s);
      rotate(last, i, c, s);
    }
  }

  private static void rotate(double[] row, int i, double c, double s) {
    double a = row[i];
    double b = row[i + 1];
    row[i] = c * a + s * b;
    row[i + 1] = c * b - s * a;
  }

  private void sort(int k) {
    for (int i = 0; i < k; i++) {
      int least = i;
      for (int j = i + 1; j < k; j++) {
        least = d[j] < d[least] ? j : least;
      }
      swap(d, i, least);
      swap(first, i, least);
      swap(last, i, least);
    }
  }

  private static void swap(double[] row, int i, int j) {
    double kept = row[i];
    row[i] = row[j];
    row[j] = kept;
  }

  /** The i-th smallest eigenvalue. */
  double eigenvalue(int i) {
    return d[i];
  }

  /** The first component of its eigenvector of length 1. */
  double first(int i) {
    return first[i];
  }

  /** The last component of its eigenvector of length 1. */
  double last(int i) {
    return last[i];
  }
}
