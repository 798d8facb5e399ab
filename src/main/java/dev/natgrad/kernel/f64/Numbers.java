package dev.natgrad.kernel.f64;

import java.lang.foreign.ValueLayout;

/** What differs between the precisions: constants and functions that have no common spelling. */
final class Numbers {
  static final double LOG2E = 0x1.71547652b82fep0;

  // ln 2 in two parts; the high one has so few bits that its product with an exponent is exact.
  static final double LN2_HI = 0x1.62e42fefa4p-1;
  static final double LN2_LO = -0x1.8432a1b0e2634p-43;

  // Adding it rounds to the nearest integer, which then sits in the low bits.
  static final double ROUND = 0x1.8p52;
  static final long ROUND_BITS = 0x4338000000000000L;

  static final int MANTISSA = 52;
  static final long BIAS = 1023;

  // Beyond these the exponential is infinite or rounds to 0.
  static final double EXP_MAX = 710;
  static final double EXP_MIN = -746;

  // From here on tanh x and 1 − exp(−y) round to 1.
  static final double TANH_LARGE = 20;
  static final double EXPM1_LARGE = 40;

  // exp r ≈ 1 + r + r²·Q(r) for |r| ≤ ln 2 / 2 (docs/numerics.md).
  static final double Q0 = 0x1.0p-1;
  static final double Q1 = 0x1.5555555555559p-3;
  static final double Q2 = 0x1.555555555555ap-5;
  static final double Q3 = 0x1.111111110f6b0p-7;
  static final double Q4 = 0x1.6c16c16c14462p-10;
  static final double Q5 = 0x1.a01a01afe4af4p-13;
  static final double Q6 = 0x1.a01a01b0b205dp-16;
  static final double Q7 = 0x1.71ddf854f725ap-19;
  static final double Q8 = 0x1.27e4c5ab2a9b1p-22;
  static final double Q9 = 0x1.af5ebc686f942p-26;
  static final double Q10 = 0x1.1f9553e1cb5c5p-29;

  // The logarithm makes subnormal numbers normal first.
  static final long MIN_NORMAL_BITS = 0x0010000000000000L;
  static final double UP = 0x1.0p54;
  static final int UP_EXPONENT = 54;

  // Masks are integers made by spreading a sign.
  static final int SIGN_SHIFT = 63;
  static final long MAX_BITS = 0x7fefffffffffffffL;
  static final long MINUS_INFINITY_BITS = 0xfff0000000000000L;
  static final long SIGN = 0x8000000000000000L;
  static final long ABS_BITS = 0x7fffffffffffffffL;
  static final long INFINITY_BITS = 0x7ff0000000000000L;

  /** The integer of a number's bits. */
  static final ValueLayout.OfLong BITS = ValueLayout.JAVA_LONG;

  static final long ONE_BITS = 0x3ff0000000000000L;
  static final long SQRT_HALF_BITS = 0x3fe6a09e667f3bcdL;
  static final long SQRT2_MINUS_1_BITS = 0x3fda827999fcef32L;
  static final double HALF = 0x1.0p-1;

  // ln(1 + f) = f − f²/2 + s·(f²/2 + z·L(z)) with s = f/(2 + f), z = s² (docs/numerics.md).
  static final double L0 = 0x1.5555555555592p-1;
  static final double L1 = 0x1.999999997ffcap-2;
  static final double L2 = 0x1.24924941dc5fbp-2;
  static final double L3 = 0x1.c71c521572742p-3;
  static final double L4 = 0x1.74663d2bdc1e4p-3;
  static final double L5 = 0x1.39a1d8307628bp-3;
  static final double L6 = 0x1.2f04bb7afe5efp-3;

  private Numbers() {}

  static double sqrt(double x) {
    return Math.sqrt(x);
  }
}
