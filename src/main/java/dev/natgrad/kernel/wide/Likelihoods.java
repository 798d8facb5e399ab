package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Wide.get;
import static dev.natgrad.kernel.wide.Wide.row;

/** Negative log-likelihoods of m×n targets Y under logits Z, each a sum of terms ≥ 0. */
public final class Likelihoods {
  private Likelihoods() {}

  /** The mean over the rows of Σⱼ yⱼ(ln Σₖ exp zₖ − zⱼ). */
  public static double categorical(boolean f64, int m, int n, long z, int ldz, long y, int ldy) {
    double total = 0;
    for (int i = 0; i < m; i++) {
      total += softmaxRow(f64, n, row(f64, z, ldz, i), row(f64, y, ldy, i));
    }
    return total / m;
  }

  private static double softmaxRow(boolean f64, int n, long z, long y) {
    int mode = 0;
    for (int j = 1; j < n; j++) {
      if (get(f64, z, j) > get(f64, z, mode)) {
        mode = j;
      }
    }
    double max = get(f64, z, mode);
    double others = 0;
    for (int j = 0; j < n; j++) {
      if (j != mode) {
        others += StrictMath.exp(get(f64, z, j) - max);
      }
    }
    double logTotal = StrictMath.log1p(others);
    double loss = 0;
    for (int j = 0; j < n; j++) {
      double target = get(f64, y, j);
      if (target != 0) {
        loss += target * (max - get(f64, z, j) + logTotal);
      }
    }
    return loss;
  }

  /**
   * The mean over the rows of Σⱼ y·ln(1 + e⁻ᶻ) + (1 − y)·ln(1 + eᶻ); scratch has {@link
   * Divergences#SCRATCH_BYTES} bytes.
   */
  public static double bernoulli(
      boolean f64, int m, int n, long z, int ldz, long y, int ldy, long scratch) {
    int group = BernoulliRows.rows(n);
    long work = scratch + (long) BernoulliRows.CHUNK_BYTES;
    double total = 0;
    for (int i = 0; i < m; i += group) {
      int rows = Math.min(group, m - i);
      long logits = row(f64, z, ldz, i);
      BernoulliRows.someLosses(f64, rows, n, logits, ldz, row(f64, y, ldy, i), ldy, scratch, work);
      for (int r = 0; r < rows; r++) {
        total += get(true, scratch, r);
      }
    }
    return total / m;
  }
}
