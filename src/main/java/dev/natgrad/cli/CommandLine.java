package dev.natgrad.cli;

import dev.natgrad.training.CheckpointException;
import dev.natgrad.training.DataException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;

/** Finds the command, runs it, and turns what goes wrong into one line and an exit code. */
final class CommandLine {
  /** Everything went well. */
  static final int OK = 0;

  /** A failure that is not the user's. */
  static final int FAILED = 1;

  /** Input or options that cannot be used. */
  static final int REFUSED = 2;

  /** The system property under which an unexpected failure shows its stack trace. */
  static final String DEBUG = "natgrad.debug";

  private static final List<Command> COMMANDS =
      List.of(
          DemoCommand.COMMAND, TrainCommand.COMMAND, PredictCommand.COMMAND, InfoCommand.COMMAND);

  private CommandLine() {}

  /**
   * Runs one command line.
   *
   * @param args the command and its options
   * @param out for results
   * @param err for errors and warnings
   * @return the exit code
   */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return exitCode(() -> dispatch(Arrays.asList(args), out, err), err);
  }

  /** Does something; says what goes wrong and returns an exit code for it. */
  static int exitCode(IntSupplier action, PrintStream err) {
    try {
      return action.getAsInt();
    } catch (UsageException | DataException | CheckpointException e) {
      return refuse(e.getMessage(), REFUSED, err);
    } catch (UncheckedIOException e) {
      return refuse(e.getMessage(), REFUSED, err);
    } catch (OutOfMemoryError e) {
      return refuse("not enough memory: " + e.getMessage(), REFUSED, err);
    } catch (StartUp.UnusableJvmException e) {
      return refuse(e.getMessage(), FAILED, err);
    } catch (RuntimeException | Error e) {
      return unexpected(e, err);
    }
  }

  private static int refuse(String message, int code, PrintStream err) {
    err.println("natgrad: " + message);
    return code;
  }

  private static int unexpected(Throwable failure, PrintStream err) {
    if (Boolean.getBoolean(DEBUG)) {
      failure.printStackTrace(err);
    }
    String line = String.valueOf(failure).lines().findFirst().orElse("");
    return refuse(
        "unexpected failure, a defect of natgrad: "
            + line
            + " (JDK_JAVA_OPTIONS=-D"
            + DEBUG
            + "=true shows where)",
        FAILED,
        err);
  }

  private static int dispatch(List<String> args, PrintStream out, PrintStream err) {
    if (args.isEmpty()) {
      err.print(help());
      return REFUSED;
    }
    String name = args.get(0);
    switch (name) {
      case "-h", "--help" -> {
        out.print(help());
        return OK;
      }
      case "help" -> {
        out.print(args.size() == 1 ? help() : named(args.get(1)).help());
        return OK;
      }
      case "--version", "version" -> {
        out.println("natgrad " + Version.text());
        return OK;
      }
      default -> {
        return run(named(name), args.subList(1, args.size()), out, err);
      }
    }
  }

  private static int run(Command command, List<String> args, PrintStream out, PrintStream err) {
    if (args.contains("--help") || args.contains("-h")) {
      out.print(command.help());
      return OK;
    }
    return command.action().run(args, out, err);
  }

  private static Command named(String name) {
    for (Command command : COMMANDS) {
      if (command.name().equals(name)) {
        return command;
      }
    }
    List<String> names = COMMANDS.stream().map(Command::name).toList();
    throw new UsageException(
        "unknown command '"
            + name
            + "'; did you mean "
            + Nearest.of(name, names)
            + "? The commands are "
            + String.join(", ", names));
  }

  private static String help() {
    StringBuilder text = new StringBuilder();
    text.append("natgrad ").append(Version.text());
    text.append(": training with the natural gradient, every step within a measured KL bound\n\n");
    text.append("usage: natgrad COMMAND [OPTIONS]\n\n");
    for (Command command : COMMANDS) {
      text.append(String.format("  %-9s %s%n", command.name(), command.summary()));
    }
    text.append("\n  --help    this text; after a command, its options\n");
    text.append("  --version the version\n");
    return text.toString();
  }
}
