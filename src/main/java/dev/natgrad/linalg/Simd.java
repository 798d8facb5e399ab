package dev.natgrad.linalg;

import dev.natgrad.kernel.VectorWidth;
import dev.natgrad.memory.Precision;

/**
 * The vector hardware that the kernels of this JVM use.
 *
 * <p>Thread rule: any thread.
 */
public final class Simd {
  private Simd() {}

  /**
   * Returns the width of a vector.
   *
   * @return 128, 256 or 512 bits
   * @throws ExceptionInInitializerError if the Vector module is missing or a width was forced that
   *     is none; its cause says what to do
   */
  public static int bits() {
    return VectorWidth.BITS;
  }

  /**
   * Returns how many numbers a vector holds.
   *
   * @param precision their format
   * @return 2 to 16
   */
  public static int lanes(Precision precision) {
    return bits() / 8 / precision.bytes();
  }

  /**
   * Returns the name of the system property that forces the width.
   *
   * @return its name
   */
  public static String property() {
    return VectorWidth.PROPERTY;
  }
}
