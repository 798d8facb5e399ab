package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.oracle.OtherJvm;
import java.io.IOException;
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
    return OtherJvm.of(options, KernelHash.class, threads).start();
  }

  private static String hashOf(Process run) throws IOException, InterruptedException {
    String output = OtherJvm.outputOf(run);
    int at = output.indexOf("hash ");
    assertTrue(at >= 0, output);
    return output.substring(at).strip();
  }
}
