package dev.natgrad.cli;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;

/**
 * The program's entry. It asks for the JDK's version before it touches any class that an older one
 * cannot load: this class alone is compiled for Java 17, and reaches the others by name.
 */
public final class Main {
  private static final int NEEDED = 25;

  private Main() {}

  /**
   * Runs a command and ends the JVM with its exit code: 0 for success, 2 for input or options that
   * cannot be used, 1 for anything else.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    int found = Runtime.version().feature();
    if (found < NEEDED) {
      System.err.println(
          "natgrad: this is Java "
              + found
              + " ("
              + System.getProperty("java.home")
              + "); natgrad needs Java "
              + NEEDED
              + " or newer: put one first in PATH, or use the natgrad image, which has its own");
      System.exit(1);
    }
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      return (int)
          Class.forName("dev.natgrad.cli.CommandLine")
              .getDeclaredMethod("run", String[].class, PrintStream.class, PrintStream.class)
              .invoke(null, args, System.out, System.err);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("natgrad's own classes are incomplete", e);
    }
  }
}
