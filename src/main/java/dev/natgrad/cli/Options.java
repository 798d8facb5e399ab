package dev.natgrad.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The values a command line gave, read as what they should be. */
final class Options {
  private final OptionTable table;
  private final Map<String, String> values;

  Options(OptionTable table, Map<String, String> values) {
    this.table = table;
    this.values = values;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  String text(String name, String fallback) {
    return values.getOrDefault(name, fallback);
  }

  String required(String name) {
    String value = values.get(name);
    if (value == null || value.isEmpty()) {
      throw table.refusal(name + " is missing");
    }
    return value;
  }

  /** A file, or null where the option is not given. */
  Path path(String name) {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    if (value.isEmpty()) {
      throw table.refusal(name + " is empty; give the name of a file");
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      String remedy =
          e.getReason().contains("unmappable")
              ? "; letters beyond ASCII need a locale such as LC_ALL=C.UTF-8"
              : "";
      throw table.refusal(
          name + " is '" + value + "', which is no file name: " + e.getReason() + remedy);
    }
  }

  /** A whole number from {@code least} to {@code greatest}. */
  long whole(String name, long fallback, long least, long greatest) {
    return whole(name, "", fallback, least, greatest);
  }

  /** The same, where words may stand instead, which only the refusal needs to know. */
  long whole(String name, String words, long fallback, long least, long greatest) {
    String value = values.get(name);
    return value == null ? fallback : wholeOf(name, words, value, least, greatest);
  }

  long wholeOf(String name, String words, String value, long least, long greatest) {
    try {
      long number = Long.parseLong(value.strip());
      if (number >= least && number <= greatest) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the refusal, which says what is allowed.
    }
    String range =
        least == Long.MIN_VALUE
            ? "a whole number"
            : greatest >= Integer.MAX_VALUE
                ? "a whole number of at least " + least
                : "a whole number from " + least + " to " + greatest;
    throw wrong(name, value, words + range);
  }

  /**
   * A number within a range.
   *
   * @param rule tells whether a number is in it
   * @param range the range in words
   */
  double number(String name, double fallback, Range rule, String range) {
    String value = values.get(name);
    return value == null ? fallback : numberOf(name, value, rule, range);
  }

  double numberOf(String name, String value, Range rule, String range) {
    try {
      // Java also reads "1f" and "0x1p3", which nobody means here.
      if (value.strip().matches("[-+0-9.eE]+")) {
        double number = Double.parseDouble(value.strip());
        if (rule.holds(number)) {
          return number;
        }
      }
    } catch (NumberFormatException e) {
      // Falls through to the refusal, which says what is allowed.
    }
    throw wrong(name, value, range);
  }

  /** Tells whether a number may be given. */
  @FunctionalInterface
  interface Range {
    boolean holds(double number);
  }

  /** One of some constants, by its spelling. */
  <E> E choice(String name, E fallback, List<E> constants, Function<E, String> spelling) {
    String value = values.get(name);
    return value == null ? fallback : choiceOf(name, value, constants, spelling);
  }

  <E> E choiceOf(String name, String value, List<E> constants, Function<E, String> spelling) {
    List<String> names = constants.stream().map(spelling).toList();
    int place = names.indexOf(value);
    if (place < 0) {
      throw wrong(
          name,
          value,
          "one of " + String.join(", ", names) + "; nearest is " + Nearest.of(value, names));
    }
    return constants.get(place);
  }

  UsageException wrong(String name, String value, String rule) {
    return table.refusal(name + " is '" + value + "'; it must be " + rule);
  }

  UsageException refusal(String problem) {
    return table.refusal(problem);
  }
}
