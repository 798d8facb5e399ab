package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.oracle.OtherJvm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whenever a kernel is compiled, and whatever other vector code the JVM has loaded, C2 must know
 * the class of every vector from the kernel alone. A receiver that a loop carries has none: without
 * a ripe profile it becomes a call, and its vectors objects, for good.
 */
@Tag("allocation")
class EarlyCompilationTest {
  /** What a kernel's own code causes shows in every JVM; the order of compilations differs. */
  @ParameterizedTest
  @EnumSource
  void kernelsCompiledBeforeTheirProfilesAreRipeAllocateNothing(Precision precision)
      throws Exception {
    List<String> always = allocating(precision);
    for (int again = 0; again < 2 && !always.isEmpty(); again++) {
      always.retainAll(allocating(precision));
    }
    assertEquals(List.of(), always);
  }

  private static List<String> allocating(Precision precision) throws Exception {
    List<String> options =
        List.of(
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=CompileThresholdScaling,dev.natgrad.kernel.f32.*::*,0.01",
            "-XX:CompileCommand=CompileThresholdScaling,dev.natgrad.kernel.f64.*::*,0.01",
            "-XX:CompileCommand=CompileThresholdScaling,dev.natgrad.kernel.wide.*::*,0.01",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ProfileMaturityPercentage=100");
    Process run = OtherJvm.of(options, EarlyKernels.class, precision).start();
    List<String> lines = OtherJvm.outputOf(run).lines().toList();
    assertTrue(lines.stream().anyMatch(line -> line.matches("checked [1-9]\\d+")), lines::toString);
    List<String> names = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("allocates ")) {
        names.add(line.substring(line.indexOf(": ") + 2));
      }
    }
    return names;
  }
}
