package dev.natgrad.linalg;

import static dev.natgrad.oracle.Rounding.assertWithin;
import static dev.natgrad.oracle.Rounding.round;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.DoubleDouble;
import java.util.function.DoubleSupplier;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

@Tag("width")
class Level3Properties {
  private static final int KC = 256;

  private static double op(Guarded a, boolean transposed, int i, int j) {
    return transposed ? a.old(j, i) : a.old(i, j);
  }

  private static Guarded operand(
      Workspace w, Draw draw, boolean transposed, int m, int n, Precision p, DoubleSupplier data) {
    return operand(w, draw, transposed, m, n, 0, p, data);
  }

  /** {@code stride}: the distance of two rows, more than they are long by two; 0 for any. */
  private static Guarded operand(
      Workspace w,
      Draw draw,
      boolean transposed,
      int m,
      int n,
      int stride,
      Precision p,
      DoubleSupplier data) {
    int rows = transposed ? n : m;
    int cols = transposed ? m : n;
    int slack = stride == 0 ? draw.slack() : stride - cols - 2;
    return Guarded.mat(w, rows, cols, slack, p, data);
  }

  /** One chain per block of kc, one addition per block, two roundings of scalars. */
  private static long roundings(int k) {
    return Math.min(k, KC) + (k + KC - 1) / KC + 3;
  }

  private static void checkGemm(
      int m, int n, int k, Draw draw, Precision p, double alpha, double beta) {
    checkGemm(m, n, k, draw, p, alpha, beta, 0);
  }

  private static void checkGemm(
      int m, int n, int k, Draw draw, Precision p, double alpha, double beta, int stride) {
    Transpose opA = draw.transpose();
    Transpose opB = draw.transpose();
    boolean ta = opA == Transpose.YES;
    boolean tb = opB == Transpose.YES;
    try (Workspace w = Workspace.create()) {
      Guarded a = operand(w, draw, ta, m, k, stride, p, draw.uniform());
      Guarded b = operand(w, draw, tb, k, n, stride, p, draw.uniform());
      Guarded c = Guarded.mat(w, m, n, draw.slack(), p, draw.output(beta));
      Blas.gemm(opA, opB, alpha, a.mat(), b.mat(), beta, c.mat());
      // A vector product of depth k is one chain.
      long roundings = Math.max(roundings(k), Math.min(m, n) == 1 ? k + 4 : 0);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          DoubleDouble exact = new DoubleDouble();
          for (int q = 0; q < k; q++) {
            exact.addProduct(round(alpha, p), op(a, ta, i, q), op(b, tb, q, j));
          }
          if (beta != 0) {
            exact.addProduct(round(beta, p), c.old(i, j));
          }
          int row = i;
          int col = j;
          assertWithin(
              c.now(i, j),
              exact,
              roundings,
              p,
              () -> "gemm " + opA + opB + " " + m + "×" + n + "×" + k + " at " + row + "," + col);
        }
      }
      a.assertIntact("a");
      b.assertIntact("b");
      c.assertCanaries("c");
    }
  }

  @Property
  void gemmIsWithinGamma(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    checkGemm(
        draw.dimension(), draw.dimension(), draw.depth(), draw, p, draw.scalar(), draw.scalar());
  }

  /** A block of A that does not fit in L2, or a depth of more cache lines than L1 likes. */
  @Property(tries = 24)
  void largeGemmIsWithinGamma(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int more = draw.random.nextInt(8);
    int m = draw.flag() ? (p == Precision.F32 ? 513 : 257) + more : 97 + more;
    int n = 97 + draw.random.nextInt(8);
    int k = new int[] {97, 255, 256, 257, 300}[draw.random.nextInt(5)];
    checkGemm(m, n, k, draw, p, draw.scalar(), draw.scalar());
  }

  /** Rows at distances that share sets of the caches, which are copied and packed. */
  @Property(tries = 48)
  void gemmOfAliasedRowsIsWithinGamma(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int m = 33 + draw.random.nextInt(60);
    int n = draw.flag() ? draw.dimension() : 128 + draw.random.nextInt(40);
    int k = draw.flag() ? draw.depth() : 257 + draw.random.nextInt(30);
    checkGemm(m, n, k, draw, p, draw.scalar(), draw.scalar(), 1024);
  }

  @Property
  void gemmOfIntegersIsExact(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    checkIntegers(
        draw.dimension(), draw.dimension(), draw.depth(), draw.flag(), draw.flag(), draw, p);
  }

  /** Columns as rows of the transpose, which itself leaves columns over: they shared scratch. */
  @Example
  void fewColumnsBesideFewRowsAreExact() {
    Draw draw = new Draw(1);
    for (Precision p : Precision.values()) {
      for (int n = 1; n < 32; n++) {
        checkIntegers(34, n, 69, true, draw.flag(), draw, p);
        checkIntegers(35, n, 241, true, draw.flag(), draw, p);
      }
    }
  }

  /** Rows of C that share a vector, and columns left over that do, at depths around blocks. */
  @Example
  void narrowProductsAreExact() {
    Draw draw = new Draw(2);
    for (Precision p : Precision.values()) {
      for (int n : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 33, 36, 40, 41}) {
        for (int k : new int[] {7, 8, 9, 16, 17, 31, 256, 257, 513}) {
          checkIntegers(96 + n % 11, n, k, false, draw.flag(), draw, p);
          checkIntegers(1 + n % 19, n, k, false, draw.flag(), draw, p);
        }
      }
    }
  }

  private static void checkIntegers(
      int m, int n, int k, boolean ta, boolean tb, Draw draw, Precision p) {
    int beta = draw.random.nextInt(-1, 2);
    try (Workspace w = Workspace.create()) {
      Guarded a = operand(w, draw, ta, m, k, p, draw.integers());
      Guarded b = operand(w, draw, tb, k, n, p, draw.integers());
      Guarded c =
          Guarded.mat(w, m, n, draw.slack(), p, beta == 0 ? draw.output(0) : draw.integers());
      Transpose opA = ta ? Transpose.YES : Transpose.NO;
      Transpose opB = tb ? Transpose.YES : Transpose.NO;
      Blas.gemm(opA, opB, -1, a.mat(), b.mat(), beta, c.mat());
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          long sum = beta == 0 ? 0 : beta * (long) c.old(i, j);
          for (int q = 0; q < k; q++) {
            sum -= (long) op(a, ta, i, q) * (long) op(b, tb, q, j);
          }
          assertEquals(sum, c.now(i, j), 0, m + "×" + n + "×" + k);
        }
      }
    }
  }

  @Property
  void gemmPropagatesNanToItsRowAndColumnAlone(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int m = 1 + draw.dimension();
    int n = 1 + draw.dimension();
    int k = 1 + draw.dimension();
    int row = draw.random.nextInt(m);
    int col = draw.random.nextInt(n);
    double alpha = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded a = Guarded.mat(w, m, k, draw.slack(), p, draw.uniform());
      Guarded b = Guarded.mat(w, k, n, draw.slack(), p, draw.uniform());
      Guarded c = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      a.mat().set(row, draw.random.nextInt(k), Double.NaN);
      b.mat().set(draw.random.nextInt(k), col, Double.NaN);
      Blas.gemm(Transpose.NO, Transpose.NO, alpha, a.mat(), b.mat(), 1, c.mat());
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          assertEquals(i == row || j == col, Double.isNaN(c.now(i, j)), "NaN at " + i + "," + j);
        }
      }
    }
  }

  @Property
  void syrkWritesItsTriangleAlone(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.dimension();
    int k = draw.depth();
    Triangle triangle = draw.triangle();
    Transpose op = draw.transpose();
    boolean t = op == Transpose.YES;
    double alpha = draw.scalar();
    double beta = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded a = operand(w, draw, t, n, k, p, draw.uniform());
      Guarded c = Triangles.of(w, n, draw.slack(), p, triangle, draw.output(beta));
      Blas.syrk(triangle, op, alpha, a.mat(), beta, c.mat());
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          if (triangle == Triangle.LOWER ? i < j : i > j) {
            assertTrue(Double.isNaN(c.now(i, j)), "the other triangle was written");
            continue;
          }
          DoubleDouble exact = new DoubleDouble();
          for (int q = 0; q < k; q++) {
            exact.addProduct(round(alpha, p), op(a, t, i, q), op(a, t, j, q));
          }
          if (beta != 0) {
            exact.addProduct(round(beta, p), c.old(i, j));
          }
          assertWithin(
              c.now(i, j), exact, Math.max(roundings(k), k + 4), p, () -> "syrk " + n + "×" + k);
        }
      }
      a.assertIntact("a");
      c.assertCanaries("c");
    }
  }

  /** Orders that are halved, and one that is not, at a depth of two blocks. */
  @Example
  void syrkHasTheBitsOfGemm() {
    for (Precision p : Precision.values()) {
      for (int n : new int[] {40, 193, 257}) {
        for (Triangle triangle : Triangle.values()) {
          Draw draw = new Draw(n);
          double beta = n == 40 ? 0.9 : triangle == Triangle.LOWER ? 0 : 1;
          try (Workspace w = Workspace.create()) {
            Mat a = operand(w, draw, true, n, 300, p, draw.uniform()).mat();
            Mat c = operand(w, draw, false, n, n, p, draw.output(beta)).mat();
            Mat expected = Mat.allocate(w, n, n, p);
            Blas.copy(c, expected);
            Blas.gemm(Transpose.YES, Transpose.NO, 0.7, a, a, beta, expected);
            Blas.syrk(triangle, Transpose.YES, 0.7, a, beta, c);
            for (int i = 0; i < n; i++) {
              for (int j = 0; j < n; j++) {
                if (triangle == Triangle.LOWER ? j <= i : j >= i) {
                  assertEquals(expected.get(i, j), c.get(i, j), "syrk[" + i + ", " + j + "]");
                }
              }
            }
          }
        }
      }
    }
  }

  /** |αB − op(T)X| ≤ γ(|op(T)||X| + |αB|) column by column, or row by row on the right. */
  @Property
  void trsmLeavesASmallResidual(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int m = draw.dimension();
    int n = draw.dimension();
    Side side = draw.flag() ? Side.LEFT : Side.RIGHT;
    boolean left = side == Side.LEFT;
    int order = left ? m : n;
    Triangle triangle = draw.triangle();
    boolean lower = triangle == Triangle.LOWER;
    Transpose op = draw.transpose();
    double alpha = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded t = Triangles.of(w, order, draw.slack(), p, triangle, draw.uniform());
      Triangles.dominate(t, order, p);
      Guarded b = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      Blas.trsm(side, triangle, op, alpha, t.mat(), b.mat());
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          DoubleDouble residual = new DoubleDouble();
          for (int q = 0; q < order; q++) {
            int opRow = left ? i : q;
            int opCol = left ? q : j;
            int row = op == Transpose.YES ? opCol : opRow;
            int col = op == Transpose.YES ? opRow : opCol;
            if (lower ? row >= col : row <= col) {
              residual.addProduct(t.now(row, col), left ? b.now(q, j) : b.now(i, q));
            }
          }
          residual.addProduct(-round(alpha, p), b.old(i, j));
          assertWithin(
              0, residual, order + 5, p, () -> "trsm " + side + triangle + op + m + "×" + n);
        }
      }
      b.assertCanaries("b");
    }
  }

  /** |A − LLᵀ| ≤ γₙ₊₁|L||Lᵀ|: Higham, theorem 10.3. */
  @Property
  void choleskyLeavesASmallResidual(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.dimension();
    try (Workspace w = Workspace.create()) {
      Guarded a = Triangles.of(w, n, draw.slack(), p, Triangle.LOWER, draw.uniform());
      double[] diagonal = new double[n];
      for (int i = 0; i < n; i++) {
        diagonal[i] = n + 1 + i % 3;
        a.mat().set(i, i, diagonal[i]);
      }
      assertTrue(Cholesky.factor(a.mat()));
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          if (i < j) {
            assertTrue(Double.isNaN(a.now(i, j)), "the upper triangle was written");
            continue;
          }
          DoubleDouble residual = new DoubleDouble();
          for (int q = 0; q <= j; q++) {
            residual.addProduct(a.now(i, q), a.now(j, q));
          }
          residual.addProduct(-1, i == j ? diagonal[i] : a.old(i, j));
          assertWithin(0, residual, n + 3, p, () -> "Cholesky " + n);
        }
      }
      a.assertCanaries("a");
    }
  }

  @Property
  void choleskyRefusesAnIndefiniteMatrix(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = 1 + draw.dimension();
    int bad = draw.random.nextInt(n);
    double pivot = new double[] {-1, 0, Double.NaN}[draw.random.nextInt(3)];
    try (Workspace w = Workspace.create()) {
      Guarded a = Triangles.of(w, n, draw.slack(), p, Triangle.LOWER, draw.uniform());
      Triangles.dominate(a, n, p);
      for (int i = 0; i < n; i++) {
        a.mat().set(i, i, i == bad ? pivot : n + 1);
      }
      assertEquals(false, Cholesky.factor(a.mat()));
      a.assertCanaries("a");
    }
  }
}
