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

  // Magnitudes above a limit count as the limit: from there on exp is infinite or 0, tanh x and
  // 1 − exp(−y) are 1, silu x and gelu x are x or 0.
  static final int EXP_LIMIT_BITS = 0x42d00000;
  static final int TANH_LIMIT_BITS = 0x41200000;
  static final int EXPM1_LIMIT_BITS = 0x41a00000;
  static final int SILU_LIMIT_BITS = 0x42e60000;
  static final int GELU_LIMIT_BITS = 0x41700000;

  // exp r ≈ 1 + r + r²·Q(r) for |r| ≤ ln 2 / 2 (docs/numerics.md).
  static final float Q0 = 0x1.0p-1f;
  static final float Q1 = 0x1.5554b0p-3f;
  static final float Q2 = 0x1.555486p-5f;
  static final float Q3 = 0x1.1227fap-7f;
  static final float Q4 = 0x1.6d990cp-10f;

  // The logarithm makes subnormal numbers normal first.
  static final int MIN_NORMAL_BITS = 0x00800000;
  static final float UP = 0x1.0p25f;
  static final int UP_EXPONENT = 25;

  // Masks are integers made by spreading a sign.
  static final int SIGN_SHIFT = 31;
  static final int INFINITY_BITS = 0x7f800000;
  static final int MINUS_INFINITY_BITS = 0xff800000;
  static final int SIGN = 0x80000000;
  static final int ABS_BITS = 0x7fffffff;

  /** The integer of a number's bits. */
  static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;

  static final int ONE_BITS = 0x3f800000;
  static final int SQRT_HALF_BITS = 0x3f3504f3;
  static final int SQRT2_MINUS_1_BITS = 0x3ed413cd;
  static final float HALF = 0x1.0p-1f;

  // ln(1 + f) = f − f²/2 + s·(f²/2 + z·L(z)) with s = f/(2 + f), z = s² (docs/numerics.md).
  static final float L0 = 0x1.55557ap-1f;
  static final float L1 = 0x1.995ebcp-2f;
  static final float L2 = 0x1.31e326p-2f;

  // Φ(−a) = exp(−a²/2)·P(c)/(1 + SLOPE·a), c = (a − CENTRE)/(a + CENTRE), a ≥ 0 (docs/numerics.md).
  static final float MILLS_CENTRE = 4;
  static final float MILLS_SLOPE = 0x1.98865ap-1f;
  static final float INV_SQRT_2PI = 0x1.988454p-2f;
  static final float M0 = 0x1.953aaep-2f;
  static final float M0_LOW = -0x1.784a0cp-28f;
  static final float M1 = -0x1.c91a04p-4f;
  static final float M2 = 0x1.296dfcp-5f;
  static final float M3 = 0x1.10e3b0p-7f;
  static final float M4 = -0x1.3eb596p-6f;
  static final float M5 = 0x1.9ccc14p-7f;
  static final float M6 = -0x1.fdf1aap-9f;
  static final float M7 = -0x1.cffc94p-14f;
  static final float M8 = 0x1.0f2baap-11f;
  static final float M9 = -0x1.fe485ap-15f;
  static final float M10 = -0x1.d76a20p-15f;

  private Numbers() {}

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
