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

  // Magnitudes above a limit count as the limit: from there on exp is infinite or 0, tanh x and
  // 1 − exp(−y) are 1, silu x and gelu x are x or 0.
  static final long EXP_LIMIT_BITS = 0x4087500000000000L;
  static final long TANH_LIMIT_BITS = 0x4034000000000000L;
  static final long EXPM1_LIMIT_BITS = 0x4044000000000000L;
  static final long SILU_LIMIT_BITS = 0x4087980000000000L;
  static final long GELU_LIMIT_BITS = 0x4043800000000000L;

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
  static final long INFINITY_BITS = 0x7ff0000000000000L;
  static final long MINUS_INFINITY_BITS = 0xfff0000000000000L;
  static final long SIGN = 0x8000000000000000L;
  static final long ABS_BITS = 0x7fffffffffffffffL;

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

  // Φ(−a) = exp(−a²/2)·P(c)/(1 + SLOPE·a), c = (a − CENTRE)/(a + CENTRE), a ≥ 0 (docs/numerics.md).
  static final double MILLS_CENTRE = 5;
  static final double MILLS_SLOPE = 0x1.9886594af4f0ep-1;
  static final double INV_SQRT_2PI = 0x1.9884533d43651p-2;
  static final double M0 = 0x1.88fff33a34186p-2;
  static final double M0_LOW = 0x1.68c5b0213a164p-56;
  static final double M1 = -0x1.a1f7256c647e0p-4;
  static final double M2 = 0x1.8afd9e55f006bp-5;
  static final double M3 = -0x1.12210943b4e16p-7;
  static final double M4 = -0x1.755a55eb72d6ep-7;
  static final double M5 = 0x1.e67a0f6c36bcbp-7;
  static final double M6 = -0x1.5118482d8d7e9p-7;
  static final double M7 = 0x1.35892356ba9b8p-8;
  static final double M8 = -0x1.52f18a896508bp-10;
  static final double M9 = 0x1.17cbcd571b550p-15;
  static final double M10 = 0x1.177de03e4acb5p-13;
  static final double M11 = -0x1.652e716e4999dp-15;
  static final double M12 = -0x1.b7c97851d5dc2p-18;
  static final double M13 = 0x1.d3eb4b674c03fp-18;
  static final double M14 = -0x1.9cdb474386f8ep-23;
  static final double M15 = -0x1.0b049bf9634e9p-20;
  static final double M16 = 0x1.f6190337924d8p-24;
  static final double M17 = 0x1.40d25b18e47f9p-23;
  static final double M18 = -0x1.7e029181c80d6p-26;
  static final double M19 = -0x1.99cdc944cfbb1p-26;
  static final double M20 = 0x1.5f515be1015c4p-29;
  static final double M21 = 0x1.cb071d085b6dap-29;
  static final double M22 = -0x1.c3243e17e1ac1p-35;
  static final double M23 = -0x1.f7bc637633295p-33;

  private Numbers() {}

  static double sqrt(double x) {
    return Math.sqrt(x);
  }
}
