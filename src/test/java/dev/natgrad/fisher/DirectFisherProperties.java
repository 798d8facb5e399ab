package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.oracle.NaiveDense;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class DirectFisherProperties {
  enum Kind {
    EXACT,
    SAMPLED,
    EMPIRICAL
  }

  private static Fisher fisher(FisherCase c, Kind kind) {
    switch (kind) {
      case EXACT:
        return c.exact();
      case SAMPLED:
        return c.sampled(2);
      default:
        EmpiricalFisher empirical = empirical(c);
        empirical.setPoint(c.mean, targets(c));
        return empirical;
    }
  }

  private static EmpiricalFisher empirical(FisherCase c) {
    return new EmpiricalFisher(
        c.w, c.linearization, c.distribution, c.parameters, c.batch, c.precision);
  }

  private static Mat targets(FisherCase c) {
    Mat y = Mat.allocate(c.w, c.batch, c.outputs, c.precision);
    c.distribution.sample(c.mean, 77, 0, y);
    return y;
  }

  private static FactorRows rows(FisherCase c, boolean hideLayers) {
    Linearization l = hideLayers ? plain(c.linearization) : c.linearization;
    return new FactorRows(c.w, l, c.outputs, c.parameters, c.batch, c.precision);
  }

  /** The same linearisation without its layers, as a user's own model would be. */
  private static Linearization plain(Linearization inner) {
    return new Linearization() {
      @Override
      public void evaluate(Vec theta, Mat x, Mat z) {
        inner.evaluate(theta, x, z);
      }

      @Override
      public void jvp(Vec v, Mat t) {
        inner.jvp(v, t);
      }

      @Override
      public void vjp(Mat u, double beta, Vec g) {
        inner.vjp(u, beta, g);
      }

      @Override
      public double outputErrorBound() {
        return inner.outputErrorBound();
      }
    };
  }

  /**
   * Entry by entry, by products and by rows. A score, and a column of a factor, is at most 9/√σ²
   * where an entry of F_z, at most 1/σ², stands in the bound; both ways err by it.
   */
  @Property(tries = 200)
  void rowsOfTheFactorGiveTheMatrixOfTheProducts(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll Kind kind,
      @ForAll long seed,
      @ForAll boolean hideLayers) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Fisher f = fisher(c, kind);
      DenseFisher byProducts = new DenseFisher(w, c.parameters, precision);
      byProducts.assemble(f);
      DenseFisher byRows = new DenseFisher(w, rows(c, hideLayers), c.parameters, precision);
      byRows.assemble(f);
      double[] ones = new double[c.parameters];
      java.util.Arrays.fill(ones, 1);
      double[] all = c.empiricalTolerance(targets(c), ones);
      for (int i = 0; i < c.parameters; i++) {
        for (int j = 0; j < c.parameters; j++) {
          double bound = 2 * 81 * Math.max(all[i], all[j]);
          assertEquals(byProducts.matrix().get(i, j), byRows.matrix().get(i, j), bound);
          assertEquals(byRows.matrix().get(j, i), byRows.matrix().get(i, j));
        }
      }
    }
  }

  @Property(tries = 200)
  void theEmpiricalMatrixIsThatOfTheTrainingGradients(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Mat y = targets(c);
      EmpiricalFisher f = empirical(c);
      f.setPoint(c.mean, y);
      Vec v = c.randomVector();
      Vec fv = Vec.allocate(w, c.parameters, precision);
      f.apply(1, v, 0, fv);
      double[] expected = NaiveDense.product(c.empirical(y), v.toArray());
      double[] tolerance = c.empiricalTolerance(y, v.toArray());
      double curvature = 0;
      double slack = 0;
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], fv.get(i), tolerance[i], "entry " + i);
        curvature += v.get(i) * expected[i];
        slack += Math.abs(v.get(i)) * tolerance[i];
      }
      assertEquals(curvature, f.curvature(v), slack);
    }
  }

  @Property(tries = 100)
  void theDiagonalIsTheDenseMatrixs(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll Kind kind,
      @ForAll long seed,
      @ForAll boolean hideLayers) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Fisher f = fisher(c, kind);
      FactorRows rows = rows(c, hideLayers);
      DenseFisher dense = new DenseFisher(w, rows, c.parameters, precision);
      dense.assemble(f);
      DiagonalFisher diagonal = new DiagonalFisher(w, rows, c.parameters, precision);
      diagonal.assemble(f);
      Vec g = c.randomVector();
      Vec damping = c.vec(positive(c, 0.1));
      assertEquals(DirectStatus.SOLVED, diagonal.damp(damping));
      Vec d = c.vec(g.toArray());
      assertEquals(DirectStatus.SOLVED, diagonal.solve(d, d));
      Vec y = Vec.allocate(w, c.parameters, precision);
      diagonal.apply(1, g, 0, y);
      double u = precision.unitRoundoff();
      for (int i = 0; i < c.parameters; i++) {
        // The same squares in another order, with an assembly of R·B ≤ 24 terms each.
        double entry = dense.matrix().get(i, i);
        assertEquals(entry, diagonal.diagonal().get(i), 64 * u * entry);
        double share = diagonal.diagonal().get(i);
        assertEquals(share * g.get(i), y.get(i), 2 * u * Math.abs(y.get(i)));
        double solved = g.get(i) / (share + damping.get(i));
        assertEquals(solved, d.get(i), 4 * u * Math.abs(solved));
      }
    }
  }

  private static double[] positive(FisherCase c, double least) {
    double[] w = new double[c.parameters];
    for (int i = 0; i < w.length; i++) {
      w[i] = least * (1 + 2 * c.random.nextDouble());
    }
    return w;
  }

  /** Estimates of a positive number with relative standard deviation √2 at most. */
  @Property(tries = 12)
  void theEstimatedDiagonalIsWithinItsStandardErrors(
      @ForAll Family family, @ForAll @IntRange(min = 0, max = 3) int seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, Precision.F64, family, seed);
      DiagonalFisher diagonal = new DiagonalFisher(w, null, c.parameters, Precision.F64);
      int probes = 4000;
      diagonal.estimate(c.exact(), probes, seed);
      for (int i = 0; i < c.parameters; i++) {
        double error = Math.abs(c.f[i][i] - diagonal.diagonal().get(i));
        assertTrue(error <= 5 * Math.sqrt(2.0 / probes) * c.f[i][i] + 1e-12, "entry " + i);
      }
    }
  }

  /**
   * Residuals against the dense matrix of the same rows. With T = tr F + max w, κ = T/min w and q =
   * n + P + 16 roundings in a row: Woodbury's difference leaves a residual κqu·T‖d‖, which one
   * refinement multiplies by κqu and adds the rounding of its own residual, qu·T‖d‖; the dense
   * matrix errs by as much.
   */
  @Property(tries = 300)
  void theDualSolvesTheDampedSystem(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll Kind kind,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0.3, max = 3) double scale,
      @ForAll boolean hideLayers) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Fisher f = fisher(c, kind);
      FactorRows rows = rows(c, hideLayers);
      int columns = f.factorColumns();
      DualFisher dual = new DualFisher(w, rows, columns, c.parameters, c.batch, precision);
      dual.assemble(f);
      DenseFisher dense = new DenseFisher(w, rows, c.parameters, precision);
      dense.assemble(f);
      Vec damping = c.vec(positive(c, scale));
      Vec g = c.randomVector();
      Vec d = Vec.allocate(w, c.parameters, precision);
      assertEquals(DirectStatus.SOLVED, dual.damp(damping));
      assertEquals(DirectStatus.SOLVED, dual.solve(g, d));
      double[] solution = d.toArray();
      double[] residual = g.toArray();
      double size = 0;
      double trace = 0;
      for (int i = 0; i < c.parameters; i++) {
        trace += dense.matrix().get(i, i);
        size = Math.max(size, damping.get(i));
        residual[i] -= damping.get(i) * solution[i];
        for (int j = 0; j < c.parameters; j++) {
          residual[i] -= dense.matrix().get(i, j) * solution[j];
        }
      }
      size += trace;
      double qu = (columns * c.batch + c.parameters + 16) * precision.unitRoundoff();
      double kappa = size / scale;
      double share = 8 * qu + Math.pow(8 * kappa * qu, 2);
      double bound = share * size * NaiveDense.norm(solution);
      assertTrue(NaiveDense.norm(residual) <= bound, NaiveDense.norm(residual) + " > " + bound);

      assertEquals(DirectStatus.SOLVED, dense.damp(damping));
      Vec byDense = c.vec(g.toArray());
      assertEquals(DirectStatus.SOLVED, dense.solve(byDense, byDense));
      double apart = NaiveDense.norm(NaiveDense.minus(byDense.toArray(), solution));
      assertTrue(apart <= 2 * bound / scale, "dense and dual are " + apart + " apart");

      // F itself, without the damping.
      Vec y = Vec.allocate(w, c.parameters, precision);
      Vec z = Vec.allocate(w, c.parameters, precision);
      dual.apply(1, g, 0, y);
      dense.apply(1, g, 0, z);
      double between = NaiveDense.norm(NaiveDense.minus(y.toArray(), z.toArray()));
      assertTrue(between <= 4 * qu * trace * NaiveDense.norm(g.toArray()), "products " + between);
      Vec inPlace = c.vec(g.toArray());
      dual.solve(inPlace, inPlace);
      assertArrayEquals(solution, inPlace.toArray());
    }
  }

  /** The exact matrix by the oracle, in double, with one damping for all three ways. */
  @Property(tries = 100)
  void denseAndDualSolveTheOraclesSystem(@ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, Precision.F64, family, seed);
      Fisher f = c.exact();
      FactorRows rows = rows(c, false);
      DualFisher dual =
          new DualFisher(w, rows, f.factorColumns(), c.parameters, c.batch, Precision.F64);
      DenseFisher dense = new DenseFisher(w, rows, c.parameters, Precision.F64);
      double[] damping = positive(c, 0.3);
      Vec g = c.randomVector();
      double[][] matrix = new double[c.parameters][];
      double trace = 0;
      for (int i = 0; i < c.parameters; i++) {
        matrix[i] = c.f[i].clone();
        matrix[i][i] += damping[i];
        trace += matrix[i][i];
      }
      double[] expected = NaiveDense.solve(matrix, g.toArray());
      // A perturbation E of the matrix moves the solution by ‖E‖/min w of it.
      double[] ones = new double[c.parameters];
      java.util.Arrays.fill(ones, 1);
      double moved = 8 * NaiveDense.norm(c.tolerance(ones)) + 200 * 0x1p-53 * trace;
      double bound = 4 * moved / 0.3 * NaiveDense.norm(expected);
      for (DirectFisher form : new DirectFisher[] {dense, dual}) {
        form.assemble(f);
        Vec d = Vec.allocate(w, c.parameters, Precision.F64);
        assertEquals(DirectStatus.SOLVED, form.damp(c.vec(damping)));
        assertEquals(DirectStatus.SOLVED, form.solve(g, d));
        double apart = NaiveDense.norm(NaiveDense.minus(expected, d.toArray()));
        assertTrue(apart <= bound, form + " is " + apart + " off; bound " + bound);
      }
    }
  }
}
