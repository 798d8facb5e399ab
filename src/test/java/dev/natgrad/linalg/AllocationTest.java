package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once C2 has compiled a kernel, a call takes no byte of heap: no vector is boxed. */
@Tag("width")
class AllocationTest {
  private static final int CALLS = 20;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void warmKernelsAllocateNothing(Precision p) {
    String bits = System.getProperty("natgrad.vectorBits");
    Assumptions.assumeTrue(
        bits == null
            || Integer.parseInt(bits)
                <= Math.max(128, VectorShape.preferredShape().vectorBitSize()),
        "a width without hardware is never free of boxes");
    try (Workspace w = Workspace.create()) {
      KernelCalls.of(w, p).forEach((name, call) -> Allocation.assertNone(name, CALLS, call));
    }
  }
}
