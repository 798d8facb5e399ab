package dev.natgrad.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs among the tests in a JVM of their own, on the class path. */
public final class OtherJvm {
  private static final String CLASS_PATH =
      Path.of("target", "classes") + File.pathSeparator + Path.of("target", "test-classes");

  private OtherJvm() {}

  /** How to start one, with vectors and native access; errors go where its output goes. */
  public static ProcessBuilder of(List<String> options, Class<?> program, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(options);
    command.addAll(List.of("-cp", CLASS_PATH, program.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /** What one printed, once it has ended; fails unless it ended well. */
  public static String outputOf(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> process.info() + " printed " + output);
    return output;
  }
}
