package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotStoreTest {
  private static final int P = 37;

  private static Vec vector(Workspace workspace, double value) {
    Vec v = Vec.allocate(workspace, P, Precision.F64);
    Blas.fill(value, v);
    return v;
  }

  @ParameterizedTest
  @EnumSource
  void bytesAreExact(Precision precision) {
    int buffers = SnapshotStore.buffersFor(3, 2);
    assertEquals(7, buffers);
    long bytes = SnapshotStore.bytes(P, precision, buffers);
    try (Workspace w = Workspace.create(Workspace.OVERHEAD_BYTES + bytes)) {
      new SnapshotStore(w, P, precision, 3, 2);
      assertEquals(Workspace.OVERHEAD_BYTES + bytes, w.bytesUsed());
    }
  }

  @Test
  void aVersionHeldStaysAsItWasWhateverIsPublished() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 2, 1);
      Vec theta = vector(w, 1);
      Vec copy = vector(w, 0);
      try (SnapshotReader never = new SnapshotReader(w, store);
          SnapshotReader reader = new SnapshotReader(w, store)) {
        assertThrows(IllegalStateException.class, never::acquire);
        assertThrows(IllegalStateException.class, never::acquire);
        assertEquals(0, never.version());
        assertEquals(PublishStatus.PUBLISHED, store.publish(theta));
        assertEquals(1, never.acquire());
        for (int version = 2; version < 100; version++) {
          Blas.fill(version, theta);
          assertEquals(PublishStatus.PUBLISHED, store.publish(theta));
          assertEquals(version, reader.acquire());
          reader.copyTo(copy);
          assertEquals(version * P, Blas.sum(copy));
          assertEquals(version, store.version());
          never.copyTo(copy);
          assertEquals(P, Blas.sum(copy));
          assertEquals(1, never.version());
        }
        assertEquals(99, never.acquire());
      }
      assertEquals(0, store.readers());
    }
  }

  @Test
  void withFewerBuffersAPublishMayFindNoneFreeAndSaysSo() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 2, 0, 2);
      Vec theta = vector(w, 1);
      store.publish(theta);
      try (SnapshotReader never = new SnapshotReader(w, store)) {
        never.acquire();
        assertEquals(PublishStatus.PUBLISHED, store.publish(theta));
        assertEquals(PublishStatus.NO_FREE_BUFFER, store.publish(theta));
        assertEquals(2, store.version());
        assertArrayEquals(new long[] {2}, store.retained());
        never.release();
        assertEquals(PublishStatus.PUBLISHED, store.publish(theta));
        assertEquals(3, store.version());
      }
    }
  }

  @Test
  void rollingBackMakesARetainedVersionCurrentAndKeepsTheOthers() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 1, 2);
      Vec theta = vector(w, 0);
      for (int version = 1; version <= 4; version++) {
        Blas.fill(version, theta);
        store.publish(theta);
      }
      assertArrayEquals(new long[] {4, 3, 2}, store.retained());
      assertFalse(store.rollBack(1));
      assertFalse(store.copyTo(1, theta));
      assertEquals(4, store.version());
      try (SnapshotReader reader = new SnapshotReader(w, store)) {
        assertEquals(4, reader.acquire());
        assertTrue(store.rollBack(2));
        assertEquals(2, reader.acquire());
        assertEquals(2, store.version());
        reader.copyTo(theta);
        assertEquals(2 * P, Blas.sum(theta));
        assertTrue(store.rollBack(4));
        assertEquals(4, reader.acquire());
        assertArrayEquals(new long[] {4, 2, 3}, store.retained());
        Blas.fill(5, theta);
        store.publish(theta);
        assertEquals(5, reader.acquire());
        assertArrayEquals(new long[] {5, 4, 2}, store.retained());
        assertTrue(store.copyTo(2, theta));
        assertEquals(2 * P, Blas.sum(theta));
      }
    }
  }

  @Test
  void parametersThatAreNotFiniteAreNotPublished() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 1, 0);
      Vec theta = vector(w, 1);
      for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
        theta.set(P - 1, bad);
        assertEquals(PublishStatus.NON_FINITE, store.publish(theta));
      }
      assertEquals(0, store.version());
    }
  }

  @Tag("allocation")
  @Test
  void nothingIsAllocatedByPublishingRollingBackAndReading() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 2, 1);
      Vec theta = vector(w, 1);
      store.publish(theta);
      long used = w.bytesUsed();
      try (SnapshotReader reader = new SnapshotReader(w, store)) {
        Allocation.assertNone(
            "publish, roll back, acquire and release",
            () -> {
              store.publish(theta);
              reader.acquire();
              store.rollBack(store.version() - 1);
              reader.acquire();
              store.rollBack(store.version() + 1);
              reader.copyTo(theta);
              reader.release();
            });
      }
      assertEquals(used, w.bytesUsed());
    }
  }

  @Test
  void onlyItsThreadPublishesAndEachReaderHasItsOwn() throws Exception {
    try (Workspace w = Workspace.create();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 1, 0);
      Vec theta = vector(w, 3);
      store.publish(theta);
      CountDownLatch registered = new CountDownLatch(1);
      CountDownLatch done = new CountDownLatch(1);
      Future<Long> version =
          other.submit(
              () -> {
                assertThrows(WrongThreadException.class, () -> store.publish(theta));
                assertThrows(WrongThreadException.class, () -> store.rollBack(1));
                assertThrows(WrongThreadException.class, () -> new SnapshotReader(w, store));
                try (Workspace own = Workspace.create();
                    SnapshotReader reader = new SnapshotReader(own, store)) {
                  registered.countDown();
                  done.await();
                  return reader.acquire();
                }
              });
      registered.await();
      IllegalStateException full =
          assertThrows(IllegalStateException.class, () -> new SnapshotReader(w, store));
      assertTrue(full.getMessage().contains("1 registered readers"), full.getMessage());
      assertThrows(IllegalStateException.class, w::close);
      done.countDown();
      assertEquals(1, version.get());
      assertEquals(0, w.leases());
      SnapshotReader reader = new SnapshotReader(w, store);
      reader.close();
      reader.close();
      assertThrows(IllegalStateException.class, reader::acquire);
    }
  }

  @Test
  void illegalNumbersAreRefusedByName() {
    try (Workspace w = Workspace.create()) {
      for (int[] bad : new int[][] {{0, 0, 2}, {1, -1, 2}, {1, 1, 2}, {1, 0, 1 << 17}}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new SnapshotStore(w, P, Precision.F64, bad[0], bad[1], bad[2]));
      }
      assertThrows(
          IllegalArgumentException.class, () -> SnapshotStore.buffersFor(Integer.MAX_VALUE, 3));
      SnapshotStore store = new SnapshotStore(w, P, Precision.F64, 1, 0);
      assertThrows(
          IllegalArgumentException.class,
          () -> store.publish(Vec.allocate(w, P + 1, Precision.F64)));
      assertThrows(
          IllegalArgumentException.class, () -> store.publish(Vec.allocate(w, P, Precision.F32)));
    }
  }
}
