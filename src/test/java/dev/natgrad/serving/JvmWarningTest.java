package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.JvmCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM without C2 is told of once, a fit one never. */
class JvmWarningTest {
  @TempDir Path folder;

  /** What the other JVM runs: two updaters' worth of warnings. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) {
      JvmWarning.once();
      JvmWarning.once();
      System.out.println("compiler " + JvmCheck.hasOptimizingCompiler());
    }
  }

  private String run(boolean interpreted) throws Exception {
    String classPath =
        List.of(JvmWarning.class, Child.class).stream()
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
            .distinct()
            .reduce((a, b) -> a + java.io.File.pathSeparator + b)
            .orElseThrow();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (interpreted) {
      command.add("-Xint");
    }
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "-cp", classPath, Child.class.getName()));
    Path out = folder.resolve("out" + interpreted);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    String text = "exit " + process.waitFor() + "\n" + Files.readString(out);
    assertTrue(text.startsWith("exit 0"), text);
    assertTrue(text.contains("compiler " + !interpreted), text);
    return text;
  }

  @Test
  void aSlowJvmIsToldOfOnce() throws Exception {
    String text = run(true);
    assertEquals(2, text.split("WARNING: this JVM runs without", -1).length, text);
    assertTrue(text.contains("-Xint"), text);
    String fit = run(false);
    assertEquals(1, fit.split("this JVM runs without", -1).length, fit);
  }
}
