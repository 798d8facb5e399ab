package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once C2 has compiled a kernel, a call takes no byte of heap: no vector is boxed. */
@Tag("width")
class AllocationTest {
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private double sink;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void warmKernelsAllocateNothing(Precision p) {
    String bits = System.getProperty("natgrad.vectorBits");
    Assumptions.assumeTrue(
        bits == null
            || Integer.parseInt(bits)
                <= Math.max(128, VectorShape.preferredShape().vectorBitSize()),
        "a width without hardware is never free of boxes");
    try (Workspace w = Workspace.create()) {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      calls(w, p).forEach((name, call) -> assertFree(name, call, deadline));
    }
  }

  /** C2 compiles in the background, so wait for the first run of free calls, up to a limit. */
  private static void assertFree(String name, Runnable call, long deadline) {
    long allocated;
    do {
      for (int i = 0; i < 20; i++) {
        call.run();
      }
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 5; i++) {
        call.run();
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated > 0 && System.nanoTime() < deadline);
    assertEquals(0, allocated, name + " allocates bytes in 5 calls");
  }

  private Map<String, Runnable> calls(Workspace w, Precision p) {
    int n = 71;
    Mat a = Mat.allocate(w, n, n, p);
    Mat b = Mat.allocate(w, n, n, p);
    Mat c = Mat.allocate(w, n, n, p);
    Mat t = Mat.allocate(w, n, n, p);
    Mat column = Mat.allocate(w, n, 1, p);
    Mat product = Mat.allocate(w, n, 1, p);
    Mat big = Mat.allocate(w, 100, 100, p);
    Mat bigC = Mat.allocate(w, 100, 100, p);
    for (int i = 0; i < n; i++) {
      t.set(i, i, 1);
    }
    Vec x = a.row(0);
    Vec y = c.row(0);
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("dot", () -> sink += Blas.dot(x, y));
    calls.put("dsdot", () -> sink += Blas.dsdot(x, y));
    calls.put("sum", () -> sink += Blas.sum(x));
    calls.put("asum", () -> sink += Blas.asum(x));
    calls.put("nrm2", () -> sink += Blas.nrm2(x));
    calls.put("iamax", () -> sink += Blas.iamax(x));
    calls.put("axpy", () -> Blas.axpy(0.5, x, y));
    calls.put("axpby", () -> Blas.axpby(0.5, x, 0.5, y));
    calls.put("scal", () -> Blas.scal(0.5, y));
    calls.put("fill", () -> Blas.fill(0, y));
    calls.put("copy", () -> Blas.copy(x, y));
    calls.put("gemv", () -> Blas.gemv(Transpose.NO, 1, b, x, 0, y));
    calls.put("gemvT", () -> Blas.gemv(Transpose.YES, 1, b, x, 0, y));
    calls.put("ger", () -> Blas.ger(1, x, y, b));
    calls.put("symv", () -> Blas.symv(1, b, x, 0, y));
    calls.put("trsv", () -> Blas.trsv(Triangle.LOWER, Transpose.NO, t, y));
    calls.put("trsvT", () -> Blas.trsv(Triangle.LOWER, Transpose.YES, t, y));
    calls.put("rowSums", () -> Blas.rowSums(1, b, 0, y));
    calls.put("colSums", () -> Blas.colSums(1, b, 0, y));
    calls.put("addToRows", () -> Blas.addToRows(1, x, b));
    calls.put("gemm", () -> Blas.gemm(Transpose.NO, Transpose.YES, 1, a, b, 0, c));
    calls.put("gemm, vector", () -> gemmTwice(a, column, product));
    calls.put("gemm, blocked", () -> Blas.gemm(Transpose.YES, Transpose.NO, 1, big, big, 0, bigC));
    Mat out = Mat.allocate(w, 100, 100, p);
    Vec bias = Vec.allocate(w, 100, p);
    for (Epilogue epilogue : new Epilogue[] {Epilogue.TANH, Epilogue.TANH_DERIVATIVE}) {
      calls.put("gemm, " + epilogue, () -> finished(big, bigC, epilogue, bias, out));
    }
    for (int cols : new int[] {5, 12, 16, 24}) {
      Mat wide = Mat.allocate(w, n, cols, p);
      Mat few = Mat.allocate(w, 9, n, p);
      Mat edge = Mat.allocate(w, 9, cols, p);
      Mat tall = Mat.allocate(w, n, cols, p);
      calls.put(
          "gemm of 9×" + cols,
          () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, few, wide, 0.5, edge));
      calls.put(
          "gemm of Aᵀ, n = " + cols,
          () -> Blas.gemm(Transpose.YES, Transpose.NO, 1, a, wide, 0.5, tall));
    }
    calls.put("syrk", () -> Blas.syrk(Triangle.LOWER, Transpose.NO, 1, a, 0, c));
    calls.put("trsm", () -> Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.NO, 1, t, c));
    calls.put("trsm right", () -> Blas.trsm(Side.RIGHT, Triangle.UPPER, Transpose.YES, 1, t, c));
    calls.put("Cholesky", () -> Cholesky.factor(t));
    return calls;
  }

  private static void finished(Mat a, Mat c, Epilogue epilogue, Vec bias, Mat y) {
    Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c, epilogue, bias, y);
  }

  private static void gemmTwice(Mat a, Mat column, Mat product) {
    Blas.gemm(Transpose.NO, Transpose.NO, 1, a, column, 0, product);
    Blas.gemm(Transpose.YES, Transpose.NO, 1, a, column, 0, product);
  }
}
