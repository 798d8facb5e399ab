package dev.natgrad.linalg;

import com.sun.management.ThreadMXBean;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Prints which kernels still allocate although they have been compiled. Argument: a precision.
 * Meant for a JVM that compiles kernels before it knows their types from profiles.
 */
public final class EarlyKernels {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 20;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static long sink;

  private EarlyKernels() {}

  public static void main(String[] args) {
    Precision precision = Precision.valueOf(args[0]);
    loadEverySpecies();
    try (Workspace workspace = Workspace.create()) {
      Map<String, Runnable> calls = KernelCalls.of(workspace, precision);
      calls.forEach(
          (name, call) -> {
            long bytes = settled(call);
            if (bytes > 0) {
              System.out.println("allocates " + bytes / CALLS + " bytes: " + name);
            }
          });
      System.out.println("checked " + calls.size());
    }
  }

  /** As a host with vector code of its own does: then no class of vectors is the only one. */
  private static void loadEverySpecies() {
    for (VectorShape shape : VectorShape.values()) {
      for (Class<?> element :
          List.of(byte.class, short.class, int.class, long.class, float.class, double.class)) {
        sink += VectorSpecies.of(element, shape).zero().length();
      }
    }
  }

  private static long settled(Runnable call) {
    long start = System.nanoTime();
    long bytes;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (bytes > 0 && System.nanoTime() - start < PATIENCE_NANOS);
    return bytes;
  }
}
