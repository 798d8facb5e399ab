package dev.natgrad.oracle;

/**
 * A value with a bound on how far a computation with unit roundoff u, its sums in any order, may be
 * from it. The bounds count the rounding of this class's own double arithmetic by doubling u.
 */
public record Bounded(double value, double error) {
  /** A bound that overflowed on the way, ∞·0, says nothing: it is infinite. */
  public Bounded {
    if (Double.isNaN(error)) {
      error = Double.POSITIVE_INFINITY;
    }
  }

  public static final Bounded ZERO = new Bounded(0, 0);

  public static Bounded exact(double value) {
    return new Bounded(value, 0);
  }

  private double magnitude() {
    return Math.abs(value) + error;
  }

  public Bounded times(Bounded other, double u) {
    double spread = magnitude() * other.magnitude() - Math.abs(value * other.value);
    return new Bounded(
        value * other.value, spread + 2 * u * magnitude() * other.magnitude() + Double.MIN_NORMAL);
  }

  public Bounded negated() {
    return new Bounded(-value, error);
  }

  /** √value, of a positive value: |√a − √b| ≤ |a − b|/√a. */
  public Bounded sqrt(double u) {
    double root = Math.sqrt(value);
    return new Bounded(root, error / root + 2 * u * Math.sqrt(magnitude()));
  }

  /**
   * 1/value, where neither value nor computed number is below least: |1/a − 1/b| = |a − b|/|ab|.
   */
  public Bounded inverse(double least, double u) {
    double other = Math.max(value - error, least);
    return new Bounded(1 / value, error / (value * other) + 2 * u / other);
  }

  /** Σ terms; every partial sum of any order is at most Σ|term|, hence γ of the number of terms. */
  public static Bounded sum(Bounded[] terms, double u) {
    double value = 0;
    double error = 0;
    double magnitude = 0;
    for (Bounded term : terms) {
      value += term.value;
      error += term.error;
      magnitude += term.magnitude();
    }
    double n = 2.0 * terms.length;
    return new Bounded(value, error + n * u / (1 - n * u) * magnitude);
  }

  /** Tells whether a computed number is within the bound. */
  public boolean allows(double computed) {
    return Math.abs(computed - value) <= error;
  }
}
