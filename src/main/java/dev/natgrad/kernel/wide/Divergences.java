package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Wide.get;
import static dev.natgrad.kernel.wide.Wide.row;

/**
 * KL divergences between the rows of two m×n matrices of logits, each a sum of terms ≥ 0.
 *
 * <p>With d = z′ − z and x = d − E_p[d], KL(softmax z ‖ softmax z′) = ln E_p[eˣ], and since E_p[x]
 * = 0 that is log1p(E_p[ψ(x)]) with ψ(x) = eˣ − 1 − x ≥ 0: nothing cancels however small d is. An
 * error η in E_p[d] enters as −η·KL + η²/2 only.
 */
public final class Divergences {
  /** Above this exponent the sum of eˣ is taken relative to its largest term. */
  private static final double LARGE = 600;

  /** What {@link #bernoulli} needs: a sum for each row it takes at once, and their elements. */
  public static final int SCRATCH_BYTES = BernoulliRows.CHUNK_BYTES + BernoulliRows.SCRATCH_BYTES;

  private Divergences() {}

  /** The mean over the rows, or their maximum, of KL(softmax aᵢ ‖ softmax bᵢ). */
  public static double categorical(
      boolean f64, int m, int n, long a, int lda, long b, int ldb, boolean maximum) {
    double sum = 0;
    double lost = 0;
    double max = 0;
    for (int i = 0; i < m; i++) {
      double kl = softmaxRow(f64, n, row(f64, a, lda, i), row(f64, b, ldb, i));
      double next = sum + kl;
      lost += sum >= kl ? sum - next + kl : kl - next + sum;
      sum = next;
      max = Math.max(max, kl);
    }
    return maximum ? max : mean(sum, lost, m);
  }

  /**
   * The mean over the rows, or their maximum, of Σⱼ KL(logistic aᵢⱼ ‖ logistic bᵢⱼ); scratch has
   * {@link #SCRATCH_BYTES} bytes.
   */
  public static double bernoulli(
      boolean f64, int m, int n, long a, int lda, long b, int ldb, boolean maximum, long scratch) {
    int group = BernoulliRows.rows(n);
    long work = scratch + (long) BernoulliRows.CHUNK_BYTES;
    double sum = 0;
    double lost = 0;
    double max = 0;
    for (int i = 0; i < m; i += group) {
      int rows = Math.min(group, m - i);
      long from = row(f64, a, lda, i);
      BernoulliRows.someDivergences(
          f64, rows, n, from, lda, row(f64, b, ldb, i), ldb, scratch, work);
      for (int r = 0; r < rows; r++) {
        double kl = get(true, scratch, r);
        double next = sum + kl;
        lost += sum >= kl ? sum - next + kl : kl - next + sum;
        sum = next;
        max = Math.max(max, kl);
      }
    }
    return maximum ? max : mean(sum, lost, m);
  }

  /** The mean over the rows, or their maximum, of ‖aᵢ − bᵢ‖². */
  public static double squaredDistance(
      boolean f64, int m, int n, long a, int lda, long b, int ldb, boolean maximum) {
    double sum = 0;
    double lost = 0;
    double max = 0;
    for (int i = 0; i < m; i++) {
      long ai = row(f64, a, lda, i);
      long bi = row(f64, b, ldb, i);
      double square = 0;
      for (int j = 0; j < n; j++) {
        double d = get(f64, ai, j) - get(f64, bi, j);
        square = Math.fma(d, d, square);
      }
      double next = sum + square;
      lost += sum >= square ? sum - next + square : square - next + sum;
      sum = next;
      max = Math.max(max, square);
    }
    return maximum ? max : mean(sum, lost, m);
  }

  /** Neumaier's compensation is NaN once the sum is infinite. */
  private static double mean(double sum, double lost, int m) {
    return (Double.isFinite(sum) ? sum + lost : sum) / m;
  }

  private static double softmaxRow(boolean f64, int n, long a, long b) {
    int mode = 0;
    for (int j = 1; j < n; j++) {
      if (get(f64, a, j) > get(f64, a, mode)) {
        mode = j;
      }
    }
    double max = get(f64, a, mode);
    // Differences are taken from the mode's so that a common shift of all logits leaves no trace.
    double shift = get(f64, b, mode) - max;
    double shiftLow = differenceLow(get(f64, b, mode), max, shift);
    double total = 0;
    double weighted = 0;
    for (int j = 0; j < n; j++) {
      double e = StrictMath.exp(get(f64, a, j) - max);
      total += e;
      weighted += e * change(get(f64, a, j), get(f64, b, j), shift, shiftLow);
    }
    double mean = weighted / total;
    double logTotal = StrictMath.log(total);
    double sum = 0;
    double top = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      double logP = get(f64, a, j) - max - logTotal;
      double x = change(get(f64, a, j), get(f64, b, j), shift, shiftLow) - mean;
      top = Math.max(top, logP + x);
      sum += term(StrictMath.exp(logP), logP, x);
    }
    if (top <= LARGE) {
      return StrictMath.log1p(sum);
    }
    double relative = 0;
    for (int j = 0; j < n; j++) {
      double logP = get(f64, a, j) - max - logTotal;
      double x = change(get(f64, a, j), get(f64, b, j), shift, shiftLow) - mean;
      relative += StrictMath.exp(logP + x - top);
    }
    return top + StrictMath.log(relative);
  }

  /** (b − a) − (shift + shiftLow), the first difference with its rounding error. */
  private static double change(double a, double b, double shift, double shiftLow) {
    double d = b - a;
    return d - shift + (differenceLow(b, a, d) - shiftLow);
  }

  /** Knuth's error of the difference: b − a = d + this exactly. */
  private static double differenceLow(double b, double a, double d) {
    double back = d - b;
    return b - (d - back) - (a + back);
  }

  /** KL of one yes-or-no output, whatever the numbers. */
  static double logistic(double from, double to) {
    // KL is the same for the two outcomes exchanged, so let the first be the likelier.
    double z = Math.abs(from);
    double d = from < 0 ? from - to : to - from;
    double a = StrictMath.exp(-z);
    double p = 1 / (1 + a);
    double q = a / (1 + a);
    double logTotal = StrictMath.log1p(a);
    double x1 = q * d;
    double x0 = -p * d;
    double top1 = x1 - logTotal;
    double top0 = x0 - z - logTotal;
    double top = Math.max(top1, top0);
    if (top <= LARGE) {
      return StrictMath.log1p(term(p, -logTotal, x1) + term(q, -z - logTotal, x0));
    }
    return top + StrictMath.log1p(StrictMath.exp(Math.min(top1, top0) - top));
  }

  /** p·ψ(x); beyond 1 as e^(ln p + x) − p(1 + x), which does not overflow where p is tiny. */
  private static double term(double p, double logP, double x) {
    return x > 1 ? StrictMath.exp(logP + x) - p * (1 + x) : p * excess(x);
  }

  /** ψ(x) = eˣ − 1 − x for x ≤ 1, to a few ulp: Taylor's series where the difference cancels. */
  static double excess(double x) {
    if (Math.abs(x) > 0.5) {
      return StrictMath.expm1(x) - x;
    }
    // Horner's scheme of x²/2·(1 + x/3·(1 + x/4·(…))); the first term left out is below 2⁻⁵⁵.
    double sum = 1;
    for (int k = 15; k >= 3; k--) {
      sum = Math.fma(sum, x / k, 1);
    }
    return x * x / 2 * sum;
  }
}
