package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.oracle.OtherJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every map and every kernel of rows gives the same bits at 128, 256 and 512 bits, interpreted and
 * compiled by either compiler.
 */
class MapsSameBitsTest {

  @Test
  void theBitsDependOnNeitherWidthNorCompiler() throws Exception {
    List<Process> runs = new ArrayList<>();
    for (String bits : List.of("128", "256", "512")) {
      runs.add(start("400", "-Dnatgrad.vectorBits=" + bits));
    }
    runs.add(start("1", "-Xint", "-Dnatgrad.vectorBits=256"));
    // Without C2 every vector is an object, so few rounds; enough for C1 to compile what it calls.
    runs.add(start("5", "-XX:TieredStopAtLevel=1"));
    List<String> hashes = new ArrayList<>();
    for (Process run : runs) {
      hashes.add(OtherJvm.outputOf(run));
    }
    assertTrue(hashes.getFirst().contains("hash F32"), hashes.getFirst());
    assertTrue(hashes.getFirst().contains("rows F64"), hashes.getFirst());
    for (String hash : hashes) {
      assertEquals(hashes.getFirst(), hash, hashes::toString);
    }
  }

  private static Process start(String repeats, String... options) throws IOException {
    return OtherJvm.of(List.of(options), PrintMapsHash.class, repeats)
        .redirectErrorStream(false)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
