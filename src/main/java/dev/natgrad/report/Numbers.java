package dev.natgrad.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as a reader wants them: few digits, a true minus sign, powers of ten as superscripts. */
final class Numbers {
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  private static final char MINUS = '\u2212';
  private static final char THIN_SPACE = '\u202f';

  private Numbers() {}

  /** Four significant digits; NaN is an en dash. */
  static String format(double value) {
    return format(value, 4);
  }

  static String format(double value, int digits) {
    if (Double.isNaN(value)) {
      return "–";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : MINUS + "∞";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent > 5) {
      return scientific(rounded, exponent);
    }
    if (exponent >= digits) {
      return count(Math.round(value));
    }
    return sign(rounded.setScale(digits - 1 - exponent, RoundingMode.HALF_EVEN).toPlainString());
  }

  /** At most four significant digits, none that say nothing: for numbers a person chose. */
  static String chosen(double value) {
    String text = format(value);
    return text.matches("[^.×]*\\.\\d+") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  /** A whole number, thousands set apart by a thin space from five digits on. */
  static String count(long value) {
    String digits = Long.toString(value);
    int start = value < 0 ? 1 : 0;
    StringBuilder text = new StringBuilder(digits);
    if (digits.length() - start >= 5) {
      for (int at = digits.length() - 3; at > start; at -= 3) {
        text.insert(at, THIN_SPACE);
      }
    }
    return sign(text.toString());
  }

  /** {@code 10^exponent} with superscript digits. */
  static String powerOfTen(int exponent) {
    StringBuilder text = new StringBuilder("10");
    for (char c : Integer.toString(exponent).toCharArray()) {
      text.append(c == '-' ? '⁻' : SUPERSCRIPTS.charAt(c - '0'));
    }
    return text.toString();
  }

  /** A fixed number of decimals. */
  static String fixed(double value, int decimals) {
    String text = new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
    return text.startsWith("-") && text.chars().noneMatch(c -> c >= '1' && c <= '9')
        ? text.substring(1)
        : sign(text);
  }

  /** A coordinate for SVG: at most two decimals, none that are zero. */
  static String coordinate(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("coordinate " + value + " is not finite");
    }
    double rounded = Math.rint(value * 100) / 100;
    if (rounded == Math.rint(rounded)) {
      return Long.toString((long) rounded);
    }
    String text = String.format(Locale.ROOT, "%.2f", rounded);
    return text.endsWith("0") ? text.substring(0, text.length() - 1) : text;
  }

  private static String scientific(BigDecimal rounded, int exponent) {
    String mantissa = rounded.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString();
    return sign(mantissa) + "×" + powerOfTen(exponent);
  }

  private static String sign(String text) {
    return text.startsWith("-") ? MINUS + text.substring(1) : text;
  }
}
