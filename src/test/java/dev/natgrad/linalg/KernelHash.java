package dev.natgrad.linalg;

import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;

/** Prints a hash of the bits of every kernel's results; run in JVMs of different widths. */
final class KernelHash {
  private static final int[] SIZES = {1, 5, 13, 35};

  private long hash = 17;

  private KernelHash() {}

  public static void main(String[] args) {
    KernelHash all = new KernelHash();
    int threads = args.length == 0 ? 1 : Integer.parseInt(args[0]);
    for (Precision p : Precision.values()) {
      for (int n : SIZES) {
        all.level1(n * 7, p);
        all.level2(n, n + 3, p);
        all.normalization(n, n + 3, p);
        for (int op = 0; op < 8; op++) {
          all.level3(n, n + 3, n == 5 ? 300 : n + 1, op, p);
        }
      }
    }
    for (Precision p : Precision.values()) {
      // Rows long enough for two vectors of each at once, an odd number of them in F64 or in F32,
      // and a rest.
      all.level2(13, 620, p);
      all.level2(13, 628, p);
    }
    try (Parallelism parallelism = Parallelism.of(threads)) {
      all.large(parallelism);
    }
    System.out.println("hash " + Long.toHexString(all.hash));
  }

  private void take(double x) {
    hash = hash * 0x9E3779B97F4A7C15L + Double.doubleToLongBits(x);
  }

  private void take(Mat a) {
    for (double x : a.toArray()) {
      take(x);
    }
  }

  private static Mat random(Workspace w, int m, int n, Precision p, long seed) {
    Random random = new Random(seed);
    Mat a = Mat.allocate(w, m, n, p);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        a.set(i, j, random.nextDouble() - 0.5);
      }
    }
    return a;
  }

  private static Vec vector(Workspace w, int n, Precision p, long seed) {
    return random(w, 1, n, p, seed).row(0);
  }

  private void level1(int n, Precision p) {
    try (Workspace w = Workspace.create()) {
      Vec x = vector(w, n, p, 1);
      Mat y = random(w, 1, n, p, 2);
      take(Blas.dot(x, y.row(0)));
      take(Blas.dsdot(x, y.row(0)));
      take(Blas.sum(x));
      take(Blas.asum(x));
      take(Blas.nrm2(x));
      take(Blas.iamax(x));
      take(Norms.largestRowNorm(y));
      take(Norms.largestColumnNorm(y));
      Blas.axpy(0.7, x, y.row(0));
      Blas.axpby(0.3, x, -0.7, y.row(0));
      Blas.scal(1.3, y.row(0));
      take(y);
      Blas.scal(p == Precision.F64 ? 1e-300 : 1e-30, x);
      take(Blas.nrm2(x));
    }
  }

  private void level2(int m, int n, Precision p) {
    try (Workspace w = Workspace.create()) {
      Mat a = random(w, m, n, p, 3);
      Mat s = random(w, m, m, p, 4);
      Mat x = random(w, 1, n, p, 5);
      Mat y = random(w, 1, m, p, 6);
      Blas.gemv(Transpose.NO, 0.7, a, x.row(0), 0.3, y.row(0));
      take(y);
      Blas.gemv(Transpose.YES, 0.7, a, y.row(0), 0.3, x.row(0));
      take(x);
      Blas.symv(0.7, s, vector(w, m, p, 7), 0.3, y.row(0));
      take(y);
      Blas.rowSums(0.7, a, 0.3, y.row(0));
      take(y);
      Blas.colSums(0.7, a, 0.3, x.row(0));
      take(x);
      for (int i = 0; i < m; i++) {
        s.set(i, i, m + 1);
      }
      Blas.trsv(Triangle.LOWER, Transpose.NO, s, y.row(0));
      Blas.trsv(Triangle.UPPER, Transpose.YES, s, y.row(0));
      take(y);
      Blas.ger(0.7, y.row(0), x.row(0), a);
      Blas.addToRows(0.3, x.row(0), a);
      take(a);
    }
  }

  private void normalization(int m, int n, Precision p) {
    try (Workspace w = Workspace.create()) {
      Mat x = random(w, m, n, p, 16);
      Mat h = random(w, m, n, p, 17);
      Mat t = random(w, m, n, p, 18);
      Vec g = vector(w, n, p, 19);
      Mat r = random(w, 1, m, p, 20);
      LayerNormalization.normalize(0.1, x, h, r.row(0));
      take(h);
      take(r);
      LayerNormalization.affine(h, g, vector(w, n, p, 21), x);
      take(x);
      LayerNormalization.tangent(h, r.row(0), g, vector(w, n, p, 22), vector(w, n, p, 23), t, t);
      take(t);
      LayerNormalization.cotangent(h, r.row(0), g, t, t);
      take(t);
      LayerNormalization.columnDots(h, t, 0.3, g);
      RowProducts.add(0.7, x, t);
      take(t);
      for (double value : g.toArray()) {
        take(value);
      }
    }
  }

  private void level3(int m, int n, int k, int op, Precision p) {
    Transpose opA = (op & 1) != 0 ? Transpose.YES : Transpose.NO;
    Transpose opB = (op & 2) != 0 ? Transpose.YES : Transpose.NO;
    Triangle triangle = (op & 4) != 0 ? Triangle.LOWER : Triangle.UPPER;
    try (Workspace w = Workspace.create()) {
      Mat a = opA == Transpose.YES ? random(w, k, m, p, 8) : random(w, m, k, p, 8);
      Mat b = opB == Transpose.YES ? random(w, n, k, p, 9) : random(w, k, n, p, 9);
      Mat c = random(w, m, n, p, 10);
      Blas.gemm(opA, opB, 0.7, a, b, 0, c);
      take(c);
      Blas.gemm(opA, opB, 0.7, a, b, 0.3, c);
      take(c);
      Mat s = random(w, m, m, p, 11);
      Blas.syrk(triangle, opA, 0.7, a, 0.3, s);
      take(s);
      for (int i = 0; i < m; i++) {
        s.set(i, i, k + m);
      }
      Blas.trsm(Side.LEFT, triangle, opB, 0.7, s, c);
      take(c);
      Mat d = random(w, n, m, p, 12);
      Blas.trsm(Side.RIGHT, triangle, opB, 0.7, s, d);
      take(d);
      take(Cholesky.factor(s) ? 1 : 0);
      take(s);
    }
  }

  /** Both operands packed, and shared between threads; once, as the interpreter takes its time. */
  private void large(Parallelism parallelism) {
    for (Precision p : Precision.values()) {
      Workspace w = Workspace.create();
      w.use(parallelism);
      Mat a = random(w, 100, 105, p, 13);
      // Rows a multiple of 4 KiB apart are packed at any size.
      Mat b = random(w, 100, 1024, p, 14).block(0, 0, 100, 101);
      Mat c = random(w, 105, 101, p, 15);
      Blas.gemm(Transpose.YES, Transpose.NO, 0.7, a, b, 0.3, c);
      take(c);
      Mat y = random(w, 105, 101, p, 24);
      Vec bias = vector(w, 101, p, 25);
      for (Epilogue e : new Epilogue[] {Epilogue.GELU, Epilogue.GELU_DERIVATIVE}) {
        Blas.gemm(Transpose.YES, Transpose.NO, 0.7, a, b, 0.3, c, e, bias, y);
        take(c);
        take(y);
      }
    }
  }
}
