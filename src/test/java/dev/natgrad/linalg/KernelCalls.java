package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.LinkedHashMap;
import java.util.Map;

/** A call of every kernel through its facade, by name; odd sizes, so that every tail is in them. */
final class KernelCalls {
  private static final int N = 71;

  private final Map<String, Runnable> calls = new LinkedHashMap<>();
  private final Workspace workspace;
  private final Precision precision;
  private double sink;

  private KernelCalls(Workspace workspace, Precision precision) {
    this.workspace = workspace;
    this.precision = precision;
  }

  /** All kernels. */
  static Map<String, Runnable> of(Workspace workspace, Precision precision) {
    KernelCalls all = new KernelCalls(workspace, precision);
    all.vectors(20_011);
    all.maps();
    all.rows();
    for (Family family : Family.values()) {
      all.family(family);
    }
    all.calls.putAll(simple(workspace, precision));
    return all.calls;
  }

  /**
   * Those that C2 inlines at once. Long bodies, such as polynomials, it inlines late, and then
   * leaves a vector of some on the heap until it compiles them again; vectors of many chunks it
   * compiles by loops.
   */
  static Map<String, Runnable> simple(Workspace workspace, Precision precision) {
    KernelCalls some = new KernelCalls(workspace, precision);
    some.vectors(N);
    some.vectors(1003);
    some.matrices();
    some.products();
    some.factors();
    return some.calls;
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
    calls.put("repeat rows", () -> RowScaling.repeat(x, c));
  }

  private void products() {
    for (int n : new int[] {5, 12, 16, 24, 33, N, 100}) {
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
      }
    }
    Mat big = mat(100, 100);
    Mat bigC = mat(100, 100);
    Mat column = mat(100, 1);
    Mat product = mat(100, 1);
    calls.put("gemm of 100", () -> Blas.gemm(Transpose.YES, Transpose.NO, 1, big, big, 0, bigC));
    Vec bias = vec(100);
    Transpose no = Transpose.NO;
    calls.put(
        "gemm, bias", () -> Blas.gemm(no, no, 1, big, big, 0, bigC, Epilogue.NONE, bias, bigC));
    Mat deep = mat(300, 100);
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

  private void maps() {
    for (int cols : new int[] {5, 37, 300}) {
      Mat x = mat(9, cols);
      Mat y = mat(9, cols);
      Mat z = mat(9, cols + 3).block(0, 1, 9, cols);
      Vec v = vec(9);
      String of = " of 9×" + cols;
      calls.put("exp" + of, () -> Maps.exp(x, y));
      calls.put("expm1" + of, () -> Maps.expm1(x, z));
      calls.put("log" + of, () -> Maps.log(x, y));
      calls.put("log1p" + of, () -> Maps.log1p(x, z));
      calls.put("tanh" + of, () -> Maps.tanh(x, y));
      calls.put("logistic" + of, () -> Maps.logistic(x, z));
      calls.put("softplus" + of, () -> Maps.softplus(x, y));
      calls.put("silu" + of, () -> Maps.silu(x, y));
      calls.put("gelu" + of, () -> Maps.gelu(x, y));
      calls.put("relu" + of, () -> Maps.relu(x, z));
      Transpose no = Transpose.NO;
      Mat i = identity(9);
      calls.put("gemm, tanh" + of, () -> Blas.gemm(no, no, 1, i, x, 0, y, Epilogue.TANH, null, z));
      Mat u = mat(9, cols);
      calls.put("tanh'" + of, () -> Maps.tanhDerivative(x, refreshed(u)));
      calls.put("logistic'" + of, () -> Maps.logisticDerivative(x, refreshed(u)));
      calls.put("softplus'" + of, () -> Maps.softplusDerivative(x, refreshed(u)));
      calls.put("silu'" + of, () -> Maps.siluDerivative(x, refreshed(u)));
      calls.put("gelu'" + of, () -> Maps.geluDerivative(x, refreshed(u)));
      calls.put("relu'" + of, () -> Maps.reluDerivative(x, u));
      calls.put("hadamard" + of, () -> Maps.hadamard(x, x, z));
      calls.put("logSumExp" + of, () -> Maps.logSumExp(x, v));
      calls.put("softmax" + of, () -> Maps.softmax(x, z));
      calls.put("softmaxProduct" + of, () -> Maps.softmaxProduct(0.5, y, x, z));
      calls.put("outerProduct" + of, () -> Maps.outerProduct(0.5, x, x, 0.25, z));
    }
  }

  private static Mat refreshed(Mat u) {
    Blas.fill(0.5, u.row(0));
    return u;
  }

  private void rows() {
    Mat a = mat(9, 37);
    Mat b = mat(9, 37);
    Mat h = mat(9, 37);
    Vec perRow = vec(9);
    Vec out = Vec.allocate(workspace, 9, Precision.F64);
    Vec g = vec(37);
    Vec dg = vec(37);
    calls.put("categorical KL", () -> RowDivergences.categorical(a, b, out));
    calls.put("Bernoulli KL", () -> RowDivergences.bernoulli(a, b, out));
    calls.put("Bernoulli NLL", () -> RowDivergences.bernoulliLogProbabilities(a, b, out));
    calls.put("squared distance", () -> RowDivergences.squaredDistance(1, a, b, 0, out));
    calls.put("categorical NLL", () -> RowDivergences.categoricalLogProbabilities(a, b, out));
    calls.put("normalize", () -> LayerNormalization.normalize(1e-5, a, h, perRow));
    calls.put("affine", () -> LayerNormalization.affine(a, g, dg, h));
    calls.put("tangent", () -> LayerNormalization.tangent(a, perRow, g, dg, dg, b, h));
    calls.put("cotangent", () -> LayerNormalization.cotangent(a, perRow, g, b, h));
    calls.put("columnDots", () -> LayerNormalization.columnDots(a, b, 0, dg));
  }

  private void family(Family family) {
    int outputs = family == Family.GAUSSIAN ? 74 : 37;
    Mat z = mat(9, outputs);
    Mat m = mat(9, outputs);
    Mat t = mat(9, outputs);
    Mat u = mat(9, outputs);
    Mat y = mat(9, 37);
    Vec out = Vec.allocate(workspace, 9, Precision.F64);
    String of = " of " + family;
    calls.put("divergence" + of, () -> sink += FamilyRows.divergence(family, 1, z, t, false));
    calls.put("divergences" + of, () -> FamilyRows.divergences(family, 1, z, t, out));
    calls.put("loss" + of, () -> sink += FamilyRows.loss(family, 1, z, y));
    calls.put("means" + of, () -> FamilyScores.means(family, z, m));
    calls.put("score" + of, () -> FamilyScores.score(family, 1, 0.5, m, y, u));
    calls.put("product" + of, () -> FamilyScores.product(family, 1, 0.5, m, t, u));
    calls.put("factor" + of, () -> FamilyScores.factor(family, 1, 0.5, m, t, u));
  }
}
