package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

class LanczosProperties {
  private static Vec vec(Workspace w, Precision precision, double... entries) {
    Vec v = Vec.allocate(w, entries.length, precision);
    v.copyFrom(entries, 0);
    return v;
  }

  /** With full reorthogonalisation the projected matrix errs by about n·√n·u·‖A‖. */
  private static double rounding(int n, double norm, Precision precision) {
    return 16 * (4 + n * Math.sqrt(n)) * norm * precision.unitRoundoff();
  }

  /** Every start weighs each of n different eigenvalues, so n steps find them all. */
  @Property(tries = 100)
  void asManyStepsAsUnknownsGiveTheWholeSpectrum(
      @ForAll Precision precision, @ForAll long seed, @ForAll @IntRange(min = 1, max = 10) int n) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      double[] eigenvalues = new double[n];
      double[] start = new double[n];
      for (int i = 0; i < n; i++) {
        // Apart by at least a half, of both signs.
        eigenvalues[i] = i - n / 2 + 0.5 * random.nextDouble();
        start[i] = (random.nextBoolean() ? 1 : -1) * (1 + random.nextDouble());
      }
      Vec d = vec(w, precision, eigenvalues);
      Vec b = vec(w, precision, start);
      Lanczos lanczos = new Lanczos(w, n, precision, 50);
      assertTrue(lanczos.run(new Diagonal(d), b));
      assertEquals(n, lanczos.steps());
      double norm = n / 2 + 1;
      // The Krylov vectors of late steps are what remains of cancelled ones; orthogonality holds
      // all the same, so the bound does not depend on it.
      double bound = rounding(n, norm, precision);
      double square = NaiveDense.dot(b.toArray(), b.toArray());
      for (int i = 0; i < n; i++) {
        assertEquals(d.get(i), lanczos.ritzValue(i), bound, "eigenvalue " + i);
        double weight = b.get(i) * b.get(i) / square;
        // Eigenvectors turn by the error over the gap.
        assertEquals(weight, lanczos.weight(i), 8 * bound, "weight " + i);
        assertTrue(lanczos.errorBound(i) <= 2 * bound, "bound " + lanczos.errorBound(i));
      }
      assertEquals(lanczos.ritzValue(0), lanczos.smallest());
      assertEquals(lanczos.ritzValue(n - 1), lanczos.largest());
    }
  }

  /**
   * Ritz values lie within the spectrum, near an eigenvalue by the bound, and their weights sum.
   */
  @Property(tries = 200)
  void everyRitzValueIsWithinItsBoundOfAnEigenvalue(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 30) int n,
      @ForAll @IntRange(min = 1, max = 12) int steps) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      double[] eigenvalues = NaiveDense.gaussian(n, random);
      SpdSystem s = new SpdSystem(w, precision, eigenvalues, random);
      double norm = Arrays.stream(eigenvalues).map(Math::abs).max().getAsDouble();
      double slack = rounding(n, norm, precision);
      Lanczos lanczos = new Lanczos(w, n, precision, steps);
      assertTrue(lanczos.run(s.a, s.b));
      assertTrue(lanczos.steps() <= Math.min(n, steps), "steps");
      double sum = 0;
      double before = Double.NEGATIVE_INFINITY;
      double[] sorted = eigenvalues.clone();
      Arrays.sort(sorted);
      for (int i = 0; i < lanczos.steps(); i++) {
        double ritz = lanczos.ritzValue(i);
        assertTrue(ritz >= before, "not ascending");
        before = ritz;
        double nearest = Double.POSITIVE_INFINITY;
        for (double lambda : eigenvalues) {
          nearest = Math.min(nearest, Math.abs(lambda - ritz));
        }
        assertTrue(nearest <= lanczos.errorBound(i) + slack, "off by " + nearest);
        sum += lanczos.weight(i);
      }
      assertEquals(1, sum, 1e-13 * (1 + lanczos.steps()));
      assertTrue(lanczos.largest() <= sorted[n - 1] + slack, "above the spectrum");
      assertTrue(lanczos.smallest() >= sorted[0] - slack, "below the spectrum");
    }
  }

  @Property(tries = 2)
  void anExhaustedSpaceEndsTheRun(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      Vec d = vec(w, precision, 2, 2, 5, 5, 5, 7);
      Lanczos lanczos = new Lanczos(w, 6, precision, 6);
      assertTrue(lanczos.run(new Diagonal(d), vec(w, precision, 1, 1, 1, 1, 1, 1)));
      assertEquals(3, lanczos.steps());
      double u = precision.unitRoundoff();
      assertEquals(2, lanczos.ritzValue(0), 64 * 7 * u);
      assertEquals(5, lanczos.ritzValue(1), 64 * 7 * u);
      assertEquals(7, lanczos.ritzValue(2), 64 * 7 * u);
      assertEquals(0.5, lanczos.weight(1), 64 * 7 * u);
      assertFalse(lanczos.run(new Diagonal(d), vec(w, precision, 0, 0, 0, 0, 0, 0)));
      assertEquals(0, lanczos.steps());
      d.set(1, Double.NaN);
      assertFalse(lanczos.run(new Diagonal(d), vec(w, precision, 1, 1, 1, 1, 1, 1)));
      assertThrows(IndexOutOfBoundsException.class, lanczos::largest);
    }
  }

  /** A diagonal operator with different eigenvalues: each probe's quadrature is exact. */
  @Property(tries = 50)
  void theSpectrumsSumsAreExactWhereTheKrylovSpaceIsExhausted(
      @ForAll Precision precision, @ForAll long seed, @ForAll @IntRange(min = 1, max = 10) int n) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      double[] eigenvalues = new double[n];
      double lambda = 0.7;
      double dimension = 0;
      double trace = 0;
      for (int i = 0; i < n; i++) {
        eigenvalues[i] = i + 0.5 * random.nextDouble();
        dimension += eigenvalues[i] / (eigenvalues[i] + lambda);
        trace += eigenvalues[i];
      }
      Spectrum spectrum = new Spectrum(w, n, precision, 20, 3);
      assertEquals(3, spectrum.run(new Diagonal(vec(w, precision, eigenvalues)), seed));
      double bound = rounding(n, n, precision);
      // The function's slope is at most 1/λ, and the weights err as above.
      assertEquals(dimension, spectrum.effectiveDimension(lambda), 10 * n * bound / lambda);
      assertTrue(spectrum.effectiveDimensionError(lambda) <= 10 * n * bound / lambda, "spread");
      assertEquals(trace, spectrum.trace(), 10 * n * n * bound);
      assertEquals(eigenvalues[n - 1], spectrum.largest(), bound);
      assertEquals(eigenvalues[0], spectrum.smallest(), bound);
      double condition = (eigenvalues[n - 1] + lambda) / (eigenvalues[0] + lambda);
      assertEquals(condition, spectrum.conditionNumber(lambda), 4 * condition * bound / lambda);
      for (int i = 0; i < n; i++) {
        assertEquals(i + 1, spectrum.countUpTo(i + 0.75), 10 * n * bound);
      }
    }
  }

  /** zᵀf(A)z has variance 2(‖f(A)‖²_F − Σf(A)ᵢᵢ²) ≤ 2Σf². */
  @Property(tries = 20)
  void theSpectrumsSumsAreWithinTheirStandardErrors(
      @ForAll Precision precision, @ForAll @IntRange(min = 0, max = 9) int seed) {
    try (Workspace w = Workspace.create()) {
      int n = 30;
      Random random = new Random(seed);
      double[] eigenvalues = NaiveDense.logSpaced(n, 1e4);
      SpdSystem s = new SpdSystem(w, precision, eigenvalues, random);
      int probes = 60;
      Spectrum spectrum = new Spectrum(w, n, precision, n, probes);
      assertEquals(probes, spectrum.run(s.a, seed));
      for (double lambda : new double[] {1e-3, 1e-1}) {
        double exact = 0;
        double squares = 0;
        for (double eigenvalue : eigenvalues) {
          double f = eigenvalue / (eigenvalue + lambda);
          exact += f;
          squares += f * f;
        }
        double standardError = Math.sqrt(2 * squares / probes);
        double rounding = rounding(n, 1, precision) / lambda;
        double estimate = spectrum.effectiveDimension(lambda);
        assertEquals(exact, estimate, 6 * standardError + rounding);
        assertTrue(spectrum.effectiveDimensionError(lambda) <= 2 * standardError, "spread");
      }
    }
  }

  @Tag("allocation")
  @Property(tries = 2)
  void theyTakeTheBytesTheySayAndAllocateNothing(@ForAll Precision precision) {
    try (Workspace w = Workspace.create()) {
      for (int n : new int[] {1, 5, 33}) {
        long before = w.bytesUsed();
        new Lanczos(w, n, precision, 10);
        assertEquals(Lanczos.bytes(n, precision, 10), w.bytesUsed() - before);
        before = w.bytesUsed();
        new Spectrum(w, n, precision, 10, 4);
        assertEquals(Spectrum.bytes(n, precision, 10), w.bytesUsed() - before);
      }
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(20, 10), new Random(1));
      Spectrum spectrum = new Spectrum(w, 20, precision, 4, 2);
      spectrum.run(s.a, 3);
      double first = spectrum.effectiveDimension(0.1);
      Allocation.assertNone(
          "a spectrum",
          () -> {
            spectrum.run(s.a, 3);
            spectrum.effectiveDimensionError(0.1);
          });
      assertEquals(first, spectrum.effectiveDimension(0.1));
    }
  }

  @Example
  void badArgumentsAreNamed() {
    try (Workspace w = Workspace.create()) {
      Precision f64 = Precision.F64;
      assertThrows(IllegalArgumentException.class, () -> new Lanczos(w, 0, f64, 3));
      assertThrows(IllegalArgumentException.class, () -> new Lanczos(w, 5, f64, 0));
      assertThrows(IllegalArgumentException.class, () -> new Lanczos(w, 99, f64, 51));
      assertThrows(IllegalArgumentException.class, () -> new Spectrum(w, 5, f64, 3, 0));
      Spectrum spectrum = new Spectrum(w, 2, f64, 2, 1);
      assertTrue(Double.isNaN(spectrum.conditionNumber(1)), "nothing has been run");
      assertThrows(IllegalArgumentException.class, () -> spectrum.effectiveDimension(0));
      assertThrows(IllegalArgumentException.class, () -> spectrum.conditionNumber(-1));
      Vec three = vec(w, f64, 1, 2, 3);
      assertThrows(IllegalArgumentException.class, () -> spectrum.run(new Diagonal(three), 1));
    }
  }
}
