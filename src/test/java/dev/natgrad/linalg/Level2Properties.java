package dev.natgrad.linalg;

import static dev.natgrad.oracle.Rounding.assertWithin;
import static dev.natgrad.oracle.Rounding.round;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.DoubleDouble;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

@Tag("width")
class Level2Properties {

  @Property
  void gemvIsWithinGamma(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    Transpose op = draw.transpose();
    boolean t = op == Transpose.YES;
    int m = draw.dimension();
    int n = draw.length();
    double alpha = draw.scalar();
    double beta = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded a = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      Guarded x = Guarded.vec(w, t ? m : n, p, draw.uniform());
      Guarded y = Guarded.vec(w, t ? n : m, p, draw.output(beta));
      Blas.gemv(op, alpha, a.mat(), x.vec(), beta, y.vec());
      int depth = t ? m : n;
      for (int i = 0; i < (t ? n : m); i++) {
        DoubleDouble exact = new DoubleDouble();
        for (int j = 0; j < depth; j++) {
          exact.addProduct(round(alpha, p), t ? a.old(j, i) : a.old(i, j), x.old(j));
        }
        if (beta != 0) {
          exact.addProduct(round(beta, p), y.old(i));
        }
        int at = i;
        assertWithin(
            y.now(i), exact, depth + 3, p, () -> op + " " + m + "×" + n + " element " + at);
      }
      a.assertIntact("a");
      x.assertIntact("x");
      y.assertCanaries("y");
    }
  }

  @Property
  void rankOneAndRowUpdatesAreOneFma(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int m = draw.dimension();
    int n = draw.dimension();
    double alpha = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded a = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      Guarded b = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      Guarded x = Guarded.vec(w, m, p, draw.uniform());
      Guarded y = Guarded.vec(w, n, p, draw.uniform());
      Blas.ger(alpha, x.vec(), y.vec(), a.mat());
      Blas.addToRows(alpha, y.vec(), b.mat());
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          DoubleDouble outer = new DoubleDouble();
          outer.addProduct(1, a.old(i, j)).addProduct(round(alpha, p), x.old(i), y.old(j));
          assertWithin(a.now(i, j), outer, 2, p, () -> "ger " + m + "×" + n);
          DoubleDouble row = new DoubleDouble();
          row.addProduct(1, b.old(i, j)).addProduct(round(alpha, p), y.old(j));
          assertWithin(b.now(i, j), row, 1, p, () -> "addToRows " + m + "×" + n);
        }
      }
      x.assertIntact("x");
      y.assertIntact("y");
      a.assertCanaries("a");
      b.assertCanaries("b");
    }
  }

  @Property
  void symvReadsTheLowerTriangleAlone(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.dimension();
    double alpha = draw.scalar();
    double beta = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded a = Triangles.of(w, n, draw.slack(), p, Triangle.LOWER, draw.uniform());
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Guarded y = Guarded.vec(w, n, p, draw.output(beta));
      Blas.symv(alpha, a.mat(), x.vec(), beta, y.vec());
      for (int i = 0; i < n; i++) {
        DoubleDouble exact = new DoubleDouble();
        for (int j = 0; j < n; j++) {
          double aij = i >= j ? a.old(i, j) : a.old(j, i);
          exact.addProduct(round(alpha, p), aij, x.old(j));
        }
        if (beta != 0) {
          exact.addProduct(round(beta, p), y.old(i));
        }
        assertWithin(y.now(i), exact, n + 4, p, () -> "symv " + n);
      }
      a.assertIntact("a");
      x.assertIntact("x");
      y.assertCanaries("y");
    }
  }

  @Property
  void rowAndColumnSumsAreWithinGamma(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int m = draw.dimension();
    int n = draw.length();
    double alpha = draw.scalar();
    double beta = draw.scalar();
    try (Workspace w = Workspace.create()) {
      Guarded a = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      Guarded r = Guarded.vec(w, m, p, draw.output(beta));
      Guarded c = Guarded.vec(w, n, p, draw.output(beta));
      Blas.rowSums(alpha, a.mat(), beta, r.vec());
      Blas.colSums(alpha, a.mat(), beta, c.vec());
      for (int i = 0; i < m; i++) {
        DoubleDouble exact = new DoubleDouble();
        for (int j = 0; j < n; j++) {
          exact.addProduct(round(alpha, p), a.old(i, j));
        }
        if (beta != 0) {
          exact.addProduct(round(beta, p), r.old(i));
        }
        assertWithin(r.now(i), exact, n + 3, p, () -> "rowSums " + m + "×" + n);
      }
      for (int j = 0; j < n; j++) {
        DoubleDouble exact = new DoubleDouble();
        for (int i = 0; i < m; i++) {
          exact.addProduct(round(alpha, p), a.old(i, j));
        }
        if (beta != 0) {
          exact.addProduct(round(beta, p), c.old(j));
        }
        assertWithin(c.now(j), exact, m + 3, p, () -> "colSums " + m + "×" + n);
      }
      a.assertIntact("a");
      r.assertCanaries("r");
      c.assertCanaries("c");
    }
  }

  /** |b − Tx| ≤ γₙ₊₂(|T||x| + |b|): Higham, theorem 8.5, whatever the order of the sums. */
  @Property
  void trsvLeavesASmallResidual(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.dimension();
    Triangle triangle = draw.triangle();
    Transpose op = draw.transpose();
    boolean lower = triangle == Triangle.LOWER;
    try (Workspace w = Workspace.create()) {
      Guarded t = Triangles.of(w, n, draw.slack(), p, triangle, draw.uniform());
      Triangles.dominate(t, n, p);
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Blas.trsv(triangle, op, t.mat(), x.vec());
      for (int i = 0; i < n; i++) {
        DoubleDouble residual = new DoubleDouble();
        for (int j = 0; j < n; j++) {
          int row = op == Transpose.YES ? j : i;
          int col = op == Transpose.YES ? i : j;
          if (lower ? row >= col : row <= col) {
            residual.addProduct(t.now(row, col), x.now(j));
          }
        }
        residual.addProduct(-1, x.old(i));
        assertWithin(0, residual, n + 2, p, () -> "trsv " + triangle + " " + op + " " + n);
      }
      x.assertCanaries("x");
    }
  }

  @Property
  void zeroTimesNanIsNan(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int m = 1 + draw.dimension();
    int n = 1 + draw.dimension();
    try (Workspace w = Workspace.create()) {
      Guarded a = Guarded.mat(w, m, n, draw.slack(), p, draw.uniform());
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Guarded y = Guarded.vec(w, m, p, draw.uniform());
      int i = draw.random.nextInt(m);
      a.mat().set(i, draw.random.nextInt(n), Double.NaN);
      Blas.gemv(Transpose.NO, 0, a.mat(), x.vec(), 1, y.vec());
      for (int r = 0; r < m; r++) {
        assertEquals(r == i, Double.isNaN(y.now(r)), "row " + r);
      }
      assertTrue(Double.isNaN(y.now(i)));
    }
  }
}
