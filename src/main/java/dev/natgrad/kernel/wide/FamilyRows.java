package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Exponential.excess;
import static dev.natgrad.kernel.wide.Exponential.exp;
import static dev.natgrad.kernel.wide.Wide.get;

/**
 * KL divergences and negative log-likelihoods of one row under families with a logarithmic link,
 * and of normal numbers given by mean and log-variance, whose exponentials are {@linkplain
 * SharedExponentials kept} from row to row. Divergences are sums of terms ≥ 0, in ψ(x) = eˣ − 1 −
 * x, so nothing cancels however small the change is.
 */
public final class FamilyRows {
  private static final double LOG_2PI = 1.8378770664093453;

  private FamilyRows() {}

  /** Σ λψ(z′ − z), λ = eᶻ. */
  public static double poissonKl(boolean f64, int n, long a, long b) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double z = get(f64, a, j);
      double to = get(f64, b, j);
      double d = to - z;
      // Beyond 1 nothing cancels, and λ may be as small as it likes.
      sum += d > 1 ? exp(to) - exp(z) * (1 + d) : exp(z) * excess(d);
    }
    return sum;
  }

  /** Σ kψ(z − z′) for shape k. */
  public static double gammaKl(double k, boolean f64, int n, long a, long b) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += excess(get(f64, a, j) - get(f64, b, j));
    }
    return k * sum;
  }

  /**
   * Σ rψ(−t) + μψ(x) for size r, with p = μ/(r + μ), x = ln(p′/p), t = −ln((1 − p′)/(1 − p)): the
   * divergence of r + μ yes-or-no trials.
   */
  public static double negativeBinomialKl(double r, boolean f64, int n, long a, long b) {
    double logSize = StrictMath.log(r);
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double z = get(f64, a, j);
      double d = get(f64, b, j) - z;
      double mu = exp(z);
      double p = mu < r ? mu / (r + mu) : 1 / (1 + exp(logSize - z));
      double q = mu < r ? 1 / (1 + mu / r) : 1 / (1 + exp(z - logSize));
      sum += r * excess(-logMix(p, q, d)) + mu * excess(-logMix(q, p, -d));
    }
    return sum;
  }

  /** ln(q + p·eᵈ) for p + q = 1. */
  private static double logMix(double p, double q, double d) {
    if (Math.abs(d) <= 1) {
      return StrictMath.log1p(p * Exponential.expm1(d));
    }
    return d > 0 ? d + StrictMath.log(p + q * exp(-d)) : StrictMath.log(q + p * exp(d));
  }

  /** ½Σ ψ(s − s′) + (μ′ − μ)²exp(−s′); a row holds n/2 means μ, then as many log-variances s. */
  public static double gaussianKl(boolean f64, int n, long a, long b, long kept) {
    int half = n / 2;
    double sum = 0;
    for (int j = 0; j < half; j++) {
      double to = get(f64, b, half + j);
      double d = get(f64, b, j) - get(f64, a, j);
      sum +=
          SharedExponentials.excess(get(f64, a, half + j), to, j, kept)
              + d * d * SharedExponentials.exp(to, j, kept);
    }
    return sum / 2;
  }

  /** Σ eᶻ − yz + ln y!. */
  public static double poissonLoss(boolean f64, int n, long z, long y) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double log = get(f64, z, j);
      double count = get(f64, y, j);
      sum += exp(log) - count * log + LogGamma.factorial(count);
    }
    return sum;
  }

  /** Σ kψ(ln y − z) + ln y + c for shape k, c = ln Γ(k) − k·ln k + k. */
  public static double gammaLoss(double k, double c, boolean f64, int n, long z, long y) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double log = StrictMath.log(get(f64, y, j));
      sum += k * excess(log - get(f64, z, j)) + log + c;
    }
    return sum;
  }

  /** Σ r·ln(1 + μ/r) + y·ln(1 + r/μ) − ln Γ(y + r) + ln Γ(r) + ln y! for size r. */
  public static double negativeBinomialLoss(double r, boolean f64, int n, long z, long y) {
    double logSize = StrictMath.log(r);
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double logit = get(f64, z, j) - logSize;
      double count = get(f64, y, j);
      double least = StrictMath.log1p(exp(-Math.abs(logit)));
      double yes = logit >= 0 ? least : least - logit;
      double no = logit >= 0 ? least + logit : least;
      sum += r * no + count * yes - LogGamma.rising(count, r) + LogGamma.factorial(count);
    }
    return sum;
  }

  /** ½Σ ln 2π + s + (y − μ)²exp(−s); n counts means and log-variances, y has half as many. */
  public static double gaussianLoss(boolean f64, int n, long z, long y, long kept) {
    int half = n / 2;
    double sum = 0;
    for (int j = 0; j < half; j++) {
      double s = get(f64, z, half + j);
      double d = get(f64, y, j) - get(f64, z, j);
      sum += s + d * d * SharedExponentials.exp(s, j, kept);
    }
    return (sum + half * LOG_2PI) / 2;
  }

  /** Σ min(exp z, most). */
  public static double means(double most, boolean f64, int n, long z) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += Math.min(exp(get(f64, z, j)), most);
    }
    return sum;
  }

  /** Σ exp(−s). */
  public static double precisions(boolean f64, int n, long z, long kept) {
    int half = n / 2;
    double sum = 0;
    for (int j = 0; j < half; j++) {
      sum += SharedExponentials.exp(get(f64, z, half + j), j, kept);
    }
    return sum;
  }
}
