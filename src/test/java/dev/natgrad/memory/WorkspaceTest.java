package dev.natgrad.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WorkspaceTest {

  @Property
  void blocksAreAlignedZeroedAndCounted(@ForAll @IntRange(max = 5000) int bytes) {
    try (Workspace w = Workspace.create()) {
      assertEquals(Workspace.OVERHEAD_BYTES, w.bytesUsed());
      MemorySegment block = w.allocate("block", bytes);
      assertEquals(0, block.address() % Workspace.ALIGNMENT);
      assertEquals(bytes, block.byteSize());
      assertEquals((bytes + 63) / 64 * 64L, Workspace.blockBytes(bytes));
      assertEquals(Workspace.OVERHEAD_BYTES + Workspace.blockBytes(bytes), w.bytesUsed());
      for (int i = 0; i < bytes; i++) {
        assertEquals(0, block.get(ValueLayout.JAVA_BYTE, i));
      }
    }
  }

  @Property
  void vectorsAndMatricesTakeWhatTheirFormulaSays(
      @ForAll @IntRange(max = 40) int rows,
      @ForAll @IntRange(max = 40) int cols,
      @ForAll Precision p) {
    try (Workspace w = Workspace.create()) {
      long before = w.bytesUsed();
      Vec.allocate(w, cols, p);
      assertEquals(before + Vec.bytes(cols, p), w.bytesUsed());
      Mat.allocate(w, rows, cols, p);
      assertEquals(before + Vec.bytes(cols, p) + Mat.bytes(rows, cols, p), w.bytesUsed());
      assertEquals(((long) rows * cols * p.bytes() + 63) / 64 * 64, Mat.bytes(rows, cols, p));
    }
  }

  @Test
  void aRequestBeyondTheLimitFailsAndTheWorkspaceGoesOn() {
    try (Workspace w = Workspace.create(Workspace.OVERHEAD_BYTES + 128)) {
      OutOfMemoryError refusal =
          assertThrows(OutOfMemoryError.class, () -> w.allocate("the big block", 129));
      assertTrue(refusal.getMessage().contains("the big block needs 129 bytes"));
      assertEquals(Workspace.OVERHEAD_BYTES, w.bytesUsed());
      w.allocate("a block that fits", 128);
      assertThrows(OutOfMemoryError.class, () -> w.allocate("one byte more", 1));
      assertThrows(OutOfMemoryError.class, () -> w.allocate("everything", Long.MAX_VALUE));
      w.allocate("nothing", 0);
    }
  }

  @Test
  void illegalSizesAreRefusedByName() {
    IllegalArgumentException limit =
        assertThrows(IllegalArgumentException.class, () -> Workspace.create(1));
    assertTrue(limit.getMessage().contains("limitBytes is 1"), limit.getMessage());
    try (Workspace w = Workspace.create()) {
      IllegalArgumentException size =
          assertThrows(IllegalArgumentException.class, () -> w.allocate("weights", -1));
      assertTrue(size.getMessage().contains("weights"), size.getMessage());
    }
  }

  @Test
  void closingTwiceIsFineAndUseAfterwardsIsNot() {
    Workspace w = Workspace.create();
    Vec x = Vec.allocate(w, 3, Precision.F64);
    assertFalse(w.isClosed());
    w.close();
    w.close();
    assertTrue(w.isClosed());
    assertThrows(IllegalStateException.class, () -> w.allocate("late", 1));
    assertThrows(IllegalStateException.class, () -> x.get(0));
    assertThrows(IllegalStateException.class, () -> x.set(0, 1));
    assertThrows(IllegalStateException.class, x::toArray);
  }

  @Test
  void onlyItsThreadMayUseOrCloseIt() throws InterruptedException {
    try (Workspace w = Workspace.create()) {
      Vec x = Vec.allocate(w, 3, Precision.F64);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread other =
          new Thread(
              () -> {
                assertThrows(WrongThreadException.class, w::close);
                assertThrows(WrongThreadException.class, () -> w.allocate("block", 1));
                assertThrows(WrongThreadException.class, () -> x.get(0));
              });
      other.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
      other.start();
      other.join();
      assertSame(null, failure.get());
      assertFalse(w.isClosed());
    }
  }
}
