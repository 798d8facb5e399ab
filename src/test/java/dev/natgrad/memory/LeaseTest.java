package dev.natgrad.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Memory cannot be freed while another thread reads it. */
class LeaseTest {
  @Test
  void memoryOutlivesTheAttemptToFreeItWhileItIsRead() throws Exception {
    try (Workspace owner = Workspace.create();
        ExecutorService reader = Executors.newSingleThreadExecutor()) {
      Vec x = Vec.allocate(owner, 1000, Precision.F64);
      Blas.fill(2, x);
      CountDownLatch borrowed = new CountDownLatch(1);
      CountDownLatch refused = new CountDownLatch(1);
      Future<Double> sum =
          reader.submit(
              () -> {
                try (Workspace own = Workspace.create()) {
                  own.borrow(owner);
                  own.borrow(owner);
                  Vec view = x.borrowedBy(own);
                  borrowed.countDown();
                  refused.await();
                  assertThrows(WrongThreadException.class, () -> Blas.sum(x));
                  return Blas.sum(view);
                }
              });
      borrowed.await();
      assertEquals(1, owner.leases());
      IllegalStateException e = assertThrows(IllegalStateException.class, owner::close);
      assertTrue(e.getMessage().contains("read by 1 others"), e.getMessage());
      assertFalse(owner.isClosed());
      assertEquals(2000, Blas.sum(x));
      refused.countDown();
      assertEquals(2000, sum.get());
      assertEquals(0, owner.leases());
    }
  }

  @Test
  void aViewNeedsALeaseAndDiesWithTheBorrower() {
    try (Workspace owner = Workspace.create()) {
      Vec x = Vec.allocate(owner, 3, Precision.F32);
      Vec view;
      try (Workspace own = Workspace.create()) {
        assertThrows(IllegalStateException.class, () -> x.borrowedBy(own));
        assertThrows(IllegalArgumentException.class, () -> own.borrow(own));
        assertThrows(NullPointerException.class, () -> own.borrow(null));
        own.borrow(owner);
        view = x.borrowedBy(own);
        view.set(1, 5);
        assertEquals(5, x.get(1));
      }
      assertThrows(IllegalStateException.class, () -> view.get(1));
      assertEquals(5, x.get(1));
    }
  }

  @Test
  void nothingIsBorrowedFromOrByAClosedWorkspaceNorByAnotherThread() throws Exception {
    Workspace closed = Workspace.create();
    closed.close();
    try (Workspace own = Workspace.create();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      assertThrows(IllegalStateException.class, () -> own.borrow(closed));
      assertFalse(own.borrows(closed));
      assertThrows(IllegalStateException.class, () -> closed.borrow(own));
      ExecutionException e =
          assertThrows(
              ExecutionException.class, () -> other.submit(() -> own.borrow(closed)).get());
      assertEquals(WrongThreadException.class, e.getCause().getClass());
      assertEquals(0, own.leases());
    }
  }

  @Test
  void aWrappedSegmentIsNotLent() {
    try (Workspace owner = Workspace.create();
        Workspace own = Workspace.create();
        Arena arena = Arena.ofConfined()) {
      Vec wrapped = Vec.of(owner, arena.allocate(64, 64), 8, Precision.F64);
      own.borrow(owner);
      assertThrows(IllegalStateException.class, () -> wrapped.borrowedBy(own));
    }
  }

  /** Either the lease is refused or the memory stays: there is nothing between. */
  @Test
  void borrowingRacesWithClosing() throws Exception {
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < 2000; round++) {
        Workspace owner = Workspace.create();
        Vec x = Vec.allocate(owner, 8, Precision.F64);
        Blas.fill(1, x);
        Future<Boolean> borrowed =
            reader.submit(
                () -> {
                  try (Workspace own = Workspace.create()) {
                    own.borrow(owner);
                    return Blas.sum(x.borrowedBy(own)) == 8;
                  } catch (IllegalStateException e) {
                    return true;
                  }
                });
        while (!owner.isClosed()) {
          try {
            owner.close();
          } catch (IllegalStateException e) {
            Thread.onSpinWait();
          }
        }
        assertTrue(borrowed.get());
      }
    }
  }
}
