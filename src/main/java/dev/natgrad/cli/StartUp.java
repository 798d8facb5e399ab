package dev.natgrad.cli;

import dev.natgrad.linalg.JvmCheck;
import java.io.PrintStream;
import java.util.List;

/** What natgrad needs of the JVM and the machine, asked before any work is begun. */
final class StartUp {
  /** The JVM or the machine lacks something that cannot be done without. */
  static final class UnusableJvmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableJvmException(String message) {
      super(message);
    }
  }

  private StartUp() {}

  /**
   * Refuses a JVM on which nothing can be computed, and warns once about one that is slow.
   *
   * @throws UnusableJvmException saying what is missing and how to get it
   */
  static void check(PrintStream err) {
    List<String> missing = JvmCheck.missing();
    if (!missing.isEmpty()) {
      throw new UnusableJvmException(missing.get(0));
    }
    if (!JvmCheck.hasOptimizingCompiler()) {
      err.println("natgrad: warning: " + JvmCheck.slowVm());
    }
  }
}
