package dev.natgrad.cli;

import java.io.PrintStream;
import java.util.List;

/**
 * One of the program's commands.
 *
 * @param name what the user types
 * @param summary one line for the list of commands
 * @param help everything {@code --help} says
 * @param action does it
 */
record Command(String name, String summary, String help, Action action) {
  /** What a command does. */
  @FunctionalInterface
  interface Action {
    /**
     * Carries out a command.
     *
     * @param args what follows the command's name
     * @param out for results
     * @param err for warnings
     * @return the exit code
     * @throws UsageException if the arguments cannot be used; nothing has been written then
     */
    int run(List<String> args, PrintStream out, PrintStream err);
  }
}
