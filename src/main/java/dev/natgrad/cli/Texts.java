package dev.natgrad.cli;

import java.util.List;
import java.util.Locale;

/** Numbers and names as the command line prints them. */
final class Texts {
  private static final int LISTED = 6;

  private Texts() {}

  /** Four significant digits, without an exponent where it is short enough. */
  static String number(double value) {
    return number(value, 4);
  }

  /** Three significant digits, for a line that must be short. */
  static String brief(double value) {
    return number(value, 3);
  }

  private static String number(double value, int digits) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size >= 1e-4 && size < 1e6) {
      int decimals = Math.clamp(digits - 1 - (int) Math.floor(Math.log10(size)), 0, 7);
      return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
    return value == 0 ? "0" : String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
  }

  /** Names in quotes, at most a line of them. */
  static String quoted(List<String> names) {
    return listed(names.stream().map(Texts::quoted).toList());
  }

  /** Between commas, at most a line of them. */
  static String listed(List<String> items) {
    List<String> first = items.subList(0, Math.min(LISTED, items.size()));
    int more = items.size() - first.size();
    return String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
  }

  static String quoted(String name) {
    return "'" + oneLine(name) + "'";
  }

  /** Without the line ends and escapes that a table's header may have in its quotes. */
  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  /** A constant's name as files and messages spell it. */
  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
