package dev.natgrad.training;

import java.util.Arrays;

/**
 * A named array of numbers in a {@link Safetensors} file. Immutable but for that array, which is
 * not copied; any thread may read it, and none change the array while another uses it.
 */
public final class Tensor {
  private final String name;
  private final long[] shape;
  private final float[] floats;
  private final double[] doubles;

  private Tensor(String name, long[] shape, float[] floats, double[] doubles) {
    this.name = name;
    this.shape = shape.clone();
    this.floats = floats;
    this.doubles = doubles;
    long elements = elements(name, shape);
    if (elements != length()) {
      throw new IllegalArgumentException(
          "tensor "
              + name
              + " has "
              + length()
              + " numbers and shape "
              + Arrays.toString(shape)
              + "; their product must be the same");
    }
  }

  /** How numbers are stored. */
  public enum Type {
    /** IEEE binary32, 4 bytes. */
    F32(4),
    /** IEEE binary64, 8 bytes. */
    F64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /**
     * Size of one number.
     *
     * @return in bytes
     */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * A tensor of floats.
   *
   * @param name unlike every other's in the file
   * @param data numbers in row-major order
   * @param shape sizes, each ≥ 0, with data.length for their product; none for a single number
   * @return the tensor, holding data itself
   * @throws IllegalArgumentException if shape and data do not fit
   */
  public static Tensor of(String name, float[] data, long... shape) {
    return new Tensor(name, shape, data, null);
  }

  /**
   * A tensor of doubles.
   *
   * @param name unlike every other's in the file
   * @param data numbers in row-major order
   * @param shape sizes, each ≥ 0, with data.length for their product; none for a single number
   * @return the tensor, holding data itself
   * @throws IllegalArgumentException if shape and data do not fit
   */
  public static Tensor of(String name, double[] data, long... shape) {
    return new Tensor(name, shape, null, data);
  }

  /** The product of a shape, checked for overflow and negative sizes. */
  static long elements(String name, long[] shape) {
    long product = 1;
    boolean empty = false;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("tensor " + name + " has the negative size " + size);
      }
      empty |= size == 0;
      try {
        product = Math.multiplyExact(product, Math.max(size, 1));
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "tensor " + name + " has a shape whose product overflows: " + Arrays.toString(shape),
            e);
      }
    }
    return empty ? 0 : product;
  }

  /**
   * The name.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  /**
   * The shape.
   *
   * @return sizes, outermost first; a copy
   */
  public long[] shape() {
    return shape.clone();
  }

  /**
   * How the numbers are stored.
   *
   * @return F32 for floats, F64 for doubles
   */
  public Type type() {
    return floats != null ? Type.F32 : Type.F64;
  }

  /**
   * Number of numbers.
   *
   * @return the product of the shape
   */
  public int length() {
    return floats != null ? floats.length : doubles.length;
  }

  /**
   * The numbers as floats.
   *
   * @return the tensor's own array
   * @throws IllegalStateException if the type is F64
   */
  public float[] floats() {
    if (floats == null) {
      throw new IllegalStateException("tensor " + name + " is F64; ask for doubles");
    }
    return floats;
  }

  /**
   * The numbers as doubles.
   *
   * @return the tensor's own array if F64, a new array of the same values if F32
   */
  public double[] doubles() {
    if (doubles != null) {
      return doubles;
    }
    double[] widened = new double[floats.length];
    Arrays.setAll(widened, i -> floats[i]);
    return widened;
  }
}
