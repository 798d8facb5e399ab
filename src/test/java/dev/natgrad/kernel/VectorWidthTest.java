package dev.natgrad.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorWidthTest {

  @ParameterizedTest
  @CsvSource({"64,128", "128,128", "256,256", "512,512", "1024,512", "2048,512"})
  void withoutForceTheMachineDecidesWithinLimits(int preferred, int expected) {
    assertEquals(expected, VectorWidth.select(null, preferred));
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void aForcedWidthWinsOverTheMachine(int forced) {
    assertEquals(forced, VectorWidth.select(Integer.toString(forced), 256));
    assertEquals(forced, VectorWidth.select(" " + forced + " ", 64));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "64", "1024", "257", "-128", "wide", "256.0"})
  void anIllegalForcedWidthIsRefusedByName(String forced) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> VectorWidth.select(forced, 256));
    assertTrue(
        refusal.getMessage().contains("natgrad.vectorBits is '" + forced + "'"),
        refusal.getMessage());
    assertTrue(refusal.getMessage().contains("128, 256 or 512"), refusal.getMessage());
  }

  @Test
  @Tag("width")
  void theWidthInUseIsTheOneAskedFor() {
    int machine = VectorShape.preferredShape().vectorBitSize();
    String forced = System.getProperty("natgrad.vectorBits");
    int expected =
        forced == null ? Math.max(128, Math.min(512, machine)) : Integer.parseInt(forced);
    assumeTrue(
        expected <= Math.max(128, machine),
        () -> "asked for " + expected + " bits, this machine has " + machine);
    assertEquals(expected, VectorWidth.BITS);
    assertEquals(expected, VectorWidth.SHAPE.vectorBitSize());
    assertEquals(
        expected,
        VectorWidth.SHAPE.withLanes(double.class).length() * Double.SIZE,
        "lanes of a double species");
  }

  @Test
  void withoutTheVectorModuleTheErrorSaysWhatToDo() throws Exception {
    String output = runChild(List.of());
    assertTrue(output.contains("--add-modules jdk.incubator.vector"), output);
  }

  @Test
  void anIllegalPropertyStopsTheFirstUse() throws Exception {
    String output =
        runChild(List.of("--add-modules", "jdk.incubator.vector", "-Dnatgrad.vectorBits=384"));
    assertTrue(output.contains("natgrad.vectorBits is '384'"), output);
  }

  @Test
  void onTheClassPathTheForcedWidthIsInUse() throws Exception {
    String output =
        runChild(List.of("--add-modules", "jdk.incubator.vector", "-Dnatgrad.vectorBits=128"));
    assertTrue(output.contains("width in use: 128"), output);
  }

  private static String runChild(List<String> options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(
        Path.of("target", "classes")
            + System.getProperty("path.separator")
            + Path.of("target", "test-classes"));
    command.add(PrintVectorWidth.class.getName());
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    child.waitFor();
    return output;
  }
}
