package dev.natgrad.bench.latency;

import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** What the calling thread has allocated, and how often the JVM has collected. */
final class Heap {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Heap() {}

  static long allocatedBytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  static long threadNanos() {
    return THREADS.getCurrentThreadCpuTime();
  }

  static long collections() {
    long count = 0;
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      count += Math.max(0, bean.getCollectionCount());
    }
    return count;
  }
}
