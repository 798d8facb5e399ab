package dev.natgrad.operator;

import dev.natgrad.linalg.Vec;

/** The argument check that every product y ← αAx + βy makes. Usable from any thread. */
public final class OperatorCheck {
  private OperatorCheck() {}

  /**
   * Checks the vectors of a product y ← αAx + βy.
   *
   * @param a A
   * @param x x
   * @param y y
   * @throws IllegalArgumentException if a length or a precision does not fit A, or x and y overlap
   */
  public static void product(LinearOperator a, Vec x, Vec y) {
    vector(a, "x", x);
    vector(a, "y", y);
    if (x.overlaps(y)) {
      throw new IllegalArgumentException(
          "x overlaps y in memory; an output must not share memory with an input");
    }
  }

  /**
   * Checks that a vector can be mapped by an operator.
   *
   * @param a A
   * @param name the argument's name, for the message
   * @param x the vector
   * @throws IllegalArgumentException if its length or precision is not A's
   */
  public static void vector(LinearOperator a, String name, Vec x) {
    if (x.length() != a.size()) {
      throw new IllegalArgumentException(
          name + " has length " + x.length() + "; the operator maps vectors of length " + a.size());
    }
    if (x.precision() != a.precision()) {
      throw new IllegalArgumentException(
          name + " has precision " + x.precision() + "; the operator has " + a.precision());
    }
  }
}
