package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class MinresProperties {
  /** Eigenvalues of both signs, sizes from 1/κ to 1. */
  private static double[] indefinite(int n, double kappa, Random random) {
    double[] eigenvalues = NaiveDense.logSpaced(n, kappa);
    for (int i = 0; i < n; i++) {
      eigenvalues[i] *= random.nextBoolean() ? 1 : -1;
    }
    return eigenvalues;
  }

  private static Minres solver(Workspace w, SpdSystem s, double tolerance, int limit) {
    return new Minres(w, s.n, s.x.precision(), tolerance, limit);
  }

  /**
   * Chebyshev's bound on two symmetric intervals: ‖r₂ₖ‖ ≤ 2((κ − 1)/(κ + 1))ᵏ‖b‖. The true residual
   * departs from the recurrence's by u·κ·‖b‖ an iteration, times the n·√n of a product's rounding.
   */
  @Property(tries = 200)
  void solvesIndefiniteSystemsAsGaussianEliminationDoes(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @DoubleRange(min = 1.5, max = 30) double kappa) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      SpdSystem s = new SpdSystem(w, precision, indefinite(n, kappa, random), random);
      double tolerance = Math.min(0.1, 16 * n * s.u * kappa);
      double factor = (kappa - 1) / (kappa + 1);
      int limit = 4 + 2 * (int) Math.ceil(Math.log(2 / tolerance) / -Math.log(factor));
      Minres minres = solver(w, s, tolerance, limit);
      assertEquals(MinresStatus.CONVERGED, minres.solve(s.a, s.b, s.x));
      assertEquals(MinresStatus.CONVERGED, minres.status());
      double normB = NaiveDense.norm(s.rhs);
      assertTrue(minres.residualNorm() <= tolerance * normB, "recurrence above the tolerance");
      double steps = minres.iterations() + 1;
      double drift = 2 * s.u * kappa * steps * (4 + n * Math.sqrt(n)) * normB;
      double reached = s.residual(s.x.toArray());
      assertTrue(reached <= tolerance * normB + drift, "residual " + reached);
      double apart = NaiveDense.norm(NaiveDense.minus(s.x.toArray(), s.solution));
      // The rounded matrix's smallest eigenvalue is 1/κ less n·u.
      double inverse = 1 / (1 / kappa - n * s.u);
      assertTrue(apart <= inverse * (tolerance * normB + 2 * drift), "solution " + apart);
    }
  }

  /** The residual of k steps against the least squares over an orthonormal basis of A·Krylov. */
  @Property(tries = 200)
  void everyResidualIsTheSmallestOfItsKrylovSpaceAndNoneGrows(
      @ForAll long seed, @ForAll @IntRange(min = 5, max = 8) int n) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      double kappa = 5;
      SpdSystem s = new SpdSystem(w, Precision.F64, indefinite(n, kappa, random), random);
      double[] rest = s.rhs.clone();
      double[][] basis = new double[4][];
      double[] power = s.rhs.clone();
      double before = NaiveDense.norm(s.rhs);
      double smallest = 1;
      for (int k = 0; k < basis.length; k++) {
        power = NaiveDense.product(s.matrix, power);
        double length = NaiveDense.norm(power);
        for (int twice = 0; twice < 2; twice++) {
          for (int j = 0; j < k; j++) {
            double share = NaiveDense.dot(basis[j], power);
            for (int i = 0; i < n; i++) {
              power[i] -= share * basis[j][i];
            }
          }
        }
        double left = NaiveDense.norm(power);
        smallest = Math.min(smallest, left / length);
        basis[k] = power.clone();
        for (int i = 0; i < n; i++) {
          basis[k][i] /= left;
        }
        power = basis[k].clone();
        double along = NaiveDense.dot(basis[k], rest);
        for (int i = 0; i < n; i++) {
          rest[i] -= along * basis[k][i];
        }
        Minres minres = solver(w, s, 0, k + 1);
        minres.solve(s.a, s.b, s.x);
        double reached = minres.residualNorm();
        assertTrue(reached <= before, "the residual grew");
        before = reached;
        // Each vector of either basis is lost by u over what orthogonalising left of it.
        double bound = 64 * n * n * s.u * kappa / Math.pow(smallest, k + 1);
        double exact = NaiveDense.norm(rest);
        double size = NaiveDense.norm(s.rhs);
        assertEquals(exact, reached, bound * size, "after " + (k + 1));
        assertEquals(exact, s.residual(s.x.toArray()), bound * size, "true, after " + (k + 1));
      }
    }
  }

  @Property(tries = 2)
  void aSingularSystemOutOfRangeEndsOnLeastSquares(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Vec d = vec(w, precision, 1, -2, 0);
      Vec b = vec(w, precision, 1, 1, 1);
      Vec x = vec(w, precision, 7, 7, 7);
      Minres minres = new Minres(w, 3, precision, 1e-6, 100);
      assertEquals(MinresStatus.LEAST_SQUARES, minres.solve(new Diagonal(d), b, x));
      assertEquals(1, x.get(0), 1e-5);
      assertEquals(-0.5, x.get(1), 1e-5);
      assertEquals(1, minres.residualNorm(), 1e-5);
      for (double entry : x.toArray()) {
        assertTrue(Math.abs(entry) < 10, "x has " + entry);
      }
      // In range, singular or not, it converges; here to the solution of least length.
      b.set(2, 0);
      assertEquals(MinresStatus.CONVERGED, minres.solve(new Diagonal(d), b, x));
      assertEquals(0, x.get(2));
      Vec zero = vec(w, precision, 0, 0, 0);
      assertEquals(MinresStatus.LEAST_SQUARES, minres.solve(new Diagonal(zero), b, x));
      assertArrayEquals(new double[3], x.toArray());
      assertEquals(MinresStatus.CONVERGED, minres.solve(new Diagonal(d), zero, x));
      assertEquals(0, minres.iterations());
      assertArrayEquals(new double[3], x.toArray());
    }
  }

  /** After one step the rest lies along the small eigenvalue, ‖Ar‖ ≪ ‖A‖‖r‖, and is large. */
  @Property(tries = 2)
  void aSmallEigenvalueIsNoReasonToStop(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Vec b = vec(w, precision, 1, 10);
      Vec x = vec(w, precision, 0, 0);
      Minres minres = new Minres(w, 2, precision, 0.2, 20);
      assertEquals(
          MinresStatus.CONVERGED, minres.solve(new Diagonal(vec(w, precision, 1, 0.01)), b, x));
      double left = Math.hypot(1 - x.get(0), 10 - 0.01 * x.get(1));
      assertTrue(left <= 0.2 * Math.sqrt(101), "residual " + left);
    }
  }

  /** Regular systems are solved up to where √u passes for 0, and are not called singular before. */
  @Property(tries = 40)
  void consistentSystemsOfLargeConditionConverge(
      @ForAll @IntRange(min = 0, max = 19) int seed, @ForAll boolean both) {
    for (double kappa : new double[] {1e4, 1e6, 1e7}) {
      for (double tolerance : new double[] {1e-2, 1e-4}) {
        try (Workspace w = Workspace.create()) {
          Random random = new Random(seed);
          double[] spectrum =
              both ? indefinite(20, kappa, random) : NaiveDense.logSpaced(20, kappa);
          SpdSystem s = new SpdSystem(w, Precision.F64, spectrum, random);
          Minres minres = solver(w, s, tolerance, 500);
          assertEquals(MinresStatus.CONVERGED, minres.solve(s.a, s.b, s.x), "κ " + kappa);
          double normB = NaiveDense.norm(s.rhs);
          double drift = s.u * kappa * kappa * normB;
          double reached = s.residual(s.x.toArray());
          assertTrue(reached <= tolerance * normB + drift, "residual " + reached + ", κ " + kappa);
        }
      }
    }
  }

  /** The second eigenvalue is below 2√u of the first, so what is left of b is said to be left. */
  @Property(tries = 2)
  void whatLiesAlongEigenvaluesBelowTheRootOfTheRoundoffIsReportedAsLeft(
      @ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      double small = 0.5 * Math.sqrt(precision.unitRoundoff());
      Vec b = vec(w, precision, 1, 1);
      Vec x = vec(w, precision, 0, 0);
      Minres minres = new Minres(w, 2, precision, 1e-2, 20);
      Vec diagonal = vec(w, precision, 1, small);
      Diagonal a = new Diagonal(diagonal);
      assertEquals(MinresStatus.LEAST_SQUARES, minres.solve(a, b, x));
      double left = Math.hypot(1 - x.get(0), 1 - diagonal.get(1) * x.get(1));
      assertEquals(left, minres.residualNorm(), 8 * precision.unitRoundoff() / small);
      assertEquals(1, left, 4 * small);
    }
  }

  /** An operator that counts its products. */
  private static final class Counting implements LinearOperator {
    private final LinearOperator of;
    private int products;

    Counting(LinearOperator of) {
      this.of = of;
    }

    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Precision precision() {
      return of.precision();
    }

    @Override
    public void apply(double alpha, Vec x, double beta, Vec y) {
      products++;
      of.apply(alpha, x, beta, y);
    }
  }

  @Property(tries = 2)
  void everyProductIsCountedHoweverItEnds(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Vec b = vec(w, precision, 1, 1, 1);
      assertProducts(MinresStatus.CONVERGED, 1, 20, vec(w, precision, 2, 2, 2), b);
      assertProducts(MinresStatus.ITERATION_LIMIT, 1, 1, vec(w, precision, 1, -2, 3), b);
      assertProducts(MinresStatus.LEAST_SQUARES, 1, 20, vec(w, precision, 0, 0, 0), b);
      assertProducts(MinresStatus.LEAST_SQUARES, 3, 20, vec(w, precision, 1, -2, 0), b);
      assertProducts(MinresStatus.NON_FINITE, 1, 20, vec(w, precision, 1, Double.NaN, 1), b);
      b.set(0, Double.NaN);
      assertProducts(MinresStatus.NON_FINITE, 0, 20, vec(w, precision, 1, -2, 3), b);
    }
  }

  private static void assertProducts(
      MinresStatus status, int products, int limit, Vec diagonal, Vec b) {
    try (Workspace w = Workspace.create()) {
      Minres minres = new Minres(w, 3, b.precision(), 1e-6, limit);
      Counting a = new Counting(new Diagonal(diagonal));
      assertEquals(status, minres.solve(a, b, vec(w, b.precision(), 0, 0, 0)));
      assertEquals(products, a.products, status + ", made");
      assertEquals(products, minres.products(), status + ", counted");
    }
  }

  /** The Krylov space goes on beyond the solution by rounding, which must not be followed. */
  @Property(tries = 60)
  void singularSystemsEndOnLeastSquaresWhateverTheTolerance(
      @ForAll Precision precision, @ForAll @IntRange(min = 0, max = 29) int seed) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      double[] eigenvalues = indefinite(30, 100, random);
      for (int i = 0; i <= seed % 12; i++) {
        eigenvalues[2 * i] = 0;
      }
      SpdSystem s = new SpdSystem(w, precision, eigenvalues, random);
      Minres minres = solver(w, s, 1e-3, 300);
      assertEquals(MinresStatus.LEAST_SQUARES, minres.solve(s.a, s.b, s.x));
      double[] rest = NaiveDense.minus(s.rhs, NaiveDense.product(s.matrix, s.x.toArray()));
      double size = NaiveDense.norm(rest);
      assertEquals(minres.residualNorm(), size, 1e-2 * size);
      // ‖A‖ = 1; as much again as is allowed, for the recurrence's own error.
      double gradient = NaiveDense.norm(NaiveDense.product(s.matrix, rest));
      assertTrue(gradient <= 4 * Math.sqrt(s.u) * size, gradient / size + " of the rest");
    }
  }

  /** The matrix that conjugate gradients refuse. */
  @Property(tries = 2)
  void solvesWhatConjugateGradientsStopAt(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      double[][] a = {{1, 2, 1}, {2, 1, 1}, {1, 1, 1}};
      SpdSystem s = new SpdSystem(w, precision, a, new double[] {1, -1, 0});
      Minres minres = solver(w, s, 1e-6, 20);
      assertEquals(MinresStatus.CONVERGED, minres.solve(s.a, s.b, s.x));
      assertArrayEquals(new double[] {-1, 1, 0}, s.x.toArray(), 1e-5);
    }
  }

  @Property(tries = 2)
  void nanIsReportedAndNeverReturned(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Vec x = vec(w, precision, 7, 7);
      Minres minres = new Minres(w, 2, precision, 1e-6, 20);
      Vec b = vec(w, precision, 1, 2);
      Diagonal nan = new Diagonal(vec(w, precision, Double.NaN, 1));
      assertEquals(MinresStatus.NON_FINITE, minres.solve(nan, b, x));
      assertArrayEquals(new double[2], x.toArray());
      Diagonal a = new Diagonal(vec(w, precision, 1, -3));
      b.set(0, Double.POSITIVE_INFINITY);
      assertEquals(MinresStatus.NON_FINITE, minres.solve(a, b, x));
      assertArrayEquals(new double[2], x.toArray());
    }
  }

  @Tag("allocation")
  @Property(tries = 2)
  void takesTheBytesItSaysAllocatesNothingAndRepeatsItsBits(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(3);
      SpdSystem s = new SpdSystem(w, precision, indefinite(30, 100, random), random);
      long before = w.bytesUsed();
      Minres minres = solver(w, s, 1e-3, 20);
      assertEquals(Minres.bytes(30, precision), w.bytesUsed() - before);
      minres.solve(s.a, s.b, s.x);
      double[] first = s.x.toArray();
      Allocation.assertNone("MINRES", () -> minres.solve(s.a, s.b, s.x));
      assertArrayEquals(first, s.x.toArray());
    }
  }

  @Example
  void badArgumentsAreNamed() {
    try (Workspace w = Workspace.create()) {
      Precision f64 = Precision.F64;
      assertThrows(IllegalArgumentException.class, () -> new Minres(w, 2, f64, 1, 5));
      assertThrows(IllegalArgumentException.class, () -> new Minres(w, 2, f64, 0, 0));
      Minres minres = new Minres(w, 2, f64, 0, 5);
      assertThrows(IllegalStateException.class, minres::status);
      Vec b = vec(w, f64, 1, 1);
      Diagonal a = new Diagonal(vec(w, f64, 1, 2));
      assertThrows(IllegalArgumentException.class, () -> minres.solve(a, b, b));
      Vec longer = vec(w, f64, 1, 1, 1);
      assertThrows(IllegalArgumentException.class, () -> minres.solve(a, longer, b));
      assertThrows(
          IllegalArgumentException.class, () -> minres.solve(new Diagonal(longer), longer, longer));
    }
  }

  private static Vec vec(Workspace w, Precision precision, double... entries) {
    Vec v = Vec.allocate(w, entries.length, precision);
    v.copyFrom(entries, 0);
    return v;
  }
}
