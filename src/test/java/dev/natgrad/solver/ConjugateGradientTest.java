package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.Shifted;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConjugateGradientTest {
  private final Workspace w = Workspace.create();

  @AfterEach
  void close() {
    w.close();
  }

  private Vec vec(Precision precision, double... entries) {
    Vec v = Vec.allocate(w, entries.length, precision);
    v.copyFrom(entries, 0);
    return v;
  }

  private ConjugateGradient solver(int n, Precision precision) {
    return new ConjugateGradient(w, n, precision, true, new CgOptions(1e-6, true, 100));
  }

  /** diag(d), except that its k-th product and the later ones are NaN. */
  private static LinearOperator failingFrom(int k, Vec d) {
    return new LinearOperator() {
      private int products;

      @Override
      public int size() {
        return d.length();
      }

      @Override
      public Precision precision() {
        return d.precision();
      }

      @Override
      public void apply(double alpha, Vec x, double beta, Vec y) {
        products++;
        new Diagonal(d).apply(alpha, x, beta, y);
        if (products >= k) {
          y.set(0, Double.NaN);
        }
      }
    };
  }

  /** A(1, −1, 0) = −(1, −1, 0): indefinite, and yet used as a test of a CG elsewhere. */
  @ParameterizedTest
  @EnumSource
  void anIndefiniteMatrixIsReported(Precision precision) {
    double[][] a = {{1, 2, 1}, {2, 1, 1}, {1, 1, 1}};
    SpdSystem s = new SpdSystem(w, precision, a, new double[] {1, -1, 0});
    ConjugateGradient cg = solver(3, precision);
    assertEquals(CgStatus.NON_POSITIVE_CURVATURE, cg.solve(s.a, s.b, s.x, false));
    assertArrayEquals(new double[3], s.x.toArray());
    assertEquals(0, cg.iterations());
    assertEquals(1, cg.products());

    s.b.copyFrom(new double[] {3, 1, 2}, 0);
    assertEquals(CgStatus.NON_POSITIVE_CURVATURE, cg.solve(s.a, s.b, s.x, false));
    assertTrue(cg.iterations() > 0, "the first direction has positive curvature");
    assertTrue(cg.phi() < 0 && Double.isFinite(cg.phi()), "φ is " + cg.phi());
    for (double entry : s.x.toArray()) {
      assertTrue(Double.isFinite(entry), "x has " + entry);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theZeroOperatorHasNoCurvature(Precision precision) {
    Vec x = vec(precision, 7, 7);
    ConjugateGradient cg = solver(2, precision);
    Diagonal zero = new Diagonal(vec(precision, 0, 0));
    assertEquals(CgStatus.NON_POSITIVE_CURVATURE, cg.solve(zero, vec(precision, 1, 2), x, false));
    assertArrayEquals(new double[2], x.toArray());
  }

  @ParameterizedTest
  @EnumSource
  void aSingularConsistentSystemIsSolved(Precision precision) {
    Vec x = vec(precision, 0, 0, 0);
    ConjugateGradient cg = solver(3, precision);
    Diagonal a = new Diagonal(vec(precision, 1, 0, 4));
    assertEquals(CgStatus.CONVERGED, cg.solve(a, vec(precision, 2, 0, 4), x, false));
    assertEquals(0, x.get(1));
    assertEquals(2, x.get(0), 1e-5);
    assertEquals(1, x.get(2), 1e-5);
  }

  @ParameterizedTest
  @EnumSource
  void aPreconditionerThatIsNotPositiveDefiniteIsNamed(Precision precision) {
    Vec x = vec(precision, 7, 7);
    Diagonal a = new Diagonal(vec(precision, 1, 2));
    Diagonal m = new Diagonal(vec(precision, -1, -1));
    ConjugateGradient cg = solver(2, precision);
    CgStatus status = cg.solve(a, m, vec(precision, 1, 2), x, false);
    assertEquals(CgStatus.NON_POSITIVE_PRECONDITIONER, status);
    assertArrayEquals(new double[2], x.toArray());
    assertEquals(0, cg.iterations());
  }

  @ParameterizedTest
  @EnumSource
  void nanInTheFirstProductLeavesTheStart(Precision precision) {
    Vec d = vec(precision, 1, 2, 3);
    Vec b = vec(precision, 1, 1, 1);
    Vec x = vec(precision, 0.25, 0.5, 0.125);
    ConjugateGradient cg = solver(3, precision);
    assertEquals(CgStatus.NON_FINITE, cg.solve(failingFrom(1, d), b, x, true));
    assertArrayEquals(new double[] {0.25, 0.5, 0.125}, x.toArray());
    assertEquals(CgStatus.NON_FINITE, cg.solve(failingFrom(2, d), b, x, true));
    assertArrayEquals(new double[] {0.25, 0.5, 0.125}, x.toArray());
    assertEquals(CgStatus.NON_FINITE, cg.solve(failingFrom(1, d), b, x, false));
    assertArrayEquals(new double[3], x.toArray());
  }

  @ParameterizedTest
  @EnumSource
  void nanLaterLeavesTheBestIterate(Precision precision) {
    Vec d = vec(precision, 1, 2, 3);
    Vec b = vec(precision, 1, 1, 1);
    Vec x = vec(precision, 0, 0, 0);
    ConjugateGradient cg = solver(3, precision);
    assertEquals(CgStatus.NON_FINITE, cg.solve(failingFrom(2, d), b, x, false));
    assertEquals(1, cg.iterations());
    // The first step is along b, of length bᵀb/bᵀAb.
    double step = precision == Precision.F32 ? (float) 0.5 : 0.5;
    assertArrayEquals(new double[] {step, step, step}, x.toArray());
    assertEquals(-0.75, cg.phi());
  }

  @ParameterizedTest
  @EnumSource
  void nanOrInfinityInTheArgumentsIsReported(Precision precision) {
    Diagonal a = new Diagonal(vec(precision, 1, 2));
    Vec x = vec(precision, 1, 1);
    ConjugateGradient cg = solver(2, precision);
    Vec nan = vec(precision, Double.NaN, 1);
    assertEquals(CgStatus.NON_FINITE, cg.solve(a, nan, x, false));
    assertArrayEquals(new double[2], x.toArray());
    Vec infinite = vec(precision, Double.POSITIVE_INFINITY, 1);
    assertEquals(CgStatus.NON_FINITE, cg.solve(a, infinite, x, false));
    x.copyFrom(new double[] {Double.NaN, 0}, 0);
    assertEquals(CgStatus.NON_FINITE, cg.solve(a, vec(precision, 1, 1), x, true));
    Diagonal m = new Diagonal(vec(precision, Double.NaN, 1));
    assertEquals(CgStatus.NON_FINITE, cg.solve(a, m, vec(precision, 1, 1), x, false));
    assertArrayEquals(new double[2], x.toArray());
  }

  @ParameterizedTest
  @EnumSource
  void aZeroRightHandSideGivesZero(Precision precision) {
    Diagonal a = new Diagonal(vec(precision, 1, 2));
    for (boolean warm : new boolean[] {false, true}) {
      Vec x = vec(precision, 5, 5);
      ConjugateGradient cg = solver(2, precision);
      assertEquals(CgStatus.CONVERGED, cg.solve(a, vec(precision, 0, 0), x, warm));
      assertArrayEquals(new double[2], x.toArray());
      assertEquals(0, cg.iterations());
      assertEquals(0, cg.products());
      assertEquals(0, cg.phi());
      assertEquals(0, cg.residualNorm());
    }
  }

  @ParameterizedTest
  @EnumSource
  void noUnknownAndOneUnknown(Precision precision) {
    Vec empty = vec(precision);
    ConjugateGradient none = solver(0, precision);
    assertEquals(CgStatus.CONVERGED, none.solve(new Diagonal(empty), empty, vec(precision), false));
    Vec x = vec(precision, 0);
    ConjugateGradient one = solver(1, precision);
    Diagonal a = new Diagonal(vec(precision, 4));
    assertEquals(CgStatus.CONVERGED, one.solve(a, vec(precision, 2), x, false));
    assertEquals(0.5, x.get(0));
    assertEquals(1, one.iterations());
  }

  @ParameterizedTest
  @EnumSource
  void aStartWorseThanZeroIsReplacedByZero(Precision precision) {
    Diagonal a = new Diagonal(vec(precision, 1, 2, 4));
    Vec b = vec(precision, 1, 1, 1);
    Vec cold = vec(precision, 0, 0, 0);
    Vec warm = vec(precision, -9, 5, -3);
    ConjugateGradient cg = solver(3, precision);
    cg.solve(a, b, cold, false);
    int products = cg.products();
    cg.solve(a, b, warm, true);
    assertArrayEquals(cold.toArray(), warm.toArray());
    assertEquals(products + 1, cg.products());
  }

  @ParameterizedTest
  @EnumSource
  void theSolutionAsStartNeedsNoIteration(Precision precision) {
    Diagonal a = new Diagonal(vec(precision, 1, 2, 4));
    Vec x = vec(precision, 1, 0.5, 0.25);
    ConjugateGradient cg = solver(3, precision);
    assertEquals(CgStatus.CONVERGED, cg.solve(a, vec(precision, 1, 1, 1), x, true));
    assertEquals(0, cg.iterations());
    assertEquals(1, cg.products());
    assertEquals(-0.875, cg.phi());
  }

  @Test
  void theLimitStops() {
    SpdSystem s = new SpdSystem(w, Precision.F64, NaiveDense.logSpaced(20, 1e3), new Random(1));
    ConjugateGradient cg =
        new ConjugateGradient(w, 20, Precision.F64, false, new CgOptions(1e-9, false, 3));
    assertEquals(CgStatus.ITERATION_LIMIT, cg.solve(s.a, s.b, s.x, false));
    assertEquals(3, cg.iterations());
    assertEquals(CgStatus.ITERATION_LIMIT, cg.status());
  }

  @Test
  void slowProgressStops() {
    SpdSystem s = new SpdSystem(w, Precision.F64, NaiveDense.logSpaced(200, 1e6), new Random(1));
    CgOptions options = new CgOptions(0, true, 1000);
    ConjugateGradient cg = new ConjugateGradient(w, 200, Precision.F64, false, options);
    assertEquals(CgStatus.RELATIVE_PROGRESS, cg.solve(s.a, s.b, s.x, false));
    int stopped = cg.iterations();
    RelativeProgress rule = new RelativeProgress(1000);
    rule.start(0);
    for (int k = 1; k <= stopped; k++) {
      ConjugateGradient upTo =
          new ConjugateGradient(w, 200, Precision.F64, false, new CgOptions(0, false, k));
      upTo.solve(s.a, s.b, s.x, false);
      assertEquals(k == stopped, rule.shouldStop(upTo.phi()), "at iteration " + k);
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesTheBytesItSays(Precision precision) {
    for (int n : new int[] {0, 1, 15, 16, 17, 1000}) {
      for (boolean preconditioned : new boolean[] {false, true}) {
        long before = w.bytesUsed();
        new ConjugateGradient(w, n, precision, preconditioned, CgOptions.defaults());
        long bytes = ConjugateGradient.bytes(n, precision, preconditioned);
        assertEquals(bytes, w.bytesUsed() - before);
      }
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void aSolveAllocatesNothing(Precision precision) {
    SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(30, 100), new Random(3));
    Shifted damped = new Shifted(s.a, 0.01);
    Vec ones = Vec.allocate(w, 30, precision);
    Blas.fill(1, ones);
    Diagonal m = new Diagonal(ones);
    ConjugateGradient cg = solver(30, precision);
    long offHeap = w.bytesUsed();
    for (boolean warm : new boolean[] {false, true}) {
      Allocation.assertNone(
          "a solve, " + (warm ? "warm" : "cold"),
          () -> {
            cg.solve(damped, s.b, s.x, warm);
            cg.solve(damped, m, s.b, s.x, warm);
          });
    }
    assertEquals(offHeap, w.bytesUsed());
  }

  @Test
  void badArgumentsAreNamed() {
    Vec d = vec(Precision.F64, 1, 2);
    Diagonal a = new Diagonal(d);
    Vec b = vec(Precision.F64, 1, 1);
    ConjugateGradient plain =
        new ConjugateGradient(w, 2, Precision.F64, false, CgOptions.defaults());
    assertThrows(IllegalStateException.class, plain::status);
    assertMessage(
        IllegalStateException.class, "preconditioned", () -> plain.solve(a, a, b, d, false));
    assertMessage(
        IllegalArgumentException.class, "x overlaps b", () -> plain.solve(a, b, b, false));
    assertMessage(
        IllegalArgumentException.class,
        "b has length 1",
        () -> plain.solve(a, b.slice(0, 1), vec(Precision.F64, 7, 7), false));
    Vec longer = vec(Precision.F64, 7, 7, 7);
    assertMessage(
        IllegalArgumentException.class, "x has length 3", () -> plain.solve(a, b, longer, false));
    assertArrayEquals(new double[] {7, 7, 7}, longer.toArray(), "x is untouched");
    Vec three = vec(Precision.F64, 1, 1, 1);
    assertMessage(
        IllegalArgumentException.class,
        "a maps vectors of length 3",
        () -> plain.solve(new Diagonal(three), b, three, false));
    Vec single = vec(Precision.F32, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> plain.solve(a, single, b, false));
    assertThrows(IllegalArgumentException.class, () -> plain.solve(a, b, three, false));
    assertMessage(IllegalArgumentException.class, "NaN", () -> new CgOptions(Double.NaN, true, 1));
    assertThrows(IllegalArgumentException.class, () -> new CgOptions(1, true, 1));
    assertThrows(IllegalArgumentException.class, () -> new CgOptions(0.1, true, 0));
  }

  private static void assertMessage(
      Class<? extends Exception> type, String part, org.junit.jupiter.api.function.Executable run) {
    String message = assertThrows(type, run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
