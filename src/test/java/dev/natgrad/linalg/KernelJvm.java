package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.memory.Precision;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM of its own for a program that calls every kernel. */
final class KernelJvm {
  private KernelJvm() {}

  /** What the program printed; its argument is the precision. */
  static List<String> lines(Class<?> program, Precision precision, String... options)
      throws Exception {
    Path out = Files.createTempFile("kernels", ".txt");
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of(options));
      command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(List.of("-cp", classPath(program), program.getName(), precision.name()));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      int status = process.waitFor();
      List<String> lines = Files.readAllLines(out);
      assertEquals(0, status, lines::toString);
      return lines;
    } finally {
      Files.delete(out);
    }
  }

  private static String classPath(Class<?> program) {
    return Stream.of(Blas.class, program)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }
}
