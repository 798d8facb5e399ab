package dev.natgrad.bench.scorecard;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM like this one, with more options. */
final class ChildJvm {
  private ChildJvm() {}

  /** Runs {@link Scorecard}; the caller says where its output goes. */
  static ProcessBuilder builder(List<String> options, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(options);
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add(Scorecard.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }
}
