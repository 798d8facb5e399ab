package dev.natgrad.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM like this one, with more options. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Prepares one; the caller says where its output goes.
   *
   * @param main the class to run
   * @param options of the JVM, after its own
   * @param args of the class
   * @return the process, not started
   */
  public static ProcessBuilder builder(Class<?> main, List<String> options, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(options);
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }
}
