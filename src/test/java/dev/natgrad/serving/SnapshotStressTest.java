package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads read while another publishes without pause: no version is seen torn, changes while it is
 * held, or is older than one whose publish had returned. A second in the build; {@code
 * -Dnatgrad.stress.reads=10000000} reads as often as it says.
 */
class SnapshotStressTest {
  private static final int P = 61;
  private static final int READERS = 3;
  private static final long READS = Long.getLong("natgrad.stress.reads", 0);

  private volatile boolean stop;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noReadIsTorn(boolean rollBack) throws Exception {
    try (Workspace w = Workspace.create();
        ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, READERS, 2);
      Vec theta = Vec.allocate(w, P, Precision.F64);
      publish(store, theta);
      CountDownLatch begun = new CountDownLatch(READERS);
      List<Future<Long>> reads = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        long share = READS / READERS + 1;
        boolean slow = reader == 0;
        reads.add(threads.submit(() -> read(store, begun, share, !rollBack, slow)));
      }
      begun.await();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1200);
      long published = 0;
      while (READS > 0 ? !reads.stream().allMatch(Future::isDone) : System.nanoTime() < end) {
        for (int i = 0; i < 64; i++) {
          publish(store, theta);
          published++;
          if (rollBack && i % 3 == 0) {
            long[] retained = store.retained();
            assertTrue(store.rollBack(retained[retained.length - 1]));
          }
        }
      }
      stop = true;
      long sum = 0;
      for (Future<Long> count : reads) {
        sum += count.get();
      }
      System.out.println(sum + " reads against " + published + " publishes, none torn");
      assertTrue(sum > 1000 && published > 1000, () -> "too few to mean anything");
    }
  }

  private static void publish(SnapshotStore store, Vec theta) {
    Blas.fill(Math.max(store.version(), (long) theta.get(0)) + 1, theta);
    assertEquals(PublishStatus.PUBLISHED, store.publish(theta));
  }

  private long read(
      SnapshotStore store, CountDownLatch begun, long share, boolean ordered, boolean slow) {
    long count = 0;
    try (Workspace own = Workspace.create();
        SnapshotReader reader = new SnapshotReader(own, store)) {
      begun.countDown();
      while (READS > 0 ? count < share : !stop) {
        long published = store.version();
        int buffer = reader.newest();
        long version = reader.version();
        assertTrue(!ordered || version >= published, "older than a version already published");
        check(reader.theta(buffer), version);
        if (slow && (count & 1023) == 0) {
          for (int i = 0; i < 1000; i++) {
            check(reader.theta(buffer), version);
          }
        }
        if ((count & 7) == 0) {
          reader.release();
        }
        count++;
      }
    }
    return count;
  }

  private static void check(Vec theta, long version) {
    assertEquals((double) version * P, Blas.sum(theta));
    assertEquals(version, Norms.largestAbsolute(theta));
  }
}
