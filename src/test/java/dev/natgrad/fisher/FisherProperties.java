package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FisherProperties {
  private static void assertClose(double[] expected, Vec actual, double[] tolerance) {
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual.get(i));
      assertTrue(error <= tolerance[i], "entry " + i + " off by " + error + " > " + tolerance[i]);
    }
  }

  /** The oracle's Jacobian, written out by hand, against central differences. */
  @Property(tries = 100)
  void theOraclesJacobianIsThatOfFiniteDifferences(@ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, Precision.F64, family, seed);
      double h = 0x1p-17;
      double u = Precision.F64.unitRoundoff();
      double[] theta = c.theta.toArray();
      double[] x = c.row(0);
      double[][] jacobian = c.oracle.jacobian(x);
      double[][] sizes = c.oracle.sizes(x);
      int hidden = c.model.layers().get(0).width();
      double largest = 1;
      for (double entry : x) {
        largest = Math.max(largest, Math.abs(entry));
      }
      for (int p = 0; p < theta.length; p++) {
        double[] up = theta.clone();
        double[] down = theta.clone();
        up[p] += h;
        down[p] -= h;
        double[] plus =
            new dev.natgrad.oracle.NaiveFisher(x.length, hidden, c.outputs, up).outputs(x);
        double[] minus =
            new dev.natgrad.oracle.NaiveFisher(x.length, hidden, c.outputs, down).outputs(x);
        for (int k = 0; k < c.outputs; k++) {
          double difference = (plus[k] - minus[k]) / (2 * h);
          // |tanh‴| ≤ 2, so |∂³z| ≤ 2·largest²·|J| of slope 1; and the rounding of z over 2h.
          double truncation = h * h / 3 * largest * largest * sizes[k][p];
          double size = 1;
          for (int q = 0; q < theta.length; q++) {
            size += sizes[k][q] * Math.abs(theta[q]);
          }
          double rounding = 4 * theta.length * u * size / h;
          double error = Math.abs(difference - jacobian[k][p]);
          assertTrue(error <= truncation + rounding, "∂z" + k + "/∂θ" + p + " off by " + error);
        }
      }
    }
  }

  @Property(tries = 200)
  void exactAndDenseAreTheOracles(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      ExactFisher fisher = c.exact();
      DenseFisher dense = new DenseFisher(w, c.parameters, precision);
      dense.assemble(fisher);
      Vec y = Vec.allocate(w, c.parameters, precision);
      for (int i = 0; i < c.parameters; i++) {
        double[] e = new double[c.parameters];
        e[i] = 1;
        fisher.apply(1, c.vec(e), 0, y);
        assertClose(c.f[i], y, c.tolerance(e));
        for (int j = 0; j < c.parameters; j++) {
          assertEquals(dense.matrix().get(i, j), dense.matrix().get(j, i));
          double[] ej = new double[c.parameters];
          ej[j] = 1;
          double bound = Math.max(c.tolerance(e)[j], c.tolerance(ej)[i]);
          assertEquals(c.f[i][j], dense.matrix().get(i, j), bound);
        }
      }
    }
  }

  @Property(tries = 300)
  void aProductHasFiveArguments(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll @IntRange(min = -2, max = 2) int alpha,
      @ForAll @IntRange(min = -2, max = 2) int beta) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Vec v = c.randomVector();
      Vec y = c.randomVector();
      double[] before = y.toArray();
      double[] expected = NaiveDense.product(c.f, v.toArray());
      double[] tolerance = c.tolerance(v.toArray());
      double u = precision.unitRoundoff();
      for (int i = 0; i < expected.length; i++) {
        expected[i] = alpha * expected[i] + beta * before[i];
        tolerance[i] = Math.abs(alpha) * tolerance[i] + 3 * u * Math.abs(beta * before[i]);
        tolerance[i] += u * Math.abs(expected[i]);
      }
      if (beta == 0) {
        double[] nan = new double[c.parameters];
        java.util.Arrays.fill(nan, Double.NaN);
        y.copyFrom(nan, 0);
      }
      c.exact().apply(alpha, v, beta, y);
      assertClose(expected, y, tolerance);
    }
  }

  @Property(tries = 500)
  void symmetricPositiveAndWithTheFactorsCurvature(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll @IntRange(min = -30, max = 30) int exponent,
      @ForAll boolean sampled) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Fisher fisher = sampled ? c.sampled(2) : c.exact();
      double[] a = c.randomVector().toArray();
      for (int i = 0; i < a.length; i++) {
        a[i] = Math.scalb(a[i], exponent);
      }
      double[] b = c.randomVector().toArray();
      Vec fa = Vec.allocate(w, c.parameters, precision);
      Vec fb = Vec.allocate(w, c.parameters, precision);
      fisher.apply(1, c.vec(a), 0, fa);
      fisher.apply(1, c.vec(b), 0, fb);
      // A score is at most max(1, |y − µ|/σ²), below 9/√σ² for the generator's normals; squared it
      // stands where an entry of F_z, at most 1/σ², stands in the bound.
      double scale = sampled ? 81 : 1;
      double asymmetry = NaiveDense.dot(b, fa.toArray()) - NaiveDense.dot(a, fb.toArray());
      double bound = scale * (c.tolerance(a, b) + c.tolerance(b, a));
      assertTrue(Math.abs(asymmetry) <= bound, "asymmetric by " + asymmetry);
      double product = NaiveDense.dot(a, fa.toArray());
      double rounding = scale * c.tolerance(a, a);
      assertTrue(product >= -rounding, "vᵀFv is " + product);
      double curvature = fisher.curvature(c.vec(a));
      assertTrue(curvature >= 0, "curvature is " + curvature);
      assertEquals(product, curvature, 2 * rounding);
      if (!sampled) {
        double exact = NaiveDense.dot(a, NaiveDense.product(c.f, a));
        assertEquals(exact, curvature, rounding);
      }
    }
  }

  @Property(tries = 200)
  void linear(@ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      ExactFisher fisher = c.exact();
      double[] a = c.randomVector().toArray();
      double[] b = c.randomVector().toArray();
      double[] sum = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        sum[i] = 2 * a[i] - 3 * b[i];
      }
      Vec stored = c.vec(sum);
      Vec y = Vec.allocate(w, c.parameters, precision);
      fisher.apply(2, c.vec(a), 0, y);
      fisher.apply(-3, c.vec(b), 1, y);
      double[] parts = y.toArray();
      fisher.apply(1, stored, 0, y);
      double[] size = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        size[i] = 2 * Math.abs(a[i]) + 3 * Math.abs(b[i]) + Math.abs(sum[i]);
      }
      assertClose(parts, y, c.tolerance(size));
    }
  }

  @Property(tries = 200)
  void theSameVectorTwiceGivesTheSameBitsWhateverCameBetween(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll boolean sampled) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Fisher fisher = sampled ? c.sampled(3) : c.exact();
      Vec v = c.randomVector();
      Vec y = Vec.allocate(w, c.parameters, precision);
      fisher.apply(1, v, 0, y);
      double[] first = y.toArray();
      double curvature = fisher.curvature(v);
      double trace = fisher.trace(2, seed, y);
      fisher.apply(1, c.randomVector(), 0, y);
      fisher.apply(1, v, 0, y);
      assertArrayEquals(first, y.toArray());
      assertEquals(curvature, fisher.curvature(v));
      assertEquals(trace, fisher.trace(2, seed, y));
    }
  }

  /** By the biases and by equal columns of the last layer: exactly, whatever Σp is rounded to. */
  @Property(tries = 200)
  void shiftingAllLogitsIsInTheNullSpaceOfTheCategorical(
      @ForAll Precision precision, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, Family.CATEGORICAL, seed);
      double[] v = new double[c.parameters];
      int hidden = c.model.layers().get(0).width();
      for (int row = 0; row <= hidden; row++) {
        double shift = 100 * c.random.nextGaussian();
        for (int k = 0; k < c.outputs; k++) {
          v[c.parameters - (row + 1) * c.outputs + k] = shift;
        }
      }
      Vec y = Vec.allocate(w, c.parameters, precision);
      c.exact().apply(1, c.vec(v), 0, y);
      for (int i = 0; i < c.parameters; i++) {
        assertEquals(0, Math.abs(y.get(i)));
      }
      assertEquals(0, c.exact().curvature(c.vec(v)));
    }
  }

  /** Fixed seeds: a mean of repetitions within 5 of its own standard errors. */
  @Property(tries = 12)
  void sampledTendsToExactAsOneOverTheRootOfTheDraws(
      @ForAll Family family, @ForAll @IntRange(min = 0, max = 3) int seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, Precision.F64, family, seed);
      double[] a = c.randomVector().toArray();
      Vec v = c.vec(a);
      double exact = NaiveDense.dot(a, NaiveDense.product(c.f, a));
      int repetitions = 400;
      double[] deviations = new double[2];
      int[] draws = {1, 16};
      for (int which = 0; which < 2; which++) {
        SampledFisher fisher = c.sampled(draws[which]);
        double sum = 0;
        double squares = 0;
        for (int r = 0; r < repetitions; r++) {
          fisher.resample(c.mean, 1000 * which + r);
          double estimate = fisher.curvature(v);
          sum += estimate;
          squares += (estimate - exact) * (estimate - exact);
        }
        deviations[which] = Math.sqrt(squares / repetitions);
        double standardError = deviations[which] / Math.sqrt(repetitions);
        double bias = sum / repetitions - exact;
        assertTrue(Math.abs(bias) <= 5 * standardError, draws[which] + " draws: bias " + bias);
      }
      // A standard deviation of 400 estimates is itself uncertain by √((kurtosis − 1)/1600); with a
      // kurtosis up to 60 (squared normals, rare classes) 5 of these are within a factor 2.
      double ratio = deviations[0] / deviations[1];
      assertTrue(ratio > 2 && ratio < 8, "deviations fall by " + ratio + " and not by 4");
    }
  }

  @Property(tries = 12)
  void setPointDrawsAnewAndResampleTheSame(@ForAll Precision precision, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, Family.GAUSSIAN, seed);
      SampledFisher fisher = c.sampled(2);
      Vec v = c.randomVector();
      double first = fisher.curvature(v);
      fisher.setPoint(c.mean);
      assertTrue(fisher.curvature(v) != first, "the second point repeats the draws of the first");
      fisher.resample(c.mean, 1);
      assertEquals(first, fisher.curvature(v));
    }
  }

  /** A probe's square has the diagonal as mean and a variance of at most 2Fᵢᵢ². */
  @Property(tries = 30)
  void probesAndTraceAreWithinTheirStandardErrors(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll @IntRange(min = 0, max = 4) int seed,
      @ForAll boolean sampled) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      Fisher fisher = sampled ? c.sampled(3) : c.exact();
      DenseFisher dense = new DenseFisher(w, c.parameters, precision);
      dense.assemble(fisher);
      int probes = 4000;
      double[] means = new double[c.parameters];
      Vec g = Vec.allocate(w, c.parameters, precision);
      for (int probe = 0; probe < probes; probe++) {
        fisher.probe(seed, probe, g);
        for (int i = 0; i < c.parameters; i++) {
          means[i] += g.get(i) * g.get(i) / probes;
        }
      }
      // What is computed as 0 or nearly so differs between two ways of computing it.
      double rounding = 1000 * precision.unitRoundoff();
      double trace = 0;
      double squares = 0;
      for (int i = 0; i < c.parameters; i++) {
        double entry = dense.matrix().get(i, i);
        double standardError = Math.sqrt(2.0 / probes) * entry;
        assertEquals(entry, means[i], 5 * standardError + rounding, "entry " + i);
        trace += entry;
        for (int j = 0; j < c.parameters; j++) {
          squares += dense.matrix().get(i, j) * dense.matrix().get(i, j);
        }
      }
      double estimate = fisher.trace(probes, seed, g);
      double standardError = Math.sqrt(2 * squares / probes);
      assertEquals(trace, estimate, 5 * standardError + rounding * trace);
    }
  }

  @Property(tries = 200)
  void denseSolvesTheDampedSystem(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      DenseFisher dense = new DenseFisher(w, c.parameters, precision);
      dense.assemble(c.exact());
      double lambda = 0.25;
      Vec b = c.randomVector();
      Vec x = Vec.allocate(w, c.parameters, precision);
      assertEquals(DirectStatus.SOLVED, dense.damp(lambda));
      assertEquals(DirectStatus.SOLVED, dense.solve(b, x));
      int n = c.parameters;
      double[] solved = x.toArray();
      double[] residual = b.toArray();
      double trace = 0;
      for (int i = 0; i < n; i++) {
        trace += dense.matrix().get(i, i) + lambda;
        residual[i] -= lambda * solved[i];
        for (int j = 0; j < n; j++) {
          residual[i] -= dense.matrix().get(i, j) * solved[j];
        }
      }
      // Higham, theorem 10.4: |b − Ax| ≤ γ₃ₙ₊₁|L||Lᵀ||x|, and ‖|L||Lᵀ|‖ ≤ ‖L‖²_F = tr A.
      double terms = (3 * n + 2) * precision.unitRoundoff();
      double bound = terms / (1 - terms) * trace * NaiveDense.norm(solved);
      assertTrue(NaiveDense.norm(residual) <= bound, "residual above " + bound);
      Vec y = Vec.allocate(w, n, precision);
      dense.apply(1, x, 0, y);
      double curvature = dense.curvature(x);
      double slack = n * precision.unitRoundoff() * trace * NaiveDense.dot(solved, solved);
      assertEquals(NaiveDense.dot(solved, y.toArray()), curvature, slack);
      Vec inPlace = c.vec(b.toArray());
      assertEquals(DirectStatus.SOLVED, dense.solve(inPlace, inPlace));
      assertArrayEquals(solved, inPlace.toArray());
    }
  }

  /** A batch of fewer rows than the largest: views of the first rows of the same buffers. */
  @Property(tries = 100)
  void aSmallerBatchIsTheOneOfItsOwnSize(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll boolean sampled) {
    try (Workspace w = Workspace.create()) {
      FisherCase c = new FisherCase(w, precision, family, seed);
      int rows = 1 + new Random(seed).nextInt(c.batch);
      Mat top = c.x.top(rows);
      Mat mean = Mat.allocate(w, rows, c.outputs, precision);
      Fisher large = sampled ? c.sampled(2) : c.exact();
      Fisher own =
          sampled
              ? new SampledFisher(
                  w, c.linearization, c.distribution, c.parameters, rows, 2, 1, precision)
              : new ExactFisher(w, c.linearization, c.distribution, c.parameters, rows, precision);
      c.linearization.evaluate(c.theta, top, mean);
      c.distribution.mean(mean, mean);
      own.setPoint(mean);
      if (large instanceof SampledFisher draws) {
        draws.resample(mean, 1);
      } else {
        large.setPoint(mean);
      }
      Vec v = c.randomVector();
      Vec y = Vec.allocate(w, c.parameters, precision);
      own.apply(1, v, 0, y);
      double[] expected = y.toArray();
      large.apply(1, v, 0, y);
      assertArrayEquals(expected, y.toArray());
      assertEquals(own.curvature(v), large.curvature(v));
    }
  }
}
