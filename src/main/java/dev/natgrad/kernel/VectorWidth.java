package dev.natgrad.kernel;

import jdk.incubator.vector.VectorShape;

/**
 * The vector width that every kernel of this JVM uses.
 *
 * <p>It is the machine's preferred width, at least 128 and at most 512 bits, or the width that the
 * system property {@value #PROPERTY} names. Forcing a width changes speed, never results: a width
 * above the machine's runs, but without vector hardware.
 *
 * <p>Immutable, for any thread. Where the Vector module is missing or the property is not legal,
 * the first use throws {@link ExceptionInInitializerError} whose cause says what to do.
 */
public final class VectorWidth {

  /** System property that forces the width: 128, 256 or 512, in bits; read once. */
  public static final String PROPERTY = "natgrad.vectorBits";

  /** Width in use, in bits: 128, 256 or 512. */
  public static final int BITS;

  /** Vector shape of {@link #BITS} bits, from which the kernels take their species. */
  public static final VectorShape SHAPE;

  private static final int MIN_BITS = 128;
  private static final int MAX_BITS = 512;
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  static {
    // Asked by name: touching a class of a module that is not there would end in a bare
    // NoClassDefFoundError.
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      throw new IllegalStateException(
          "the module "
              + VECTOR_MODULE
              + " is not loaded; start java with --add-modules "
              + VECTOR_MODULE
              + ", or put natgrad on the module path");
    }
    BITS = select(System.getProperty(PROPERTY), VectorShape.preferredShape().vectorBitSize());
    SHAPE = VectorShape.forBitSize(BITS);
  }

  private VectorWidth() {}

  /**
   * Width to use, in bits.
   *
   * @param forced the text that asks for a width, or null where none is asked for
   * @param preferred the machine's preferred width, in bits
   * @return {@code forced} as a number, or {@code preferred} limited to 128…512
   * @throws IllegalArgumentException if {@code forced} is neither null nor 128, 256 or 512
   */
  static int select(String forced, int preferred) {
    if (forced == null) {
      return Math.clamp(preferred, MIN_BITS, MAX_BITS);
    }
    return switch (forced.strip()) {
      case "128" -> 128;
      case "256" -> 256;
      case "512" -> 512;
      default ->
          throw new IllegalArgumentException(
              "system property "
                  + PROPERTY
                  + " is '"
                  + forced
                  + "'; it must be 128, 256 or 512, or be left out for the machine's own width");
    };
  }
}
