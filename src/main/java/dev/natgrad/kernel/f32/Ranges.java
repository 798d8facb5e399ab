package dev.natgrad.kernel.f32;

/**
 * Where a sum of squares is safe, and the power of two that makes it so. Written by hand for each
 * precision, since it takes a number apart.
 */
final class Ranges {
  /**
   * Below this, what the squares that underflowed lost could be felt: each lost at most 2⁻¹⁴⁹, so
   * 2³¹ of them at most 2⁻¹¹⁸, which is 2⁻⁴⁸ of this.
   */
  static final float SQUARES_MIN = 0x1.0p-70f;

  /** Every finite sum of squares is good: overflow would have made it infinite. */
  static final float SQUARES_MAX = Float.MAX_VALUE;

  /** Scaled entries are below 2⁴¹, so 2³¹ squares of them are finite. */
  private static final int TOP = 40;

  private Ranges() {}

  /** A power of two s, itself normal, so that the squares of sx neither overflow nor vanish. */
  static float scaleFor(float max) {
    return Math.scalb(1.0f, Math.min(120, TOP - Math.getExponent(max)));
  }
}
