package dev.natgrad.kernel.f32;

/** What differs between the precisions: constants and functions that have no common spelling. */
final class Numbers {
  private Numbers() {}

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  static float exp(float x) {
    return (float) StrictMath.exp(x);
  }

  static float log(float x) {
    return (float) StrictMath.log(x);
  }

  static float tanh(float x) {
    return (float) StrictMath.tanh(x);
  }

  static float log1p(float x) {
    return (float) StrictMath.log1p(x);
  }

  static float expm1(float x) {
    return (float) StrictMath.expm1(x);
  }
}
