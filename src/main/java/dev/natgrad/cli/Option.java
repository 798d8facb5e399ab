package dev.natgrad.cli;

/**
 * One option of a command.
 *
 * @param name with its dashes
 * @param value what stands for its value in the help; null for an option without one
 * @param help what it does, in lines
 */
record Option(String name, String value, String help) {
  /** The option as the help and messages write it. */
  String usage() {
    return value == null ? name : name + " " + value;
  }
}
