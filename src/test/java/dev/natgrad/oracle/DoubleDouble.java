package dev.natgrad.oracle;

/**
 * A sum of products in twice the precision of double, with the sum of absolute values beside it:
 * the exact value and the gauge of a rounding bound. Its own error is below 2⁻¹⁰⁰ of the gauge for
 * up to a million terms, so it is exact beside any bound of double arithmetic.
 */
public final class DoubleDouble {
  private double high;
  private double low;
  private double gauge;

  /** Adds x·y. */
  public DoubleDouble addProduct(double x, double y) {
    double product = x * y;
    add(product);
    if (Double.isFinite(product)) {
      low += Math.fma(x, y, -product);
    }
    gauge += Math.abs(product);
    return this;
  }

  /** Adds αxy, exact in the product of all three up to 2⁻¹⁰⁰. */
  public DoubleDouble addProduct(double alpha, double x, double y) {
    double product = x * y;
    double rest = Math.fma(x, y, -product);
    double whole = gauge;
    addProduct(alpha, product);
    if (Double.isFinite(product)) {
      low += alpha * rest;
    }
    gauge = whole + Math.abs(alpha * product);
    return this;
  }

  private void add(double x) {
    double sum = high + x;
    if (Double.isFinite(sum)) {
      double part = sum - high;
      low += (high - (sum - part)) + (x - part);
    }
    high = sum;
  }

  /** The sum, as close as one double can be. */
  public double value() {
    return Double.isFinite(high) ? high + low : high;
  }

  /** |computed − sum|. */
  public double distance(double computed) {
    return Math.abs((high - computed) + low);
  }

  /** Σ of the absolute values of what was added. */
  public double gauge() {
    return gauge;
  }
}
