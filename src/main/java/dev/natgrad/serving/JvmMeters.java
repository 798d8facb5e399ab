package dev.natgrad.serving;

import com.sun.management.ThreadMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What the JVM tells of itself; only the two nested classes need its management modules. */
final class JvmMeters {
  /** What is told where the JVM does not say. */
  static final long UNKNOWN = -1;

  private JvmMeters() {}

  /** Milliseconds of compilation, from the JVM's own count. */
  private static final class Compilation implements LongSupplier {
    private final CompilationMXBean compilation = ManagementFactory.getCompilationMXBean();

    @Override
    public long getAsLong() {
      boolean told = compilation != null && compilation.isCompilationTimeMonitoringSupported();
      return told ? compilation.getTotalCompilationTime() : UNKNOWN;
    }
  }

  /** Bytes of heap that the calling thread has allocated, from the JVM's own count. */
  private static final class Allocation implements LongSupplier {
    private final ThreadMXBean thread;

    Allocation() {
      boolean told =
          ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
              && bean.isThreadAllocatedMemorySupported()
              && bean.isThreadAllocatedMemoryEnabled();
      thread = told ? (ThreadMXBean) ManagementFactory.getThreadMXBean() : null;
    }

    @Override
    public long getAsLong() {
      return thread == null ? UNKNOWN : thread.getCurrentThreadAllocatedBytes();
    }
  }

  /** Milliseconds of compilation, {@link #UNKNOWN} in a runtime without java.management. */
  static LongSupplier compilationMillis() {
    return source("java.lang.management.CompilationMXBean", Compilation::new);
  }

  /**
   * Bytes of heap that the calling thread has allocated, {@link #UNKNOWN} in a runtime without
   * jdk.management.
   */
  static LongSupplier allocatedBytes() {
    return source("com.sun.management.ThreadMXBean", Allocation::new);
  }

  private static LongSupplier source(String needed, Supplier<LongSupplier> source) {
    try {
      Class.forName(needed, false, JvmMeters.class.getClassLoader());
      return source.get();
    } catch (ClassNotFoundException | LinkageError e) {
      return () -> UNKNOWN;
    }
  }
}
