package dev.natgrad.oracle;

import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Asserts that a call allocates nothing on the heap once the compiler has done its work. */
public final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 200;
  private static final long PATIENCE_NANOS = 180_000_000_000L;

  private Allocation() {}

  private static long bytes(int calls, Runnable call) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** The same in rounds of 200 calls. */
  public static void assertNone(String what, Runnable call) {
    assertNone(what, CALLS, call);
  }

  /**
   * Repeats the call until three rounds in a row allocate nothing. Vector code allocates until it
   * is compiled, and how soon that is depends on the machine's load. One clean round says little:
   * when HotSpot first hands a method of a class to a compiler, the calling thread makes the
   * strings of that class, some 200 bytes of messages, and that may be long after all else is warm.
   */
  public static void assertNone(String what, int calls, Runnable call) {
    long start = System.nanoTime();
    int clean = 0;
    long bytes = 0;
    while (clean < 3) {
      long round = bytes(calls, call);
      bytes = round == 0 ? bytes : round;
      clean = round == 0 ? clean + 1 : 0;
      if (clean < 3 && System.nanoTime() - start > PATIENCE_NANOS) {
        fail(what + " allocates " + bytes + " bytes in " + calls + " calls");
      }
    }
  }
}
