package dev.natgrad.kernel.f32;

import java.lang.foreign.ValueLayout;

/** What differs between the precisions: constants and functions that have no common spelling. */
final class Numbers {
  static final float LOG2E = 0x1.715476p0f;

  // ln 2 in two parts; the high one has so few bits that its product with an exponent is exact.
  static final float LN2_HI = 0x1.62e4p-1f;
  static final float LN2_LO = 0x1.7f7d1cp-20f;

  // Adding it rounds to the nearest integer, which then sits in the low bits.
  static final float ROUND = 0x1.8p23f;
  static final int ROUND_BITS = 0x4b400000;

  static final int MANTISSA = 23;
  static final int BIAS = 127;

  // Beyond these the exponential is infinite or rounds to 0.
  static final float EXP_MAX = 89;
  static final float EXP_MIN = -104;

  // From here on tanh x and 1 − exp(−y) round to 1.
  static final float TANH_LARGE = 10;
  static final float EXPM1_LARGE = 20;

  // exp r ≈ 1 + r + r²·Q(r) for |r| ≤ ln 2 / 2 (docs/numerics.md).
  static final float Q0 = 0x1.0p-1f;
  static final float Q1 = 0x1.5554b0p-3f;
  static final float Q2 = 0x1.555486p-5f;
  static final float Q3 = 0x1.1227fap-7f;
  static final float Q4 = 0x1.6d990cp-10f;

  // The logarithm makes subnormal numbers normal first.
  static final float MIN_NORMAL = 0x1.0p-126f;
  static final float UP = 0x1.0p25f;
  static final int UP_EXPONENT = 25;

  // An exponent in the low bits of it becomes a number without a conversion, which AVX2 lacks.
  static final float MAGIC = 0x1.0p23f;
  static final int MAGIC_BITS = 0x4b000000;

  static final int SIGN = 0x80000000;
  static final int ABS_BITS = 0x7fffffff;
  static final int INFINITY_BITS = 0x7f800000;

  /** The integer of a number's bits. */
  static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;

  static final int ONE_BITS = 0x3f800000;
  static final int SQRT_HALF_BITS = 0x3f3504f3;
  static final float SQRT2_MINUS_1 = 0x1.a8279ap-2f;
  static final float HALF = 0x1.0p-1f;

  // ln(1 + f) = f − f²/2 + s·(f²/2 + z·L(z)) with s = f/(2 + f), z = s² (docs/numerics.md).
  static final float L0 = 0x1.55557ap-1f;
  static final float L1 = 0x1.995ebcp-2f;
  static final float L2 = 0x1.31e326p-2f;

  private Numbers() {}

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
