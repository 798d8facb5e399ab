package dev.natgrad.kernel.f64;

/**
 * Where a sum of squares is safe, and the power of two that makes it so. Written by hand for each
 * precision, since it takes a number apart.
 */
final class Ranges {
  /**
   * Below this, what the squares that underflowed lost could be felt: each lost at most 2⁻¹⁰⁷⁴, so
   * 2³¹ of them at most 2⁻¹⁰⁴³, which is 2⁻⁸³ of this.
   */
  static final double SQUARES_MIN = 0x1.0p-960;

  /** Every finite sum of squares is good: overflow would have made it infinite. */
  static final double SQUARES_MAX = Double.MAX_VALUE;

  /** Scaled entries are at most 2⁴⁰⁰, so 2³¹ squares of them are finite. */
  private static final int TOP = 400;

  private Ranges() {}

  /** A power of two s, itself normal, so that the squares of sx neither overflow nor vanish. */
  static double scaleFor(double max) {
    return Math.scalb(1.0, Math.min(1000, TOP - Math.getExponent(max)));
  }
}
