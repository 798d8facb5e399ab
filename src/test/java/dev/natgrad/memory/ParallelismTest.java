package dev.natgrad.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.natgrad.oracle.Allocation;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shares, errors and the life of the threads and leases. */
class ParallelismTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void everyShareRunsOnceInEveryCall(int threads) {
    AtomicIntegerArray calls = new AtomicIntegerArray(threads);
    try (Parallelism parallelism = Parallelism.of(threads)) {
      assertEquals(threads, parallelism.threads());
      for (int call = 1; call <= 500; call++) {
        if (call % 100 == 0) {
          // Long enough for the workers to have parked.
          LockSupport.parkNanos(2_000_000);
        }
        parallelism.run(
            (share, shares) -> {
              assertEquals(threads, shares);
              calls.incrementAndGet(share);
            });
        for (int share = 0; share < threads; share++) {
          assertEquals(call, calls.get(share));
        }
      }
    }
  }

  @Test
  void slowSharesAreWaitedForWhateverInterrupts() {
    AtomicIntegerArray done = new AtomicIntegerArray(3);
    try (Parallelism parallelism = Parallelism.of(3)) {
      Thread.currentThread().interrupt();
      parallelism.run(
          (share, shares) -> {
            long end = System.nanoTime() + 20_000_000L * share;
            while (System.nanoTime() < end) {
              Thread.onSpinWait();
            }
            done.set(share, 1);
          });
      assertEquals("[1, 1, 1]", done.toString());
      assertTrue(Thread.interrupted(), "the interrupt is kept");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatAShareThrowsIsThrownOnceAllAreDone(int guilty) {
    AtomicIntegerArray calls = new AtomicIntegerArray(3);
    try (Parallelism parallelism = Parallelism.of(3)) {
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  parallelism.run(
                      (share, shares) -> {
                        calls.incrementAndGet(share);
                        if (share == guilty) {
                          throw new IllegalStateException("share " + share);
                        }
                      }));
      assertEquals("share " + guilty, thrown.getMessage());
      assertEquals("[1, 1, 1]", calls.toString());
      parallelism.run((share, shares) -> calls.incrementAndGet(share));
      assertEquals("[2, 2, 2]", calls.toString());
    }
  }

  @Test
  void wrongUseSaysWhatIsWrong() throws Exception {
    assertThrows(IllegalArgumentException.class, () -> Parallelism.of(0));
    assertThrows(IllegalArgumentException.class, () -> Parallelism.of(1025));
    Parallelism parallelism = Parallelism.of(2);
    for (int where = 0; where < 2; where++) {
      int nested = where;
      Class<? extends RuntimeException> expected =
          nested == 0 ? IllegalStateException.class : WrongThreadException.class;
      parallelism.run(
          (share, shares) -> {
            if (share == nested) {
              assertThrows(expected, () -> parallelism.run((s, n) -> {}));
              assertThrows(expected, parallelism::close);
            }
          });
    }
    Throwable[] thrown = new Throwable[1];
    Thread other =
        new Thread(() -> thrown[0] = assertThrows(WrongThreadException.class, parallelism::close));
    other.start();
    other.join();
    assertTrue(thrown[0].getMessage().contains("confined"), thrown[0].getMessage());
    parallelism.close();
    parallelism.close();
    assertThrows(IllegalStateException.class, () -> parallelism.run((s, n) -> {}));
    assertThrows(IllegalStateException.class, () -> parallelism.scratch(0, 64));
  }

  @Test
  void aWorkspaceOutlivesTheParallelismItUses() {
    Workspace workspace = Workspace.create();
    try (Parallelism parallelism = Parallelism.of(2);
        Parallelism other = Parallelism.of(1)) {
      workspace.use(parallelism);
      workspace.use(parallelism);
      assertSame(parallelism, workspace.parallelism());
      assertEquals(1, workspace.leases());
      assertThrows(IllegalStateException.class, () -> workspace.use(other));
      String message = assertThrows(IllegalStateException.class, workspace::close).getMessage();
      assertTrue(message.contains("parallelism"), message);
    }
    assertNull(workspace.parallelism());
    workspace.close();
    try (Parallelism late = Parallelism.of(2)) {
      assertThrows(IllegalStateException.class, () -> workspace.use(late));
    }
  }

  @Test
  void closingEndsTheThreads() {
    Parallelism parallelism = Parallelism.of(3);
    Thread[] workers = new Thread[3];
    parallelism.run((share, shares) -> workers[share] = Thread.currentThread());
    parallelism.close();
    assertTrue(!workers[1].isAlive() && !workers[2].isAlive());
  }

  @Tag("allocation")
  @Test
  void aCallAllocatesNothingOnAnyThread() {
    ThreadMXBean beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Parallelism parallelism = Parallelism.of(2)) {
      long[] worker = new long[1];
      long[] bytes = new long[2];
      Parallelism.Task task =
          (share, shares) -> {
            if (share == 1) {
              worker[0]++;
            }
          };
      Allocation.assertNone("a call", () -> parallelism.run(task));
      int[] look = new int[1];
      Parallelism.Task looking =
          (share, shares) -> {
            if (share == 1) {
              bytes[look[0]] = beans.getCurrentThreadAllocatedBytes();
            }
          };
      // A thread's first look may cost some 2 KB once, which are none of the calls'.
      parallelism.run(looking);
      parallelism.run(looking);
      for (int call = 0; call < 1000; call++) {
        parallelism.run(task);
      }
      look[0] = 1;
      parallelism.run(looking);
      assertTrue(bytes[1] - bytes[0] < 1000, "the worker took " + (bytes[1] - bytes[0]) + " bytes");
    }
  }
}
