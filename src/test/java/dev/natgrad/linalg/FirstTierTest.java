package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.oracle.OtherJvm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A method too long for the first compiler, or whose loop alone is, is profiled no more and so
 * never reaches the second: its vectors stay objects for good. Where no other vector code is loaded
 * more of the Vector API is inlined, and methods are longest.
 */
@Tag("allocation")
class FirstTierTest {
  @ParameterizedTest
  @CsvSource({"512, F32", "512, F64", "256, F32", "256, F64"})
  void noKernelIsTooLongForTheFirstCompiler(int bits, Precision precision) throws Exception {
    List<String> options =
        List.of(
            "-Xbatch",
            "-XX:TieredStopAtLevel=3",
            "-XX:Tier3InvocationThreshold=5",
            "-XX:Tier3MinInvocationThreshold=2",
            "-XX:Tier3CompileThreshold=5",
            "-XX:Tier3BackEdgeThreshold=50",
            "-XX:+PrintCompilation",
            "-Dnatgrad.vectorBits=" + bits);
    Process run = OtherJvm.of(options, FirstTierKernels.class, precision).start();
    List<String> lines = OtherJvm.outputOf(run).lines().toList();
    assertTrue(lines.stream().anyMatch(line -> line.contains("called ")), lines::toString);
    assertTrue(
        lines.stream().filter(line -> line.contains("dev.natgrad.kernel.")).count() > 50,
        lines::toString);
    assertEquals(List.of(), lines.stream().filter(line -> line.contains("SKIPPED")).toList());
  }
}
