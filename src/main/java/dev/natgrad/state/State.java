package dev.natgrad.state;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;

/**
 * A walk over an object's state: to save it, every value is read; to restore it, every value is
 * replaced. Names differ within a part.
 *
 * <p>Thread rule: the owner of the vectors' workspace.
 */
public interface State {
  /**
   * Returns the state of a part, whose names are its own.
   *
   * @param name the part's name, without a slash
   * @return a view
   */
  State part(String name);

  /**
   * Saves the numbers of a vector, or overwrites them.
   *
   * @param name its name
   * @param v the vector
   */
  void vector(String name, Vec v);

  /**
   * Saves the numbers of a matrix, or overwrites them.
   *
   * @param name its name
   * @param a the matrix
   */
  void matrix(String name, Mat a);

  /**
   * Saves numbers, or gives others in their place.
   *
   * @param name their name
   * @param values the numbers now; any length
   * @return the numbers to go on with, of any length
   */
  double[] numbers(String name, double[] values);

  /**
   * Saves a whole number, or gives another in its place.
   *
   * @param name its name
   * @param value the number now
   * @return the number to go on with
   */
  long whole(String name, long value);

  /**
   * Saves a number, or gives another in its place, to the bit.
   *
   * @param name its name
   * @param value the number now
   * @return the number to go on with
   */
  default double number(String name, double value) {
    return Double.longBitsToDouble(whole(name, Double.doubleToRawLongBits(value)));
  }

  /**
   * Saves a truth value, or gives another in its place.
   *
   * @param name its name
   * @param value the value now
   * @return the value to go on with
   */
  default boolean flag(String name, boolean value) {
    return whole(name, value ? 1 : 0) != 0;
  }
}
