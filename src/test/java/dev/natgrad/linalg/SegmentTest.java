package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F32;
import static dev.natgrad.memory.Precision.F64;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Workspace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Which of a caller's segments are used in place, which are copied and which are refused. */
class SegmentTest {

  private static void assertInPlace(Workspace w, MemorySegment segment) {
    long before = w.bytesUsed();
    Vec x = Vec.of(w, segment, 4, F64);
    assertEquals(before, w.bytesUsed(), "in place takes no memory");
    segment.set(JAVA_DOUBLE, 8, 3);
    assertEquals(3, x.get(1));
    Blas.scal(2, x);
    assertEquals(6, segment.get(JAVA_DOUBLE, 8));
  }

  private static void assertCopied(Workspace w, MemorySegment segment) {
    long before = w.bytesUsed();
    double old = segment.get(JAVA_DOUBLE, 8);
    Vec x = Vec.of(w, segment, 4, F64);
    assertEquals(before + Vec.bytes(4, F64), w.bytesUsed(), "a copy takes what its formula says");
    assertEquals(old, x.get(1));
    x.set(1, old + 1);
    assertEquals(old, segment.get(JAVA_DOUBLE, 8));
  }

  @Test
  void sizesBeyondAnAddressAreRefusedByName() {
    int huge = Integer.MAX_VALUE;
    try (Workspace w = Workspace.create();
        Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(32, 8);
      for (Executable call :
          List.<Executable>of(
              () -> Mat.allocate(w, huge, huge, F64),
              () -> Mat.bytes(huge, huge, F64),
              () -> Mat.bytes(-1, 2, F64),
              () -> Mat.of(w, segment, huge, 1, huge, F64))) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains("rows") || message.contains("segment has"), message);
      }
      assertEquals(Workspace.OVERHEAD_BYTES, w.bytesUsed());
    }
  }

  /** The largest entry of as many elements was searched for without end, exp wrote elsewhere. */
  @Test
  void moreElementsThanKernelsCountAreRefusedByName() {
    int most = Integer.MAX_VALUE - (1 << 20);
    try (Workspace w = Workspace.create(Workspace.OVERHEAD_BYTES + 64)) {
      Vec v = Vec.allocate(w, 4, F32);
      for (int many : new int[] {most + 1, Integer.MAX_VALUE}) {
        for (Executable call :
            List.<Executable>of(
                () -> Vec.allocate(w, many, F32),
                () -> Vec.bytes(many, F64),
                () -> Vec.of(w, MemorySegment.NULL, many, F32),
                () -> Mat.allocate(w, 1, many, F64),
                () -> Mat.allocate(w, many, 0, F64),
                () -> Mat.bytes(many, 1, F64),
                () -> Mat.of(w, MemorySegment.NULL, 1, many, many, F32),
                () -> v.asMat(0, many))) {
          String message = assertThrows(IllegalArgumentException.class, call).getMessage();
          assertTrue(message.contains(many + "; it must be ≤ " + most), message);
        }
      }
      assertThrows(IllegalArgumentException.class, () -> Vec.bytes(-1, F64));
      assertEquals(8L * most + 8, Vec.bytes(most, F64));
      assertThrows(OutOfMemoryError.class, () -> Vec.allocate(w, most, F32));
    }
  }

  @Test
  void confinedAndGlobalSegmentsAreUsedInPlace() {
    try (Workspace w = Workspace.create();
        Arena confined = Arena.ofConfined()) {
      assertInPlace(w, confined.allocate(32, 8));
      assertInPlace(w, Arena.global().allocate(32, 8));
    }
  }

  @Test
  void segmentsThatOthersMayFreeAreCopied(@TempDir Path folder) throws IOException {
    try (Workspace w = Workspace.create();
        Arena shared = Arena.ofShared();
        Arena confined = Arena.ofConfined();
        FileChannel file =
            FileChannel.open(
                folder.resolve("numbers"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      assertCopied(w, shared.allocate(32, 8));
      assertCopied(w, Arena.ofAuto().allocate(32, 8));
      assertCopied(w, confined.allocate(32, 8).asReadOnly());
      // A file that is cut beneath its mapping raises an error in the middle of a kernel.
      assertCopied(w, file.map(FileChannel.MapMode.READ_WRITE, 0, 32, confined));
    }
  }

  @Test
  void aWrappedSegmentWhoseArenaClosedIsRefused() {
    try (Workspace w = Workspace.create()) {
      Arena confined = Arena.ofConfined();
      MemorySegment segment = confined.allocate(128, 8);
      Vec x = Vec.of(w, segment, 4, F64);
      Mat a = Mat.of(w, segment, 2, 2, 3, F64);
      Vec part = x.slice(1, 2);
      confined.close();
      String message = assertThrows(IllegalStateException.class, () -> Blas.asum(x)).getMessage();
      assertTrue(message.contains("x wraps a segment whose arena is closed"), message);
      assertThrows(IllegalStateException.class, () -> Blas.asum(part));
      assertThrows(IllegalStateException.class, () -> Blas.asum(a.row(1)));
      assertThrows(IllegalStateException.class, () -> x.get(0));
      assertThrows(IllegalStateException.class, () -> Vec.of(w, segment, 4, F64));
    }
  }

  @Test
  void illegalSegmentsAreRefused() throws InterruptedException {
    try (Workspace w = Workspace.create();
        Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(65, 8);
      Class<IllegalArgumentException> illegal = IllegalArgumentException.class;
      MemorySegment heap = MemorySegment.ofArray(new double[4]);
      assertTrue(
          assertThrows(illegal, () -> Vec.of(w, heap, 4, F64)).getMessage().contains("heap"));
      assertThrows(illegal, () -> Vec.of(w, segment, 9, F64));
      assertThrows(illegal, () -> Vec.of(w, segment, -1, F64));
      assertThrows(illegal, () -> Vec.of(w, segment.asSlice(1), 4, F64));
      assertThrows(illegal, () -> Vec.of(w, segment.asSlice(2), 4, F32));
      assertThrows(illegal, () -> Mat.of(w, segment, 2, 3, 2, F64));
      assertThrows(illegal, () -> Mat.of(w, segment, 2, 4, 5, F64));
      assertEquals(2, Mat.of(w, segment, 2, 3, 5, F64).rows());
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread other =
          new Thread(
              () -> {
                try (Workspace own = Workspace.create()) {
                  assertThrows(WrongThreadException.class, () -> Vec.of(own, segment, 4, F64));
                }
              });
      other.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
      other.start();
      other.join();
      assertEquals(null, failure.get());
    }
  }
}
