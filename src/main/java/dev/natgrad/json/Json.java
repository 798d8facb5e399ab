package dev.natgrad.json;

/**
 * JSON as RFC 8259 defines it, and nothing beyond it: no comments, no trailing commas, no NaN.
 *
 * <p>Values are {@link java.util.Map} (with {@link String} keys, in the order of the text), {@link
 * java.util.List}, {@link String}, {@link Long} (a number without fraction and exponent that fits),
 * {@link Double} (every other number), {@link Boolean} and {@code null}.
 *
 * <p>Any thread may call it; nothing is shared.
 */
public final class Json {
  /** Objects and arrays may be nested this deep. */
  public static final int MAX_DEPTH = 64;

  private Json() {}

  /**
   * Reads one JSON value, with white space allowed around it.
   *
   * @param text the whole text
   * @return the value
   * @throws JsonException if the text is not JSON, repeats a key within one object, nests deeper
   *     than {@link #MAX_DEPTH}, or holds a number outside the range of double
   */
  public static Object parse(String text) {
    return new JsonReader(text).document();
  }

  /**
   * Writes a value on one line. Doubles and floats get their shortest text that reads back to the
   * same bits; NaN and infinities, which JSON cannot say, become {@code null}.
   *
   * @param value a Map with String keys, an Iterable, a String, a Number, a Boolean, null, or an
   *     array of double, float, int, long or String
   * @return the text; characters outside ASCII stay as they are, lone surrogates are escaped
   * @throws IllegalArgumentException if a value is of another type or nests deeper than {@link
   *     #MAX_DEPTH}
   */
  public static String write(Object value) {
    return JsonWriter.write(value, false);
  }

  /**
   * Writes a value like {@link #write} does, but each entry of an object on its own line, indented
   * by two spaces a level; arrays stay on one line.
   *
   * @param value as for {@link #write}
   * @return the text, ending in a line feed
   * @throws IllegalArgumentException as for {@link #write}
   */
  public static String writeIndented(Object value) {
    return JsonWriter.write(value, true) + "\n";
  }
}
