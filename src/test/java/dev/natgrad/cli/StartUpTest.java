package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that lack something: one sentence that says what, and no stack trace. */
final class StartUpTest {
  private static final String VECTORS = "jdk.incubator.vector";
  private static final String MAIN = "dev.natgrad.cli.Main";

  @TempDir Path folder;

  private Cli java(List<String> jvm, Object... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    for (Object word : args) {
      command.add(word.toString());
    }
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    int code =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    List<String> ours =
        Files.readAllLines(err, StandardCharsets.UTF_8).stream()
            .filter(line -> !line.startsWith("WARNING:"))
            .toList();
    return new Cli(code, Files.readString(out), String.join("\n", ours));
  }

  private static String classes() throws URISyntaxException {
    return Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .toString();
  }

  private static List<String> asModule(String... flags) throws URISyntaxException {
    List<String> jvm = new ArrayList<>(List.of(flags));
    jvm.addAll(List.of("-p", classes(), "-m", "dev.natgrad/" + MAIN));
    return jvm;
  }

  private static List<String> onClassPath(String... flags) throws URISyntaxException {
    List<String> jvm = new ArrayList<>(List.of(flags));
    jvm.addAll(List.of("-cp", classes(), MAIN));
    return jvm;
  }

  private Path data() throws IOException {
    return Tables.write(folder, "flag", 60);
  }

  @Test
  void asksForTheVectorModule() throws Exception {
    Cli trained = java(onClassPath(), "train", "--data", data());
    assertEquals(1, trained.code());
    assertEquals(1, trained.err().lines().count(), trained.err());
    assertTrue(trained.err().contains("--add-modules " + VECTORS), trained.err());
    Cli info = java(onClassPath(), "info");
    assertEquals(1, info.code());
    assertTrue(info.out().contains("--add-modules " + VECTORS), info.out());
    assertFalse(info.out().contains("unknown"), info.out());
  }

  @Test
  void runsOnTheClassPath() throws Exception {
    Cli trained =
        java(
            onClassPath("--add-modules", VECTORS, "--enable-native-access=ALL-UNNAMED"),
            "train",
            "--data",
            data(),
            "--steps",
            "2");
    assertEquals(0, trained.code(), trained.err());
    assertEquals("", trained.err());
  }

  @Test
  void warnsOnceWithoutTheOptimizingCompiler() throws Exception {
    Cli trained =
        java(
            asModule("-XX:TieredStopAtLevel=1"),
            "train",
            "--data",
            data(),
            "--steps",
            "1",
            "--hidden",
            "2");
    assertEquals(0, trained.code(), trained.err());
    assertEquals(1, trained.err().lines().count(), trained.err());
    assertTrue(trained.err().startsWith("natgrad: warning: "), trained.err());
    Cli info = java(asModule("-Xint"), "info");
    assertEquals(0, info.code());
    assertTrue(info.out().matches("(?s).*compiler C2 +off.*"), info.out());
  }

  @Test
  void refusesAMachineWithoutFma() throws Exception {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"));
    Cli trained = java(asModule("-XX:-UseFMA"), "train", "--data", data());
    assertEquals(1, trained.code());
    assertEquals(1, trained.err().lines().count(), trained.err());
    assertTrue(trained.err().contains("fused multiply-add"), trained.err());
  }

  @Test
  void refusesAWidthThatIsNone() throws Exception {
    Cli trained = java(asModule("-Dnatgrad.vectorBits=100"), "train", "--data", data());
    assertEquals(1, trained.code());
    assertTrue(trained.err().contains("natgrad.vectorBits is '100'"), trained.err());
  }
}
