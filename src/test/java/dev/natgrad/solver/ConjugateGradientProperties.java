package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.DenseSymmetric;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class ConjugateGradientProperties {
  private static CgOptions exactly(int iterations) {
    return new CgOptions(0, false, iterations);
  }

  /** The convergence factor of Chebyshev's bound. */
  private static double rho(double kappa) {
    return (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
  }

  /**
   * ‖b − Ax‖/‖b‖ after k steps, where k steps are exact without rounding. A step amplifies the loss
   * of conjugacy by at most κ, so k − 1 steps leave k²·n·κᵏ⁻¹·u; Chebyshev's bound 2√κρᵏ holds with
   * rounding too (Greenbaum 1989); the smaller of both.
   */
  private static double exactInSteps(int k, int n, double kappa, double u) {
    double amplified = (double) k * k * n * Math.pow(kappa, k - 1) * u;
    return Math.min(amplified, 2 * Math.sqrt(kappa) * Math.pow(rho(kappa), k));
  }

  private static CgStatus solve(Workspace w, SpdSystem s, CgOptions options) {
    return solver(w, s, options).solve(s.a, s.b, s.x, false);
  }

  private static ConjugateGradient solver(Workspace w, SpdSystem s, CgOptions options) {
    return new ConjugateGradient(w, s.n, s.x.precision(), false, options);
  }

  @Property(tries = 300)
  void convergesToTheToleranceWithinChebyshevsCount(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 30) int n,
      @ForAll @DoubleRange(min = 1, max = 1e3) double kappa) {
    try (Workspace w = Workspace.create()) {
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, kappa), new Random(seed));
      double tolerance = Math.min(0.5, n * s.u * kappa);
      double steps = Math.log(2 * Math.sqrt(kappa) / tolerance) / -Math.log(rho(kappa));
      int limit = 2 + (int) Math.ceil(steps);
      ConjugateGradient cg = solver(w, s, new CgOptions(tolerance, false, limit));
      assertEquals(CgStatus.CONVERGED, cg.solve(s.a, s.b, s.x, false));
      assertEquals(cg.iterations(), cg.products());
      double reached = s.residual(s.x.toArray());
      double target = tolerance * NaiveDense.norm(s.rhs);
      assertTrue(cg.residualNorm() <= target * (1 + 1e-12), "recurrence above the tolerance");
      assertTrue(reached <= target + s.drift(cg.iterations()), "true residual " + reached);
    }
  }

  @Property(tries = 300)
  void isExactInAsManyStepsAsUnknowns(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 30) int n,
      @ForAll @DoubleRange(min = 1, max = 1e3) double kappa) {
    try (Workspace w = Workspace.create()) {
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, kappa), new Random(seed));
      solve(w, s, exactly(n));
      double bound = exactInSteps(n, n, kappa, s.u) * NaiveDense.norm(s.rhs) + s.drift(n);
      double reached = s.residual(s.x.toArray());
      assertTrue(reached <= bound, reached + " above " + bound);
    }
  }

  @Property(tries = 300)
  void takesAsManyStepsAsThereAreDistinctEigenvalues(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int distinct,
      @ForAll @IntRange(min = 4, max = 70) int n) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      Vec d = Vec.allocate(w, n, precision);
      for (int i = 0; i < n; i++) {
        d.set(i, 1 + i % distinct);
      }
      Vec b = Vec.allocate(w, n, precision);
      // Every eigenspace must hold its share of b: after one step fewer, the best polynomial still
      // leaves 1/15 of the smallest share, far above the tolerance.
      for (int i = 0; i < n; i++) {
        b.set(i, (random.nextBoolean() ? 1 : -1) * (1 + random.nextDouble()));
      }
      Vec x = Vec.allocate(w, n, precision);
      double tolerance = exactInSteps(distinct, n, distinct, precision.unitRoundoff());
      if (distinct == 1) {
        tolerance = 4 * precision.unitRoundoff();
      }
      ConjugateGradient cg =
          new ConjugateGradient(w, n, precision, false, new CgOptions(tolerance, false, distinct));
      assertEquals(CgStatus.CONVERGED, cg.solve(new Diagonal(d), b, x, false));
      assertEquals(distinct, cg.iterations());
    }
  }

  @Property(tries = 200)
  void everyStepLowersPhiAndTheEnergyNormOfTheError(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 16) int n,
      @ForAll @DoubleRange(min = 1, max = 1e3) double kappa) {
    try (Workspace w = Workspace.create()) {
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, kappa), new Random(seed));
      double before = s.energyError(new double[n]);
      double phiBefore = 0;
      for (int k = 1; k <= n; k++) {
        ConjugateGradient cg = solver(w, s, exactly(k));
        cg.solve(s.a, s.b, s.x, false);
        double[] x = s.x.toArray();
        double error = s.energyError(x);
        // An error r of the residual is √(rᵀA⁻¹r) ≤ √κ‖r‖ in the energy norm.
        double slack = Math.sqrt(kappa) * s.drift(k);
        assertTrue(error <= before + slack, k + ": error rose from " + before + " to " + error);
        assertTrue(cg.phi() <= phiBefore, k + ": φ rose");
        double phi = s.phi(x);
        double phiSlack = s.drift(k) * NaiveDense.norm(s.solution);
        assertTrue(Math.abs(phi - cg.phi()) <= phiSlack, k + ": φ is " + phi + ", " + cg.phi());
        before = error;
        phiBefore = cg.phi();
      }
    }
  }

  @Property(tries = 200)
  void residualsAreOrthogonalAndStepsConjugate(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int n) {
    double kappa = 10;
    try (Workspace w = Workspace.create()) {
      SpdSystem s =
          new SpdSystem(w, Precision.F64, NaiveDense.logSpaced(n, kappa), new Random(seed));
      double[][] residuals = new double[n][];
      double[][] steps = new double[n][];
      double[] before = new double[n];
      for (int k = 0; k < n; k++) {
        residuals[k] = NaiveDense.minus(s.rhs, NaiveDense.product(s.matrix, before));
        solve(w, s, exactly(k + 1));
        double[] x = s.x.toArray();
        steps[k] = NaiveDense.minus(x, before);
        before = x;
      }
      // Relative to the first residual and step, of which the later ones are rounded remains.
      double bound = n * n * n * Math.pow(kappa, n - 1) * s.u;
      double[] first = residuals[0];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
          double r = NaiveDense.dot(residuals[i], residuals[j]);
          assertTrue(Math.abs(r) <= bound * NaiveDense.dot(first, first), "residuals " + r);
          double p = NaiveDense.dot(steps[i], NaiveDense.product(s.matrix, steps[j]));
          double scale = NaiveDense.dot(s.rhs, s.solution);
          assertTrue(Math.abs(p) <= bound * scale, "steps " + p + " of " + scale);
        }
      }
    }
  }

  /**
   * xₖ minimises φ over a space that holds it: xₖᵀ(b − Axₖ) = 0. And every step has a part along xₖ
   * that is not negative (Steihaug 1983), so that ‖xₖ₊₁‖² ≥ ‖xₖ‖² + ‖xₖ₊₁ − xₖ‖².
   */
  @Property(tries = 300)
  void fromZeroTheResidualIsOrthogonalToTheIterateAndItsNormGrows(
      @ForAll Precision precision, @ForAll long seed, @ForAll @IntRange(min = 2, max = 5) int n) {
    double kappa = 5;
    try (Workspace w = Workspace.create()) {
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, kappa), new Random(seed));
      // As in residualsAreOrthogonalAndStepsConjugate.
      double bound = n * n * n * Math.pow(kappa, n - 1) * s.u;
      double[] before = new double[n];
      for (int k = 1; k <= n; k++) {
        solve(w, s, exactly(k));
        double[] x = s.x.toArray();
        double along = NaiveDense.dot(s.rhs, x);
        double square = NaiveDense.dot(x, NaiveDense.product(s.matrix, x));
        double energy = NaiveDense.dot(s.rhs, s.solution);
        assertEquals(along, square, bound * energy, "xᵀAx and bᵀx of iterate " + k);
        double[] step = NaiveDense.minus(x, before);
        double least = NaiveDense.dot(before, before) + NaiveDense.dot(step, step);
        double slack = bound * NaiveDense.dot(s.solution, s.solution);
        assertTrue(NaiveDense.dot(x, x) >= least - slack, "the norm of iterate " + k);
        before = x;
      }
    }
  }

  @Property(tries = 200)
  void aWarmStartIsNeverWorseThanItsStartAndEndsWhereAColdOneDoes(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @DoubleRange(min = 1, max = 100) double kappa,
      @ForAll @DoubleRange(min = 0, max = 3) double distance,
      @ForAll @IntRange(min = 1, max = 5) int budget) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, kappa), random);
      double[] start = NaiveDense.gaussian(n, random);
      for (int i = 0; i < n; i++) {
        start[i] = s.solution[i] + distance * start[i];
      }
      s.x.copyFrom(start, 0);
      start = s.x.toArray();
      ConjugateGradient few = solver(w, s, exactly(budget));
      few.solve(s.a, s.b, s.x, true);
      double size = NaiveDense.norm(start) + NaiveDense.norm(s.solution);
      double slack = 2 * s.u * (budget + 2) * (4 + n * Math.sqrt(n)) * size * size;
      assertTrue(s.phi(s.x.toArray()) <= s.phi(start) + slack, "φ rose above the start's");
      assertTrue(s.phi(s.x.toArray()) <= slack, "φ rose above that of 0");

      double tolerance = Math.min(0.5, n * s.u * kappa);
      ConjugateGradient full = solver(w, s, new CgOptions(tolerance, false, 1000));
      s.x.copyFrom(start, 0);
      assertEquals(CgStatus.CONVERGED, full.solve(s.a, s.b, s.x, true));
      double[] warm = s.x.toArray();
      int iterations = full.iterations();
      assertEquals(CgStatus.CONVERGED, full.solve(s.a, s.b, s.x, false));
      double target = 2 * tolerance * NaiveDense.norm(s.rhs);
      double drifts = 2 * s.u * (iterations + full.iterations() + 3) * (4 + n * Math.sqrt(n));
      double apart = NaiveDense.norm(NaiveDense.minus(warm, s.x.toArray()));
      assertTrue(apart <= kappa * (target + drifts * size) * 1.01, "cold and warm: " + apart);
    }
  }

  @Property(tries = 200)
  void scalingByAPowerOfTwoChangesNoBit(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @IntRange(min = -20, max = 20) int exponent) {
    try (Workspace w = Workspace.create()) {
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, 50), new Random(seed));
      double scale = Math.scalb(1.0, exponent);
      double[][] matrix = new double[n][n];
      double[] rhs = new double[n];
      for (int i = 0; i < n; i++) {
        rhs[i] = scale * s.rhs[i];
        for (int j = 0; j < n; j++) {
          matrix[i][j] = scale * s.matrix[i][j];
        }
      }
      SpdSystem scaled = new SpdSystem(w, precision, matrix, rhs);
      ConjugateGradient one = solver(w, s, CgOptions.defaults());
      ConjugateGradient other = solver(w, scaled, CgOptions.defaults());
      assertEquals(
          one.solve(s.a, s.b, s.x, false), other.solve(scaled.a, scaled.b, scaled.x, false));
      assertEquals(one.iterations(), other.iterations());
      assertArrayEquals(s.x.toArray(), scaled.x.toArray());
    }
  }

  @Property(tries = 200)
  void theExactInverseAsPreconditionerTakesOneIteration(
      @ForAll Precision precision,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int n,
      @ForAll @DoubleRange(min = 1, max = 100) double kappa) {
    try (Workspace w = Workspace.create()) {
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, kappa), new Random(seed));
      Mat inverse = Mat.allocate(w, n, n, precision);
      for (int i = 0; i < n; i++) {
        double[] e = new double[n];
        e[i] = 1;
        inverse.copyRowFrom(i, NaiveDense.solve(s.matrix, e), 0);
      }
      // Rounding the inverse, ‖M⁻¹‖ ≤ κ, and both products leaves u·κ·n√n each of b, and √κ times
      // that in the norm of the preconditioner.
      double tolerance = Math.min(0.5, 4 * s.u * Math.pow(kappa, 1.5) * (4 + n * Math.sqrt(n)));
      ConjugateGradient cg =
          new ConjugateGradient(w, n, precision, true, new CgOptions(tolerance, false, 10));
      assertEquals(CgStatus.CONVERGED, cg.solve(s.a, new DenseSymmetric(inverse), s.b, s.x, false));
      assertEquals(1, cg.iterations());
    }
  }

  @Property(tries = 200)
  void jacobiSolvesABadlyScaledSystemInFewerIterations(
      @ForAll Precision precision, @ForAll long seed, @ForAll @IntRange(min = 8, max = 20) int n) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      double[][] matrix = NaiveDense.withEigenvalues(NaiveDense.logSpaced(n, 2), random);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          matrix[i][j] *= Math.scalb(1.0, -(i % 8) - (j % 8));
        }
      }
      SpdSystem s = new SpdSystem(w, precision, matrix, NaiveDense.gaussian(n, random));
      Vec inverse = Vec.allocate(w, n, precision);
      for (int i = 0; i < n; i++) {
        inverse.set(i, 1 / s.matrix[i][i]);
      }
      CgOptions options = new CgOptions(1e-4, false, 1000);
      ConjugateGradient cg = new ConjugateGradient(w, n, precision, true, options);
      assertEquals(CgStatus.CONVERGED, cg.solve(s.a, s.b, s.x, false));
      int plain = cg.iterations();
      assertEquals(CgStatus.CONVERGED, cg.solve(s.a, new Diagonal(inverse), s.b, s.x, false));
      assertTrue(cg.iterations() < plain, cg.iterations() + " against " + plain);
      // The scaled condition number is at most 4: 2 of the matrix, 2 of its diagonal.
      double steps = Math.log(2 * Math.sqrt(4) / 1e-4) / -Math.log(rho(4));
      assertTrue(cg.iterations() <= Math.ceil(steps), "iterations " + cg.iterations());
    }
  }

  @Property(tries = 200)
  void theSameSolveTwiceGivesTheSameBits(
      @ForAll Precision precision, @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int n) {
    try (Workspace w = Workspace.create()) {
      Random random = new Random(seed);
      SpdSystem s = new SpdSystem(w, precision, NaiveDense.logSpaced(n, 100), random);
      SpdSystem other = new SpdSystem(w, precision, NaiveDense.logSpaced(n, 7), random);
      ConjugateGradient cg = solver(w, s, CgOptions.defaults());
      CgStatus status = cg.solve(s.a, s.b, s.x, false);
      double[] first = s.x.toArray();
      int iterations = cg.iterations();
      double phi = cg.phi();
      cg.solve(other.a, other.b, other.x, false);
      assertEquals(status, cg.solve(s.a, s.b, s.x, false));
      assertArrayEquals(first, s.x.toArray());
      assertEquals(iterations, cg.iterations());
      assertEquals(phi, cg.phi());
    }
  }
}
