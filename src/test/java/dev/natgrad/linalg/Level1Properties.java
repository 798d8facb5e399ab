package dev.natgrad.linalg;

import static dev.natgrad.oracle.Rounding.assertWithin;
import static dev.natgrad.oracle.Rounding.round;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.DoubleDouble;
import dev.natgrad.oracle.Rounding;
import java.util.function.DoubleSupplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

@Tag("width")
class Level1Properties {
  private static final double[] SPECIAL = {
    0.0, -0.0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 1, -2
  };

  @Property
  void dotIsWithinGammaN(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Guarded y = Guarded.vec(w, n, p, draw.uniform());
      DoubleDouble exact = new DoubleDouble();
      for (int i = 0; i < n; i++) {
        exact.addProduct(x.old(i), y.old(i));
      }
      assertWithin(Blas.dot(x.vec(), y.vec()), exact, n + 1, p, () -> "dot of " + n);
      assertWithin(
          Blas.dsdot(x.vec(), y.vec()), exact, n + 1, Precision.F64, () -> "dsdot of " + n);
      x.assertIntact("x");
      y.assertIntact("y");
    }
  }

  @Property
  void sumsAreWithinGammaN(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      DoubleDouble sum = new DoubleDouble();
      DoubleDouble absolute = new DoubleDouble();
      DoubleDouble squares = new DoubleDouble();
      for (int i = 0; i < n; i++) {
        sum.addProduct(1, x.old(i));
        absolute.addProduct(1, Math.abs(x.old(i)));
        squares.addProduct(x.old(i), x.old(i));
      }
      assertWithin(Blas.sum(x.vec()), sum, n + 1, p, () -> "sum of " + n);
      assertWithin(Blas.asum(x.vec()), absolute, n + 1, p, () -> "asum of " + n);
      double norm = Math.sqrt(squares.value());
      assertEquals(norm, Blas.nrm2(x.vec()), Rounding.gamma(n + 4, p) * norm, "nrm2 of " + n);
      x.assertIntact("x");
    }
  }

  @Property
  void integersAreExact(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.integers());
      Guarded y = Guarded.vec(w, n, p, draw.integers());
      long dot = 0;
      long sum = 0;
      long absolute = 0;
      for (int i = 0; i < n; i++) {
        dot += (long) x.old(i) * (long) y.old(i);
        sum += (long) x.old(i);
        absolute += Math.abs((long) x.old(i));
      }
      assertEquals(dot, Blas.dot(x.vec(), y.vec()));
      assertEquals(dot, Blas.dsdot(x.vec(), y.vec()));
      assertEquals(sum, Blas.sum(x.vec()));
      assertEquals(absolute, Blas.asum(x.vec()));
    }
  }

  @Property
  void nrm2NeitherOverflowsNorUnderflows(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    int top = p == Precision.F64 ? 1023 : 127;
    int exponent = draw.random.nextInt(-top + 60 - 60 * (draw.flag() ? 1 : 0), top - 6);
    double scale = Math.scalb(1.0, exponent);
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, () -> scale * (2 * draw.random.nextDouble() - 1));
      DoubleDouble squares = new DoubleDouble();
      double unit = Math.scalb(1.0, -exponent);
      for (int i = 0; i < n; i++) {
        squares.addProduct(x.old(i) * unit, x.old(i) * unit);
      }
      double norm = scale * Math.sqrt(squares.value());
      double bound = Rounding.gamma(n + 4, p) * norm + Rounding.tiny(p);
      assertEquals(norm, Blas.nrm2(x.vec()), bound, () -> "n " + n + ", scale 2^" + exponent);
    }
  }

  @Property
  void iamaxIsTheFirstLargestOrTheFirstNan(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    boolean special = draw.flag();
    DoubleSupplier data =
        special ? () -> SPECIAL[draw.random.nextInt(SPECIAL.length)] : draw.integers();
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, data);
      int expected = -1;
      for (int i = 0; i < n && (expected < 0 || !Double.isNaN(x.old(expected))); i++) {
        double a = Math.abs(x.old(i));
        if (expected < 0 || Double.isNaN(a) || a > Math.abs(x.old(expected))) {
          expected = i;
        }
      }
      assertEquals(expected, Blas.iamax(x.vec()));
    }
  }

  @Property
  void updatesRoundOnceOrTwice(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    double alpha = draw.scalar();
    double beta = draw.scalar();
    double a = round(alpha, p);
    double b = round(beta, p);
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Guarded y = Guarded.vec(w, n, p, draw.uniform());
      Guarded z = Guarded.vec(w, n, p, draw.output(beta));
      Guarded s = Guarded.vec(w, n, p, draw.uniform());
      Blas.axpy(alpha, x.vec(), y.vec());
      Blas.axpby(alpha, x.vec(), beta, z.vec());
      Blas.scal(alpha, s.vec());
      for (int i = 0; i < n; i++) {
        double ax = a * x.old(i);
        assertEquals(fma(a, x.old(i), y.old(i), p), y.now(i), "axpy");
        double expected = beta == 0 ? round(ax, p) : fma(b, z.old(i), round(ax, p), p);
        assertEquals(expected, z.now(i), "axpby");
        assertEquals(round(a * s.old(i), p), s.now(i), "scal");
      }
      x.assertIntact("x");
      y.assertCanaries("y");
      z.assertCanaries("z");
      s.assertCanaries("s");
    }
  }

  private static double fma(double a, double b, double c, Precision p) {
    return p == Precision.F64 ? Math.fma(a, b, c) : Math.fma((float) a, (float) b, (float) c);
  }

  @Property
  void copiesAreExactAndFillsRoundOnce(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Guarded y = Guarded.vec(w, n, p, draw.output(0));
      Guarded f = Guarded.vec(w, n, p, draw.output(0));
      Blas.copy(x.vec(), y.vec());
      Blas.fill(0.7, f.vec());
      for (int i = 0; i < n; i++) {
        assertEquals(x.old(i), y.now(i));
        assertEquals(round(0.7, p), f.now(i));
      }
      y.assertCanaries("y");
      f.assertCanaries("f");
    }
  }

  @Property
  void aNanAnywhereReachesTheResult(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = 1 + draw.length();
    int at = draw.random.nextInt(n);
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Guarded y = Guarded.vec(w, n, p, () -> 0);
      x.mat().set(0, at, Double.NaN);
      assertTrue(Double.isNaN(Blas.dot(x.vec(), y.vec())), "dot");
      assertTrue(Double.isNaN(Blas.dsdot(x.vec(), y.vec())), "dsdot");
      assertTrue(Double.isNaN(Blas.sum(x.vec())), "sum");
      assertTrue(Double.isNaN(Blas.asum(x.vec())), "asum");
      assertTrue(Double.isNaN(Blas.nrm2(x.vec())), "nrm2");
      Blas.axpy(0, x.vec(), y.vec());
      assertTrue(Double.isNaN(y.now(at)), "0·NaN is NaN");
      x.mat().set(0, at, Double.NEGATIVE_INFINITY);
      assertEquals(Double.POSITIVE_INFINITY, Blas.nrm2(x.vec()));
      assertEquals(Double.POSITIVE_INFINITY, Blas.asum(x.vec()));
      assertEquals(Double.NEGATIVE_INFINITY, Blas.sum(x.vec()));
    }
  }

  @Property(tries = 200)
  void inPlaceEqualsOutOfPlace(@ForAll long seed, @ForAll Precision p) {
    Draw draw = new Draw(seed);
    int n = draw.length();
    try (Workspace w = Workspace.create()) {
      Guarded x = Guarded.vec(w, n, p, draw.uniform());
      Blas.axpby(2, x.vec(), 1, x.vec());
      for (int i = 0; i < n; i++) {
        assertEquals(round(3 * x.old(i), p), x.now(i));
      }
      x.assertCanaries("x");
    }
  }
}
