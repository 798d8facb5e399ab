package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

class NystromProperties {
  private static Vec vec(Workspace w, Precision precision, double... entries) {
    Vec v = Vec.allocate(w, entries.length, precision);
    v.copyFrom(entries, 0);
    return v;
  }

  /** λᵢ = 2⁻ⁱ: a spectrum that a low rank describes. */
  private static double[] decaying(int n) {
    double[] eigenvalues = new double[n];
    for (int i = 0; i < n; i++) {
      eigenvalues[i] = Math.scalb(1.0, -i);
    }
    return eigenvalues;
  }

  /** The paper's bound for rank r is κ ≤ 28 in the mean where λᵣ has fallen to about μ. */
  @Property(tries = 20)
  void itCutsTheIterationsOnAFastDecayingSpectrum(
      @ForAll Precision precision, @ForAll @IntRange(min = 0, max = 9) int seed) {
    try (Workspace w = Workspace.create()) {
      int n = 60;
      double mu = 0x1p-12;
      SpdSystem s = new SpdSystem(w, precision, decaying(n), new Random(seed));
      Shifted damped = new Shifted(s.a, mu);
      ConjugateGradient cg =
          new ConjugateGradient(w, n, precision, true, new CgOptions(1e-4, false, 300));
      assertEquals(CgStatus.CONVERGED, cg.solve(damped, s.b, s.x, false));
      int plain = cg.iterations();
      double[] plainly = s.x.toArray();
      Nystrom nystrom = new Nystrom(w, n, precision, 16, mu);
      assertTrue(nystrom.refresh(s.a, seed));
      assertEquals(CgStatus.CONVERGED, cg.solve(damped, nystrom, s.b, s.x, false));
      int preconditioned = cg.iterations();
      assertTrue(3 * preconditioned <= plain, preconditioned + " iterations, not " + plain);
      // Both residuals are below 10⁻⁴ in norms that differ by at most √κ(P).
      double apart = NaiveDense.norm(NaiveDense.minus(plainly, s.x.toArray()));
      double allowed = 1e-4 * (1 + Math.sqrt((1 + mu) / mu)) * NaiveDense.norm(s.rhs) / mu;
      assertTrue(apart <= allowed, "solutions differ by " + apart);
    }
  }

  /** At full rank P is A + μI but for the stable shift, and conjugate gradients need one step. */
  @Property(tries = 100)
  void atFullRankItIsTheInverse(
      @ForAll Precision precision, @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int n) {
    try (Workspace w = Workspace.create()) {
      double mu = 0.25;
      SpdSystem s = new SpdSystem(w, Precision.F64, NaiveDense.logSpaced(n, 10), new Random(seed));
      Vec d = vec(w, precision, NaiveDense.logSpaced(n, 10));
      Nystrom nystrom = new Nystrom(w, n, precision, n, mu);
      assertTrue(nystrom.refresh(new Diagonal(d), seed));
      assertEquals(n, nystrom.rank());
      Vec x = vec(w, precision, s.rhs);
      Vec y = vec(w, precision, s.rhs);
      nystrom.apply(1, x, 0, y);
      // (λₙ + μ)(A + μI)⁻¹. M = ΩᵀAΩ has the condition number 10 of A, as Ω is orthogonal; it, B
      // and U are rounded by about n·u each, and the inverse has a slope of at most 1/μ.
      double bound = 10 * 64 * n * n * precision.unitRoundoff() / mu * NaiveDense.norm(s.rhs);
      for (int i = 0; i < n; i++) {
        double exact = (nystrom.eigenvalue(n - 1) + mu) / (d.get(i) + mu) * x.get(i);
        assertEquals(exact, y.get(i), bound, "entry " + i);
        double eigenvalue = NaiveDense.logSpaced(n, 10)[n - 1 - i];
        assertEquals(eigenvalue, nystrom.eigenvalue(i), 640 * n * n * precision.unitRoundoff());
      }
    }
  }

  /** Whatever A, μ and rounding: xᵀP⁻¹x > 0, xᵀP⁻¹y = yᵀP⁻¹x, and the eigenvalues below A's. */
  @Property(tries = 400)
  void itIsSymmetricAndPositiveDefinite(
      @ForAll Precision precision,
      @ForAll @IntRange(min = 0, max = 49) int seed,
      @ForAll @IntRange(min = -1, max = 1) int damping) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      int n = 1 + random.nextInt(30);
      int rank = 1 + random.nextInt(30);
      int exponent = 25 * damping - 15;
      SpdSystem s = new SpdSystem(w, precision, decaying(n), random);
      Nystrom nystrom = new Nystrom(w, n, precision, Math.min(n, rank), 1);
      nystrom.refresh(s.a, seed);
      nystrom.setDamping(Math.scalb(1.0, exponent));
      Vec x = vec(w, precision, NaiveDense.gaussian(n, random));
      Vec y = vec(w, precision, NaiveDense.gaussian(n, random));
      Vec px = vec(w, precision, new double[n]);
      Vec py = vec(w, precision, new double[n]);
      nystrom.apply(1, x, 0, px);
      nystrom.apply(1, y, 0, py);
      assertTrue(NaiveDense.dot(x.toArray(), px.toArray()) > 0, "not positive");
      double size = NaiveDense.norm(x.toArray()) * NaiveDense.norm(y.toArray());
      double difference =
          NaiveDense.dot(x.toArray(), py.toArray()) - NaiveDense.dot(y.toArray(), px.toArray());
      assertEquals(0, difference, 64 * n * precision.unitRoundoff() * size);
      for (int i = 0; i < nystrom.rank(); i++) {
        double above = nystrom.eigenvalue(i) - decaying(n)[i];
        // The oblique projector of the random vectors may be longer than 1; all cases are fixed.
        assertTrue(above <= 1000 * n * precision.unitRoundoff(), "eigenvalue " + i);
      }
      // Five arguments.
      double[] before = py.toArray();
      nystrom.apply(-2, x, 3, py);
      for (int i = 0; i < n; i++) {
        double exact = 3 * before[i] - 2 * px.get(i);
        double bound = 64 * n * precision.unitRoundoff() * (size + Math.abs(before[i]) + 1);
        assertEquals(exact, py.get(i), bound);
      }
    }
  }

  @Property(tries = 2)
  void aMatrixThatIsNoFisherMatrixIsRefused(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Nystrom nystrom = new Nystrom(w, 4, precision, 3, 0.5);
      Vec x = vec(w, precision, 1, 2, 3, 4);
      Vec y = vec(w, precision, 0, 0, 0, 0);
      assertFalse(nystrom.refresh(new Diagonal(vec(w, precision, -1, -2, -1, -3)), 1));
      assertFalse(nystrom.refresh(new Diagonal(vec(w, precision, 1, Double.NaN, 1, 1)), 1));
      assertEquals(0, nystrom.rank());
      nystrom.apply(1, x, 0, y);
      assertArrayEquals(x.toArray(), y.toArray(), "not the identity");
      assertTrue(nystrom.refresh(new Diagonal(vec(w, precision, 0, 0, 0, 0)), 1));
      assertEquals(0, nystrom.rank());
      // Rank one: what rounding cannot tell from null directions is left out.
      assertTrue(nystrom.refresh(new Diagonal(vec(w, precision, 0, 2, 0, 0)), 1));
      assertTrue(nystrom.rank() >= 1, "found nothing");
      assertEquals(2, nystrom.eigenvalue(0), 1000 * precision.unitRoundoff());
      nystrom.apply(1, x, 0, y);
      assertTrue(y.get(1) < x.get(1), "the one direction is scaled down");
    }
  }

  /** Σ λᵢqᵢqᵢᵀ, the qᵢ orthonormal: vector i is 1/√(n/k) on every k-th entry from i on. */
  private record LowRank(Vec[] vectors, double[] eigenvalues) implements LinearOperator {
    static LowRank of(Workspace w, Precision precision, int n, double... eigenvalues) {
      Vec[] vectors = new Vec[eigenvalues.length];
      double entry = 1 / Math.sqrt((double) n / eigenvalues.length);
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] = Vec.allocate(w, n, precision);
        for (int j = i; j < n; j += vectors.length) {
          vectors[i].set(j, entry);
        }
      }
      return new LowRank(vectors, eigenvalues);
    }

    @Override
    public int size() {
      return vectors[0].length();
    }

    @Override
    public Precision precision() {
      return vectors[0].precision();
    }

    @Override
    public void apply(double alpha, Vec x, double beta, Vec y) {
      Blas.axpby(0, x, beta, y);
      for (int i = 0; i < vectors.length; i++) {
        Blas.axpy(alpha * eigenvalues[i] * Blas.dsdot(vectors[i], x), vectors[i], y);
      }
    }
  }

  /** The noise is √n·u of the products; n·u = 1/16 is of the size of the spectrum itself. */
  @Example
  void smallEigenvaluesAreFoundAmongManyParameters() {
    try (Workspace w = Workspace.create()) {
      int n = 1 << 20;
      LowRank a = LowRank.of(w, Precision.F32, n, 1, 0.02);
      Nystrom nystrom = new Nystrom(w, n, Precision.F32, 4, 1e-4);
      assertTrue(nystrom.refresh(a, 1));
      assertEquals(2, nystrom.rank(), "what is null is left out, and nothing else");
      assertTrue(nystrom.eigenvalue(0) <= 1.001, "largest " + nystrom.eigenvalue(0));
      assertTrue(nystrom.eigenvalue(0) > 0.9, "largest " + nystrom.eigenvalue(0));
      // Of the second the random vectors see no more than about as much as the shift.
      assertTrue(nystrom.eigenvalue(1) <= 0.02002, "second " + nystrom.eigenvalue(1));
      assertTrue(nystrom.eigenvalue(1) > 0.001, "second " + nystrom.eigenvalue(1));
    }
  }

  @Tag("allocation")
  @Property(tries = 2)
  void takesTheBytesItSaysAndAllocatesNothing(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      for (int rank : new int[] {1, 5, 17}) {
        long before = w.bytesUsed();
        new Nystrom(w, 33, precision, rank, 1);
        assertEquals(Nystrom.bytes(33, precision, rank), w.bytesUsed() - before);
      }
      SpdSystem s = new SpdSystem(w, precision, decaying(20), new Random(1));
      Nystrom nystrom = new Nystrom(w, 20, precision, 4, 1e-3);
      Allocation.assertNone(
          "a refresh and a product",
          () -> {
            nystrom.refresh(s.a, 1);
            nystrom.apply(1, s.b, 0, s.x);
          });
      double[] first = s.x.toArray();
      nystrom.refresh(s.a, 2);
      nystrom.refresh(s.a, 1);
      nystrom.apply(1, s.b, 0, s.x);
      assertArrayEquals(first, s.x.toArray());
    }
  }

  @Example
  void badArgumentsAreNamed() {
    try (Workspace w = Workspace.create()) {
      Precision f64 = Precision.F64;
      assertThrows(IllegalArgumentException.class, () -> new Nystrom(w, 5, f64, 0, 1));
      assertThrows(IllegalArgumentException.class, () -> new Nystrom(w, 5, f64, 6, 1));
      assertThrows(IllegalArgumentException.class, () -> new Nystrom(w, 500, f64, 129, 1));
      assertThrows(IllegalArgumentException.class, () -> new Nystrom(w, 5, f64, 2, 0));
      Nystrom nystrom = new Nystrom(w, 5, f64, 2, 1);
      assertThrows(IllegalArgumentException.class, () -> nystrom.setDamping(Double.NaN));
      assertThrows(IndexOutOfBoundsException.class, () -> nystrom.eigenvalue(0));
      Vec three = vec(w, f64, 1, 2, 3);
      assertThrows(IllegalArgumentException.class, () -> nystrom.refresh(new Diagonal(three), 1));
    }
  }
}
