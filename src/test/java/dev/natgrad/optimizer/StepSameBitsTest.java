package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole steps give the same bits at 128, 256 and 512 bits, interpreted and compiled. */
class StepSameBitsTest {

  @Test
  void theBitsDependOnNeitherWidthNorCompiler() throws Exception {
    List<String> hashes = new ArrayList<>();
    for (String bits : List.of("128", "256", "512")) {
      hashes.add(run("40", "-Dnatgrad.vectorBits=" + bits));
    }
    hashes.add(run("1", "-Xint"));
    assertEquals(12, hashes.get(0).lines().count(), hashes.get(0));
    for (String hash : hashes) {
      assertEquals(hashes.get(0), hash);
    }
  }

  private static String run(String repeats, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(options));
    String tests =
        Path.of(PrintStepHash.class.getProtectionDomain().getCodeSource().getLocation().getPath())
            .toString();
    command.addAll(
        List.of(
            "-cp",
            Path.of("target", "classes")
                + System.getProperty("path.separator")
                + Path.of("target", "test-classes")
                + System.getProperty("path.separator")
                + tests,
            PrintStepHash.class.getName(),
            repeats));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), () -> command + " printed " + output);
    return output;
  }
}
