package dev.natgrad.training;

import java.nio.CharBuffer;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decimal numbers in a character buffer: {@code [+-]digits[.digits][e[+-]digits]}, with digits on
 * at least one side of the point. Correctly rounded, as {@link Double#parseDouble} is, but without
 * a string for the usual short number: up to 15 digits and a power of ten up to 22 are exact
 * doubles, so one multiplication or division rounds once.
 */
final class CsvNumber {
  /** Those of pandas, but None, and the question mark of old tables. */
  private static final Set<String> MISSING =
      Set.of(
          ("?|NA|N/A|n/a|<NA>|#NA|#N/A|#N/A N/A|NULL|null|NaN|nan|-NaN|-nan"
                  + "|1.#IND|-1.#IND|1.#QNAN|-1.#QNAN")
              .split("\\|"));

  private static final Pattern THOUSANDS = Pattern.compile("[-+]?[1-9]\\d{0,2},\\d{3}");

  private static final int LONGEST_MISSING = 8;
  private static final String NONE = "None";

  private static final int EXACT_DIGITS = 15;
  private static final int EXACT_POWER = 22;
  private static final double[] POWERS = new double[EXACT_POWER + 1];

  static {
    POWERS[0] = 1;
    for (int i = 1; i <= EXACT_POWER; i++) {
      POWERS[i] = POWERS[i - 1] * 10;
    }
  }

  private CsvNumber() {}

  /** Whether a cell stands for a missing value in any column: empty, or a word for it. */
  static boolean isMissing(char[] c, int from, int to) {
    int length = to - from;
    if (length == 0) {
      return true;
    }
    // Most cells are numbers, whose last character tells without a string.
    boolean mayBe = length <= LONGEST_MISSING && !Character.isDigit(c[to - 1]);
    return mayBe && MISSING.contains(new String(c, from, length));
  }

  /** Whether a cell is Python's word for nothing, which among words is a word like others. */
  static boolean isNone(char[] c, int from, int to) {
    return to - from == NONE.length()
        && NONE.contentEquals(CharBuffer.wrap(c, from, NONE.length()));
  }

  /**
   * The number in {@code c[from, to)}: NaN if the text is no number; infinite if it lies outside
   * the range of double or says so ({@code inf}, {@code Infinity} in any case, signed or not).
   */
  static double parse(char[] c, int from, int to) {
    int at = from;
    boolean negative = at < to && c[at] == '-';
    if (at < to && (c[at] == '-' || c[at] == '+')) {
      at++;
    }
    long digits = 0;
    int significant = 0;
    int scale = 0;
    int seen = 0;
    boolean point = false;
    for (; at < to; at++) {
      int digit = c[at] - '0';
      if (digit >= 0 && digit <= 9) {
        seen++;
        significant += significant > 0 || digit > 0 ? 1 : 0;
        digits = significant <= EXACT_DIGITS ? digits * 10 + digit : digits;
        scale -= point ? 1 : 0;
      } else if (c[at] == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (seen == 0) {
      return infinite(c, from, to);
    }
    int exponent = 0;
    if (at < to) {
      exponent = exponent(c, at, to);
      if (exponent == Integer.MIN_VALUE) {
        return Double.NaN;
      }
    }
    int power = scale + exponent;
    if (significant > EXACT_DIGITS || Math.abs(power) > EXACT_POWER) {
      return Double.parseDouble(new String(c, from, to - from));
    }
    double value = power < 0 ? digits / POWERS[-power] : digits * POWERS[power];
    return negative ? -value : value;
  }

  /** Whether a cell would be a number with a point for its one comma. */
  static boolean hasComma(char[] c, int from, int to) {
    String text = new String(c, from, to - from);
    int comma = text.indexOf(',');
    if (comma <= 0 || comma == text.length() - 1 || text.indexOf('.') >= 0) {
      return false;
    }
    return Double.isFinite(parseWithComma(c, from, to));
  }

  /** Whether a cell has a decimal point, if it is a number. */
  static boolean hasPoint(char[] c, int from, int to) {
    for (int i = from; i < to; i++) {
      if (c[i] == '.') {
        return true;
      }
    }
    return false;
  }

  /** Whether a cell's one comma may stand between thousands as well as before decimals. */
  static boolean mayHaveThousands(char[] c, int from, int to) {
    return THOUSANDS.matcher(CharBuffer.wrap(c, from, to - from)).matches();
  }

  /** As {@link #parse}, of a number with a decimal comma or none. */
  static double parseWithComma(char[] c, int from, int to) {
    char[] point = new String(c, from, to - from).replace(',', '.').toCharArray();
    return parse(point, 0, point.length);
  }

  /** The exponent part's value, cut to ±100,000; MIN_VALUE if there is no exponent here. */
  private static int exponent(char[] c, int from, int to) {
    if (c[from] != 'e' && c[from] != 'E') {
      return Integer.MIN_VALUE;
    }
    int at = from + 1;
    boolean negative = at < to && c[at] == '-';
    if (at < to && (c[at] == '-' || c[at] == '+')) {
      at++;
    }
    if (at == to) {
      return Integer.MIN_VALUE;
    }
    int value = 0;
    for (; at < to; at++) {
      if (c[at] < '0' || c[at] > '9') {
        return Integer.MIN_VALUE;
      }
      value = Math.min(value * 10 + c[at] - '0', 100_000);
    }
    return negative ? -value : value;
  }

  private static double infinite(char[] c, int from, int to) {
    int length = to - from;
    if (length < 3 || length > 9) {
      return Double.NaN;
    }
    String text = new String(c, from, length);
    boolean signed = text.charAt(0) == '-' || text.charAt(0) == '+';
    String word = signed ? text.substring(1) : text;
    boolean says = word.equalsIgnoreCase("inf") || word.equalsIgnoreCase("infinity");
    return says
        ? text.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY
        : Double.NaN;
  }
}
