package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F32;
import static dev.natgrad.memory.Precision.F64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every misuse is refused with a message that names the argument, and nothing is written. */
class BlasErrorsTest {

  private static void refused(
      Class<? extends Throwable> type, Executable call, String... messageParts) {
    Throwable refusal = assertThrows(type, call);
    for (String part : messageParts) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }

  private static List<Executable> calls(Vec x, Vec y, Mat a, Mat b, Mat c) {
    List<Executable> calls = new ArrayList<>();
    calls.add(() -> Blas.dot(x, y));
    calls.add(() -> Blas.dsdot(x, y));
    calls.add(() -> Blas.nrm2(x));
    calls.add(() -> Blas.asum(x));
    calls.add(() -> Blas.sum(x));
    calls.add(() -> Blas.iamax(x));
    calls.add(() -> Blas.axpy(1, x, y));
    calls.add(() -> Blas.axpby(1, x, 1, y));
    calls.add(() -> Blas.scal(1, x));
    calls.add(() -> Blas.copy(x, y));
    calls.add(() -> Blas.fill(1, x));
    calls.add(() -> Blas.gemv(Transpose.NO, 1, a, x, 0, y));
    calls.add(() -> Blas.ger(1, x, y, a));
    calls.add(() -> Blas.symv(1, a, x, 0, y));
    calls.add(() -> Blas.trsv(Triangle.LOWER, Transpose.NO, a, x));
    calls.add(() -> Blas.rowSums(1, a, 0, y));
    calls.add(() -> Blas.colSums(1, a, 0, y));
    calls.add(() -> Blas.addToRows(1, x, a));
    calls.add(() -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 0, c));
    calls.add(() -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 0, c, Epilogue.TANH, x, c));
    calls.add(() -> Blas.syrk(Triangle.LOWER, Transpose.NO, 1, a, 0, c));
    calls.add(() -> Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.NO, 1, a, c));
    calls.add(() -> Cholesky.factor(a));
    return calls;
  }

  private static List<Executable> calls(Workspace w, Precision p) {
    return calls(
        Vec.allocate(w, 3, p),
        Vec.allocate(w, 3, p),
        Mat.allocate(w, 3, 3, p),
        Mat.allocate(w, 3, 3, p),
        Mat.allocate(w, 3, 3, p));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aClosedWorkspaceIsRefused(Precision p) {
    Workspace w = Workspace.create();
    List<Executable> calls = calls(w, p);
    w.close();
    for (Executable call : calls) {
      refused(IllegalStateException.class, call, "closed workspace");
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void anotherThreadIsRefused(Precision p) throws InterruptedException {
    try (Workspace w = Workspace.create()) {
      List<Executable> calls = calls(w, p);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread other =
          new Thread(
              () -> calls.forEach(call -> refused(WrongThreadException.class, call, "'stranger'")),
              "stranger");
      other.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
      other.start();
      other.join();
      assertEquals(null, failure.get());
    }
  }

  @Test
  void mixedPrecisionsAreRefused() {
    try (Workspace w = Workspace.create()) {
      Vec x = Vec.allocate(w, 3, F32);
      Vec y = Vec.allocate(w, 3, F64);
      Mat a = Mat.allocate(w, 3, 3, F64);
      Mat c = Mat.allocate(w, 3, 3, F32);
      refused(IllegalArgumentException.class, () -> Blas.dot(x, y), "x has precision F32", "F64");
      refused(IllegalArgumentException.class, () -> Blas.axpy(1, x, y), "x has precision F32");
      refused(
          IllegalArgumentException.class,
          () -> Blas.gemv(Transpose.NO, 1, a, x, 0, y),
          "x has precision F32");
      refused(
          IllegalArgumentException.class,
          () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c),
          "a has precision F64",
          "F32");
    }
  }

  @Test
  void wrongShapesAreRefused() {
    try (Workspace w = Workspace.create()) {
      Vec x3 = Vec.allocate(w, 3, F64);
      Vec x4 = Vec.allocate(w, 4, F64);
      Mat a = Mat.allocate(w, 3, 4, F64);
      Mat c = Mat.allocate(w, 3, 3, F64);
      refused(IllegalArgumentException.class, () -> Blas.dot(x3, x4), "x has length 3", "4");
      refused(
          IllegalArgumentException.class,
          () -> Blas.gemv(Transpose.NO, 1, a, x3, 0, Vec.allocate(w, 3, F64)),
          "x has length 3",
          "4");
      refused(
          IllegalArgumentException.class,
          () -> Blas.gemv(Transpose.YES, 1, a, x3, 0, Vec.allocate(w, 3, F64)),
          "y has length 3",
          "4");
      refused(IllegalArgumentException.class, () -> Blas.symv(1, a, x4, 0, x3), "a is 3×4");
      refused(IllegalArgumentException.class, () -> Cholesky.factor(a), "a is 3×4", "square");
      refused(
          IllegalArgumentException.class,
          () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c),
          "b is 3×4",
          "4×3");
      refused(
          IllegalArgumentException.class,
          () -> Blas.trsm(Side.RIGHT, Triangle.LOWER, Transpose.NO, 1, c, a),
          "t is 3×3",
          "4×4");
    }
  }

  @Test
  void anOutputThatSharesMemoryWithAnInputIsRefusedUnwritten() {
    try (Workspace w = Workspace.create()) {
      Vec v = Vec.allocate(w, 20, F64);
      Blas.fill(2, v);
      Mat m = v.asMat(4, 4);
      String[] overlap = {"overlaps", "must not share memory"};
      Class<IllegalArgumentException> type = IllegalArgumentException.class;
      refused(type, () -> Blas.axpy(1, v.slice(0, 10), v.slice(1, 10)), overlap);
      refused(type, () -> Blas.copy(v.slice(0, 10), v.slice(9, 10)), overlap);
      refused(
          type,
          () -> Blas.gemv(Transpose.NO, 1, m, Vec.allocate(w, 4, F64), 0, v.slice(15, 4)),
          overlap);
      refused(type, () -> Blas.ger(1, v.slice(2, 4), v.slice(16, 4), m), overlap);
      refused(
          type,
          () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, m, Mat.allocate(w, 4, 4, F64), 0, m),
          overlap);
      refused(type, () -> Blas.syrk(Triangle.LOWER, Transpose.NO, 1, m, 0, m), overlap);
      refused(type, () -> Blas.trsv(Triangle.LOWER, Transpose.NO, m, v.slice(12, 4)), overlap);
      for (double x : v.toArray()) {
        assertEquals(2, x);
      }
    }
  }

  @Test
  void blocksSideBySideDoNotOverlap() {
    try (Workspace w = Workspace.create()) {
      Mat frame = Mat.allocate(w, 4, 8, F64);
      Mat left = frame.block(0, 0, 4, 4);
      Mat right = frame.block(0, 4, 4, 4);
      for (int i = 0; i < 4; i++) {
        left.set(i, i, 2);
      }
      Blas.gemm(Transpose.NO, Transpose.NO, 1, left, left, 0, right);
      assertEquals(4, frame.get(3, 7));
      assertEquals(2, frame.get(3, 3));
    }
  }

  @Test
  void emptyOperandsAreLegal() {
    try (Workspace w = Workspace.create()) {
      Mat a = Mat.allocate(w, 2, 0, F32);
      Mat b = Mat.allocate(w, 0, 2, F32);
      Mat c = Mat.allocate(w, 2, 2, F32);
      c.copyFrom(new double[] {1, 2, 3, 4});
      Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 2, c);
      assertEquals(8, c.get(1, 1));
      Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 0, c);
      assertEquals(0, c.get(1, 1));
      Blas.gemm(Transpose.NO, Transpose.NO, 1, b, c, 0, Mat.allocate(w, 0, 2, F32));
      assertEquals(0, Blas.dot(a.row(0), a.row(1)));
      assertEquals(-1, Blas.iamax(a.row(0)));
      assertTrue(Cholesky.factor(Mat.allocate(w, 0, 0, F32)));
    }
  }

  @Test
  void theFirstProductTakesItsScratchOnce() {
    try (Workspace w = Workspace.create()) {
      Mat a = Mat.allocate(w, 3, 3, F64);
      Mat c = Mat.allocate(w, 3, 3, F64);
      long before = w.bytesUsed();
      Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c);
      assertEquals(before + Blas.scratchBytes(), w.bytesUsed());
      Blas.syrk(Triangle.LOWER, Transpose.NO, 1, a, 0, c);
      assertEquals(before + Blas.scratchBytes(), w.bytesUsed());
    }
  }
}
