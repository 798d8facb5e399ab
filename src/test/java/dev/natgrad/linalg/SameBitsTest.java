package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Test;

/**
 * Every kernel gives the same bits at 128, 256 and 512 bits, interpreted, by C1, on several
 * threads.
 */
class SameBitsTest {

  @Test
  void allWidthsAndTheInterpreterAgree() throws Exception {
    int machine = VectorShape.preferredShape().vectorBitSize();
    Map<String, Process> runs = new TreeMap<>();
    for (int bits : new int[] {128, 256, 512}) {
      // A width without hardware runs as slowly as the interpreter, and proves no more.
      if (bits <= Math.max(128, machine)) {
        runs.put(bits + " bits", start(List.of("-Dnatgrad.vectorBits=" + bits), 1));
      }
    }
    runs.put("512 bits, -Xint", start(List.of("-Dnatgrad.vectorBits=512", "-Xint"), 1));
    runs.put("C1", start(List.of("-XX:TieredStopAtLevel=1"), 1));
    runs.put("3 threads", start(List.of(), 3));
    Map<String, String> hashes = new TreeMap<>();
    for (Map.Entry<String, Process> run : runs.entrySet()) {
      hashes.put(run.getKey(), hashOf(run.getValue()));
    }
    assertEquals(1, hashes.values().stream().distinct().count(), hashes::toString);
  }

  private static Process start(List<String> options, int threads) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.add("-cp");
    command.add(
        Path.of("target", "classes")
            + System.getProperty("path.separator")
            + Path.of("target", "test-classes"));
    command.add(KernelHash.class.getName());
    command.add(Integer.toString(threads));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String hashOf(Process run) throws IOException, InterruptedException {
    String output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, run.waitFor(), output);
    int at = output.indexOf("hash ");
    assertTrue(at >= 0, output);
    return output.substring(at).strip();
  }
}
