package dev.natgrad.kernel.f64;

/** What differs between the precisions: constants and functions that have no common spelling. */
final class Numbers {
  private Numbers() {}

  static double sqrt(double x) {
    return Math.sqrt(x);
  }

  static double exp(double x) {
    return StrictMath.exp(x);
  }

  static double log(double x) {
    return StrictMath.log(x);
  }

  static double tanh(double x) {
    return StrictMath.tanh(x);
  }

  static double log1p(double x) {
    return StrictMath.log1p(x);
  }

  static double expm1(double x) {
    return StrictMath.expm1(x);
  }
}
