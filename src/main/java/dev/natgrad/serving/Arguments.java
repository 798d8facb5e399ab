package dev.natgrad.serving;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;

/** The argument checks that the types of this package share. */
final class Arguments {
  private Arguments() {}

  static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be ≥ " + least);
    }
  }

  static void above(String name, double value, double bound) {
    if (!(value > bound) || value == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be finite and > " + bound);
    }
  }

  static void vector(String name, Vec v, int length, Precision precision) {
    if (v.length() != length || v.precision() != precision) {
      throw new IllegalArgumentException(
          name
              + " has length "
              + v.length()
              + " and precision "
              + v.precision()
              + "; it must have "
              + length
              + " and "
              + precision);
    }
  }

  /** The number of rows that an array or segment holds, which must be whole rows of a width. */
  static int rows(String name, long elements, int width, int most) {
    long rows = elements / width;
    if (rows < 1 || rows > most || rows * width != elements) {
      throw new IllegalArgumentException(
          name
              + " has "
              + elements
              + " elements; it must have 1 to "
              + most
              + " rows of "
              + width
              + " elements each");
    }
    return (int) rows;
  }

  static void elements(String name, long elements, int rows, int width) {
    if (elements != (long) rows * width) {
      throw new IllegalArgumentException(
          name
              + " has "
              + elements
              + " elements; it must have "
              + rows
              + " rows of "
              + width
              + " elements each, as many rows as there are samples");
    }
  }
}
