package dev.natgrad.cli;

import java.util.Locale;

/** Numbers and names as the command line prints them. */
final class Texts {
  private Texts() {}

  /** Four significant digits, without an exponent where it is short enough. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size >= 1e-4 && size < 1e6) {
      int decimals = Math.clamp(3 - (int) Math.floor(Math.log10(size)), 0, 7);
      return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3e", value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  /** A constant's name in words, such as "rejected by kl". */
  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
