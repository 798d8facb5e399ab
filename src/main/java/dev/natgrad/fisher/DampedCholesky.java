package dev.natgrad.fisher;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * Solves with A + diag(w) + cI, A symmetric positive semi-definite but for rounding, by Cholesky in
 * double whatever A's precision: then only the rounding of A itself limits the solution.
 *
 * <p>Where it fails, the diagonal is enlarged by a share of itself: first by n·u, u the roundoff of
 * A's precision, since A scaled to a unit diagonal may have an eigenvalue as far below 0; then by
 * {@link #GROWTH} times as much each time, up to {@link #LARGEST_SHIFT}. A share, so that units do
 * not matter; an entry below 0 is enlarged by that share of the mean.
 *
 * <p>An entry 0 says that the whole row is 0: it is left out of the system, and the solution has 0
 * there. Nothing is known of that unit, and any number in its place would be one in some unit.
 */
final class DampedCholesky {
  static final double GROWTH = 10;
  static final double LARGEST_SHIFT = 1e-2;

  /** The golden ratio: its multiples modulo 1 follow no pattern that a null vector could have. */
  private static final double GOLDEN = 0.6180339887498949;

  private final Precision precision;
  private final BatchViews<Views> views;
  private final double[] row;
  private final double[] diagonal;

  private Views at;
  private double shift;

  private record Views(Mat factor, Vec rhs) {}

  /** Room for matrices up to n×n: n² + n numbers in F64. */
  DampedCholesky(Workspace workspace, int n, Precision precision) {
    this.precision = precision;
    this.row = new double[n];
    this.diagonal = new double[n];
    Vec entries = Vec.allocate(workspace, FisherCheck.entries("n", n, n), Precision.F64);
    Vec rhs = Vec.allocate(workspace, n, Precision.F64);
    this.views =
        new BatchViews<>(n, k -> new Views(entries.slice(0, k * k).asMat(k, k), rhs.slice(0, k)));
  }

  static long bytes(int n) {
    return Mat.bytes(n, n, Precision.F64) + Vec.bytes(n, Precision.F64);
  }

  /** Factors; reads the lower triangle of A; w may be null for none. */
  DirectStatus factor(Mat a, Vec w, double c) {
    int n = a.rows();
    at = views.of(n);
    shift = 0;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      diagonal[i] = a.get(i, i) + (w == null ? c : w.get(i) + c);
      sum += diagonal[i];
    }
    if (!finite(a) || !Double.isFinite(sum)) {
      at = null;
      return DirectStatus.NON_FINITE;
    }
    double next = n * precision.unitRoundoff();
    while (!attempt(a, sum / n)) {
      if (next > LARGEST_SHIFT) {
        at = null;
        return DirectStatus.NOT_POSITIVE_DEFINITE;
      }
      shift = next;
      next *= GROWTH;
    }
    return shift == 0 ? DirectStatus.SOLVED : DirectStatus.SHIFT_RAISED;
  }

  private boolean finite(Mat a) {
    for (int i = 0; i < a.rows(); i++) {
      a.copyRowTo(i, row, 0);
      for (int j = 0; j <= i; j++) {
        if (!Double.isFinite(row[j])) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean attempt(Mat a, double mean) {
    for (int i = 0; i < a.rows(); i++) {
      a.copyRowTo(i, row, 0);
      // A pivot of any size keeps a row of zeros apart.
      row[i] =
          diagonal[i] == 0 ? mean : diagonal[i] + shift * (diagonal[i] > 0 ? diagonal[i] : mean);
      at.factor.copyRowFrom(i, row, 0);
    }
    return Cholesky.factor(at.factor);
  }

  /** x ← the solution for b, which may be x; false, with x unchanged, if it is not finite. */
  boolean solve(Vec b, Vec x) {
    if (at == null) {
      throw new IllegalStateException(
          "there is no factor: call damp first, and solve only if it says solved");
    }
    b.copyTo(row, 0);
    at.rhs.copyFrom(row, 0);
    Cholesky.solve(at.factor, at.rhs);
    at.rhs.copyTo(row, 0);
    double largest = precision == Precision.F64 ? Double.MAX_VALUE : Float.MAX_VALUE;
    for (int i = 0; i < b.length(); i++) {
      if (!(Math.abs(row[i]) <= largest)) {
        return false;
      }
      row[i] = diagonal[i] == 0 ? 0 : row[i];
    }
    x.copyFrom(row, 0);
    return true;
  }

  /**
   * The curvature of A alone, in units of D = diag(A) + diag(w), along q = (A + diag(w))⁻¹D^½r with
   * r without a pattern: qᵀAq/qᵀDq. Inverse iteration turns q towards the weakest direction, so it
   * is never below the least eigenvalue of D^-½AD^-½, and near it where it is far below the others.
   *
   * @return 0 where only a shift made A + diag(w) positive definite
   */
  double leastCurvature(Vec w) {
    if (shift != 0) {
      return 0;
    }
    int n = at.rhs.length();
    for (int i = 0; i < n; i++) {
      at.rhs.set(i, start(i));
    }
    Cholesky.solve(at.factor, at.rhs);
    double whole = 0;
    double damped = 0;
    double length = 0;
    for (int i = 0; i < n; i++) {
      double q = diagonal[i] == 0 ? 0 : at.rhs.get(i);
      whole += q * start(i);
      damped += q * q * w.get(i);
      length += q * q * diagonal[i];
    }
    return (whole - damped) / length;
  }

  private double start(int i) {
    double turns = (i + 1) * GOLDEN;
    return (0.5 + turns - Math.floor(turns)) * Math.sqrt(Math.max(diagonal[i], 0));
  }

  /** Gives up the factor. */
  void clear() {
    at = null;
  }

  /** The share of itself by which the diagonal was enlarged. */
  double shift() {
    return shift;
  }
}
