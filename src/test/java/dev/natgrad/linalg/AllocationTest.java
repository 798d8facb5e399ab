package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once C2 has compiled a kernel, a call takes no byte of heap: no vector is boxed. */
@Tag("width")
class AllocationTest {
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

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
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      KernelCalls.of(w, p).forEach((name, call) -> assertFree(name, call, deadline));
    }
  }

  /** C2 compiles in the background, so wait for the first run of free calls, up to a limit. */
  private static void assertFree(String name, Runnable call, long deadline) {
    long allocated;
    do {
      for (int i = 0; i < 20; i++) {
        call.run();
      }
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 5; i++) {
        call.run();
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated > 0 && System.nanoTime() < deadline);
    assertEquals(0, allocated, name + " allocates bytes in 5 calls");
  }
}
