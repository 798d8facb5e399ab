package dev.natgrad.serving;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/** How long the JVM's compilers have worked; only {@link Source} needs java.management. */
final class CompilationTime {
  /** What is told where the JVM does not say. */
  static final long UNKNOWN = -1;

  private CompilationTime() {}

  /** Milliseconds of compilation, from the JVM's own count. */
  private static final class Source implements LongSupplier {
    private final CompilationMXBean compilation = ManagementFactory.getCompilationMXBean();

    @Override
    public long getAsLong() {
      boolean told = compilation != null && compilation.isCompilationTimeMonitoringSupported();
      return told ? compilation.getTotalCompilationTime() : UNKNOWN;
    }
  }

  /** A source of milliseconds, of {@link #UNKNOWN} in a runtime without the module. */
  static LongSupplier source() {
    try {
      Class.forName(
          "java.lang.management.CompilationMXBean", false, CompilationTime.class.getClassLoader());
      return new Source();
    } catch (ClassNotFoundException | LinkageError e) {
      return () -> UNKNOWN;
    }
  }
}
