package dev.natgrad.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options a command knows: reads a command line against them, and writes them down for the
 * help. Immutable; any thread may use it.
 *
 * @param command the command's name
 * @param options in the order of the help
 */
record OptionTable(String command, List<Option> options) {
  private static final int USAGE_WIDTH = 25;

  static OptionTable of(String command, Option... options) {
    return new OptionTable(command, List.of(options));
  }

  /**
   * Reads {@code --name value} and {@code --name=value}.
   *
   * @param args what follows the command's name
   * @return the values given
   * @throws UsageException if an option is unknown, lacks its value, has one it does not take, or
   *     is given twice, or a word is no option
   */
  Options parse(List<String> args) {
    Map<String, String> values = new LinkedHashMap<>();
    int next = 0;
    while (next < args.size()) {
      String word = args.get(next++);
      if (!word.startsWith("--")) {
        throw refusal("'" + word + "' belongs to no option; options start with two dashes");
      }
      int equals = word.indexOf('=');
      Option option = option(equals < 0 ? word : word.substring(0, equals));
      String value = equals < 0 ? null : word.substring(equals + 1);
      if (option.value() == null && value != null) {
        throw refusal(option.name() + " takes no value; '" + value + "' was given");
      }
      if (option.value() != null && value == null) {
        if (next == args.size() || args.get(next).startsWith("--")) {
          throw refusal(option.name() + " needs a value: " + option.usage());
        }
        value = args.get(next++);
      }
      if (values.containsKey(option.name())) {
        throw refusal(option.name() + " is given twice; give it once");
      }
      values.put(option.name(), value == null ? "" : value);
    }
    return new Options(this, values);
  }

  private Option option(String name) {
    for (Option option : options) {
      if (option.name().equals(name)) {
        return option;
      }
    }
    if (options.isEmpty()) {
      throw refusal("unknown option " + name + "; this command has none");
    }
    String nearest = Nearest.of(name, options.stream().map(Option::name).toList());
    throw refusal("unknown option " + name + "; did you mean " + nearest + "?");
  }

  /** A refusal that says where the options are listed. */
  UsageException refusal(String problem) {
    return new UsageException(problem + " (natgrad " + command + " --help lists the options)");
  }

  /** The options with their explanations; one too long for its column stands on its own line. */
  String help() {
    StringBuilder text = new StringBuilder();
    for (Option option : options) {
      String left = option.usage();
      if (left.length() > USAGE_WIDTH) {
        text.append("  ").append(left).append('\n');
        left = "";
      }
      for (String line : option.help().strip().split("\n")) {
        text.append(String.format("  %-" + USAGE_WIDTH + "s  %s%n", left, line));
        left = "";
      }
    }
    return text.toString();
  }
}
