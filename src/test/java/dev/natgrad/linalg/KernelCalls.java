package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A call of every kernel for vectors, matrices, products, factors and rows through its facade, by
 * name; odd sizes, so that every tail is in them. Not of maps and of epilogues, which are maps:
 * their polynomials are so long that C2 inlines the end of them late, and then leaves a vector of
 * some on the heap until it compiles them again. {@link MapsAllocationTest} has them.
 */
final class KernelCalls {
  private static final int N = 71;

  private final SequencedMap<String, Runnable> calls = new LinkedHashMap<>();
  private final Workspace workspace;
  private final Precision precision;
  private double sink;

  private KernelCalls(Workspace workspace, Precision precision) {
    this.workspace = workspace;
    this.precision = precision;
  }

  static SequencedMap<String, Runnable> of(Workspace workspace, Precision precision) {
    KernelCalls all = new KernelCalls(workspace, precision);
    all.vectors(N);
    all.vectors(1003);
    all.matrices();
    all.products();
    all.factors();
    RowCalls.addTo(all.calls, workspace, precision);
    return all.calls;
  }

  private Mat mat(int rows, int cols) {
    Mat a = Mat.allocate(workspace, rows, cols, precision);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        a.set(i, j, (1 + (3 * i + 5 * j) % 7) / 8.0);
      }
    }
    return a;
  }

  private Vec vec(int n) {
    Vec x = Vec.allocate(workspace, n, precision);
    for (int i = 0; i < n; i++) {
      x.set(i, (1 + i % 7) / 8.0);
    }
    return x;
  }

  private void vectors(int n) {
    Vec x = vec(n);
    Vec y = vec(n);
    Vec z = vec(n);
    Vec m = vec(n);
    Vec tiny = vec(n);
    Blas.scal(precision == Precision.F64 ? 1e-200 : 1e-30, tiny);
    double[] both = new double[3];
    String of = " of " + n;
    calls.put("dot" + of, () -> sink += Blas.dot(x, y));
    calls.put("dsdot" + of, () -> sink += Blas.dsdot(x, y));
    calls.put("sum" + of, () -> sink += Blas.sum(x));
    calls.put("asum" + of, () -> sink += Blas.asum(x));
    calls.put("nrm2" + of, () -> sink += Blas.nrm2(x));
    calls.put("nrm2 of tiny" + of, () -> sink += Blas.nrm2(tiny));
    calls.put("iamax" + of, () -> sink += Blas.iamax(x));
    calls.put("axpy" + of, () -> Blas.axpy(1e-9, x, y));
    calls.put("axpby" + of, () -> Blas.axpby(0.5, x, 0.5, y));
    calls.put("scal" + of, () -> Blas.scal(1, y));
    calls.put("fill" + of, () -> Blas.fill(0.5, z));
    calls.put("copy" + of, () -> Blas.copy(x, y));
    calls.put("hadamard" + of, () -> Maps.hadamard(0.5, x, y, 0.5, z));
    calls.put("residual" + of, () -> sink += KrylovUpdates.residual(1e-9, x, y));
    calls.put("direction" + of, () -> KrylovUpdates.direction(1e-9, 0.5, x, y, z));
    calls.put("precondition" + of, () -> sink += KrylovUpdates.precondition(x, y, z));
    calls.put("curvature" + of, () -> KrylovUpdates.curvature(x, y, both));
    calls.put("adam" + of, () -> Updates.adam(1e-9, 0.9, 0.99, 1e-8, x, z, m, y));
    calls.put("squares" + of, () -> Updates.accumulateSquares(0.5, 0.5, x, y));
    calls.put("inverse" + of, () -> Updates.invertDiagonal(1, x, 1, z));
  }

  private void matrices() {
    Mat b = mat(N, N);
    Mat c = mat(N, N);
    Mat t = identity(N);
    Vec x = vec(N);
    Vec y = vec(N);
    for (Transpose op : Transpose.values()) {
      calls.put("gemv " + op, () -> Blas.gemv(op, 1, b, x, 0.5, y));
      calls.put("trsv " + op, () -> Blas.trsv(Triangle.LOWER, op, t, y));
      calls.put("trsv of U " + op, () -> Blas.trsv(Triangle.UPPER, op, t, y));
    }
    calls.put("ger", () -> Blas.ger(1e-9, x, y, b));
    calls.put("symv", () -> Blas.symv(1, b, x, 0, y));
    calls.put("rowSums", () -> Blas.rowSums(1, b, 0, y));
    calls.put("colSums", () -> Blas.colSums(1, b, 0, y));
    calls.put("addToRows", () -> Blas.addToRows(1e-9, x, b));
    calls.put("mirror", () -> Cholesky.mirror(c));
    calls.put("scale rows", () -> RowScaling.scale(x, c));
    calls.put("clear rows", () -> RowScaling.clear(x, c));
    calls.put("repeat rows", () -> RowScaling.repeat(x, c));
  }

  private void products() {
    for (int n : new int[] {3, 5, 10, 16, 24, 33, N, 100}) {
      for (int m : new int[] {1, 9, N}) {
        int k = 37;
        Mat c = mat(m, n);
        for (Transpose opA : Transpose.values()) {
          for (Transpose opB : Transpose.values()) {
            Mat a = opA == Transpose.NO ? mat(m, k) : mat(k, m);
            Mat b = opB == Transpose.NO ? mat(k, n) : mat(n, k);
            calls.put(
                "gemm " + opA + " " + opB + " " + m + "×" + n,
                () -> Blas.gemm(opA, opB, 1, a, b, 0.5, c));
          }
        }
        Mat a = mat(m, k);
        Mat b = mat(k, n);
        calls.put(
            "gemm, C not read " + m + "×" + n,
            () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 0, c));
      }
    }
    Mat big = mat(100, 100);
    Mat bigC = mat(100, 100);
    Mat column = mat(100, 1);
    Mat product = mat(100, 1);
    calls.put("gemm of 100", () -> Blas.gemm(Transpose.YES, Transpose.NO, 1, big, big, 0, bigC));
    // Rows a multiple of 4 KiB apart are packed at any size, those of A copied.
    Mat wide = mat(150, 1024).block(0, 0, 150, 150);
    Mat wideC = mat(150, 150);
    for (Transpose op : Transpose.values()) {
      calls.put(
          "gemm, packed " + op, () -> Blas.gemm(op, Transpose.NO, 1e-9, wide, wide, 1, wideC));
    }
    Vec bias = vec(100);
    Transpose no = Transpose.NO;
    calls.put(
        "gemm, bias", () -> Blas.gemm(no, no, 1, big, big, 0, bigC, Epilogue.NONE, bias, bigC));
    Mat deep = mat(300, 100);
    Mat deepAndWide = mat(300, 1024).block(0, 0, 300, 100);
    calls.put(
        "gemm, packed in two blocks",
        () -> Blas.gemm(Transpose.YES, Transpose.NO, 1e-9, deep, deepAndWide, 1, bigC));
    calls.put(
        "gemm in two blocks",
        () -> Blas.gemm(Transpose.YES, Transpose.NO, 1e-9, deep, deep, 1, bigC));
    for (Transpose op : Transpose.values()) {
      calls.put(
          "gemm, a column " + op, () -> Blas.gemm(op, Transpose.NO, 1, big, column, 0, product));
      calls.put("syrk " + op, () -> Blas.syrk(Triangle.LOWER, op, 1, big, 0, bigC));
    }
  }

  private Mat identity(int n) {
    Mat t = Mat.allocate(workspace, n, n, precision);
    for (int i = 0; i < n; i++) {
      t.set(i, i, 1);
    }
    return t;
  }

  private void factors() {
    Mat t = identity(N);
    Mat c = mat(N, N);
    for (Side side : Side.values()) {
      for (Triangle triangle : Triangle.values()) {
        for (Transpose op : Transpose.values()) {
          calls.put(
              "trsm " + side + " " + triangle + " " + op,
              () -> Blas.trsm(side, triangle, op, 1, t, c));
        }
      }
    }
    Mat l = identity(N);
    calls.put("Cholesky", () -> Cholesky.factor(l));
    calls.put("inverse of L·Lᵀ", () -> Cholesky.invert(t, c));
  }
}
