package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every map gives the same bits at 128, 256 and 512 bits, interpreted and compiled. */
class MapsSameBitsTest {

  @Test
  void theBitsDependOnNeitherWidthNorCompiler() throws Exception {
    List<String> hashes = new ArrayList<>();
    for (String bits : List.of("128", "256", "512")) {
      hashes.add(run("400", "-Dnatgrad.vectorBits=" + bits));
    }
    hashes.add(run("1", "-Xint", "-Dnatgrad.vectorBits=256"));
    assertTrue(hashes.getFirst().contains("hash F32"), hashes.getFirst());
    for (String hash : hashes) {
      assertEquals(hashes.getFirst(), hash);
    }
  }

  private static String run(String repeats, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            Path.of("target", "classes")
                + System.getProperty("path.separator")
                + Path.of("target", "test-classes"),
            PrintMapsHash.class.getName(),
            repeats));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), () -> command + " printed " + output);
    return output;
  }
}
