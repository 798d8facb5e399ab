package dev.natgrad.memory;

/**
 * The floating-point format of the numbers in a vector or matrix. Immutable; usable from any
 * thread.
 */
public enum Precision {
  /** IEEE 754 binary32: 4 bytes an element, unit roundoff 2⁻²⁴. */
  F32(Float.BYTES, 0x1.0p-24),
  /** IEEE 754 binary64: 8 bytes an element, unit roundoff 2⁻⁵³. */
  F64(Double.BYTES, 0x1.0p-53);

  private final int bytes;
  private final double unitRoundoff;

  Precision(int bytes, double unitRoundoff) {
    this.bytes = bytes;
    this.unitRoundoff = unitRoundoff;
  }

  /**
   * Returns the size of one element.
   *
   * @return the size in bytes: 4 or 8
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns u, the largest relative error of one rounding to nearest.
   *
   * @return 2⁻²⁴ or 2⁻⁵³
   */
  public double unitRoundoff() {
    return unitRoundoff;
  }
}
