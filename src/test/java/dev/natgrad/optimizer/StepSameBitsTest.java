package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.oracle.OtherJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whole steps give the same bits at 128, 256 and 512 bits, on one thread and two, interpreted and
 * compiled by either compiler: conjugate gradients at length, every other way to solve for a few
 * steps, over all distributions.
 */
class StepSameBitsTest {

  @Test
  void theBitsDependOnNeitherWidthNorCompiler() throws Exception {
    List<Process> runs = new ArrayList<>();
    runs.add(start("40", "1", "-Dnatgrad.vectorBits=128"));
    runs.add(start("40", "2", "-Dnatgrad.vectorBits=256"));
    runs.add(start("40", "1", "-Dnatgrad.vectorBits=512"));
    // The interpreter takes its time; steps that threads share are large.
    runs.add(start("1", "0", "-Xint"));
    runs.add(start("4", "0", "-XX:TieredStopAtLevel=1"));
    List<String> hashes = new ArrayList<>();
    for (Process run : runs) {
      hashes.add(OtherJvm.outputOf(run));
    }
    String first = hashes.getFirst();
    assertEquals(34 + 6, first.lines().count(), first);
    assertEquals(6, first.lines().filter(line -> line.startsWith("wide ")).count(), first);
    for (String hash : hashes) {
      boolean wide = hash.contains("wide ");
      assertEquals(wide ? first : first.substring(0, first.indexOf("wide ")), hash);
    }
    assertEquals(3, hashes.stream().filter(hash -> hash.contains("wide ")).count());
  }

  private static Process start(String repeats, String threads, String... options)
      throws IOException {
    return OtherJvm.of(List.of(options), PrintStepHash.class, repeats, threads)
        .redirectErrorStream(false)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
