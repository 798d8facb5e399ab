package dev.natgrad.bench.scorecard;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM like this one, with one more option. */
final class ChildJvm {
  private ChildJvm() {}

  /** Runs {@link Scorecard} with the same console. */
  static Process start(String option, String... args) throws IOException {
    return builder(option, args).inheritIO().start();
  }

  static ProcessBuilder builder(String option, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add(option);
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add(Scorecard.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }
}
