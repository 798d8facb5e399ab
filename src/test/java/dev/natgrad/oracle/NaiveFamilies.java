package dev.natgrad.oracle;

/**
 * KL divergences of one target from their formulas, in double, with bounds on the rounding and on
 * what the errors of the outputs make of them. d is the second output less the first, e the sum of
 * their errors; by the mean value theorem an error moves K by at most e times the largest slope
 * between.
 */
public final class NaiveFamilies {
  private static final double U = 0x1p-53;

  private NaiveFamilies() {}

  private static double errors(Bounded a, Bounded b) {
    double d = Math.abs(b.value() - a.value());
    return a.error() + b.error() + 2 * U * d;
  }

  /** e^a(e^d − 1 − d); both slopes are at most e^a(e^|d| − 1). */
  public static Bounded poisson(Bounded a, Bounded b) {
    double d = b.value() - a.value();
    double mu = Math.exp(a.value());
    double rounding = 8 * U * mu * (Math.abs(Math.expm1(d)) + Math.abs(d));
    return new Bounded(mu * (Math.expm1(d) - d), rounding + moved(a, d, errors(a, b)));
  }

  private static double moved(Bounded a, double d, double e) {
    return 1.01 * e * Math.exp(a.value() + a.error()) * Math.expm1(Math.abs(d) + e);
  }

  /**
   * (r + μ)L − μd with L = ln((r + μ′)/(r + μ)), which lies between 0 and d; the slopes μ(L − d)
   * and r(μ′ − μ)/(r + μ′) are at most those of the Poisson distribution, and at most r|e^(−d) −
   * 1|. For large μ nearly all of that cancels: with λ = L − d = ln((1 + r/μ′)/(1 + r/μ)) it is r(d
   * + λ) + μλ.
   */
  public static Bounded negativeBinomial(double r, Bounded a, Bounded b) {
    double d = b.value() - a.value();
    double mu = Math.exp(a.value());
    double e = errors(a, b);
    double slope = 1.01 * e * r * Math.expm1(Math.abs(d) + e);
    if (mu > r) {
      double lambda = Math.log1p(r / (r + mu) * Math.expm1(-d));
      double terms = (r + mu) * Math.abs(lambda) + r * Math.abs(d);
      double kl = r * (d + lambda) + mu * lambda;
      return new Bounded(kl, 16 * U * (1 + Math.abs(d)) * terms + Math.min(slope, moved(a, d, e)));
    }
    double log = Math.log1p(mu / (r + mu) * Math.expm1(d));
    double kl = (r + mu) * log - mu * d;
    // log1p(q(eᵈ − 1)) with q < 1: its relative rounding grows by d at most where d < 0.
    double rounding = 16 * U * (1 + Math.abs(d)) * ((r + mu) * Math.abs(log) + mu * Math.abs(d));
    double inner = 16 * U * mu * Math.abs(Math.expm1(d)) * Math.exp(Math.max(0, -d));
    return new Bounded(kl, rounding + inner + Math.min(slope, moved(a, d, e)));
  }

  /** k(e^(−d) − 1 + d); both slopes are at most k(e^|d| − 1). */
  public static Bounded gamma(double k, Bounded a, Bounded b) {
    double d = b.value() - a.value();
    double e = errors(a, b);
    double rounding = 8 * U * k * (Math.abs(Math.expm1(-d)) + Math.abs(d));
    return new Bounded(
        k * (Math.expm1(-d) + d), rounding + 1.01 * e * k * Math.expm1(Math.abs(d) + e));
  }

  /** ½(e^(−D) − 1 + D) + ½(μ′ − μ)²e^(−s′), D = s′ − s. */
  public static Bounded gaussian(Bounded mean, Bounded s, Bounded toMean, Bounded toS) {
    Bounded scale = gamma(0.5, s, toS);
    double d = Math.abs(toMean.value() - mean.value());
    double e = errors(mean, toMean);
    double precision = Math.exp(-toS.value());
    double shift = 0.5 * d * d * precision;
    double grown = Math.exp(toS.error()) * (d + e) * (d + e) * 0.5 * precision;
    double rounding = 16 * U * (shift + scale.value());
    return new Bounded(
        scale.value() + shift, scale.error() + rounding + 1.01 * (grown - shift) + 4 * U * grown);
  }
}
