package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.Rounding;
import dev.natgrad.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Kronecker factors, their products and damped inverses against dense matrices. */
class KroneckerProperties {
  private static void assertFactor(String what, Bounded[][] expected, Mat actual) {
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j <= i; j++) {
        double value = actual.get(i, j);
        assertTrue(
            expected[i][j].allows(value),
            what + "[" + i + ", " + j + "] is " + value + ", expected " + expected[i][j]);
      }
    }
  }

  @Property(tries = 100)
  void theFactorsOfTheFirstSamplesAreTheOracles(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int draws) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      int rows = 1 + c.random.nextInt(c.batch);
      Mat mean = c.mean.top(rows);
      KroneckerFactors factors = c.factors();
      factors.updateSampled(mean, draws, seed, 5);
      List<Mat> scores = new ArrayList<>();
      for (int n = 0; n < draws; n++) {
        Mat targets = c.outputs().top(rows);
        Mat scored = c.outputs().top(rows);
        c.distribution.sample(mean, seed, 5L * draws + n, targets);
        c.distribution.score(1, mean, targets, scored);
        scores.add(scored);
      }
      check(c, factors, rows, scores);

      factors.reset();
      factors.updateSigns(mean, draws, seed, 5);
      scores.clear();
      for (int n = 0; n < draws; n++) {
        Mat scored = c.outputs().top(rows);
        Vec signs = Vec.allocate(w, rows * scored.cols(), precision);
        Signs.fill(signs, seed, Streams.FACTORS + 5L * draws + n);
        c.distribution.fisherFactor(1, mean, signs.asMat(rows, scored.cols()), scored);
        scores.add(scored);
      }
      check(c, factors, rows, scores);

      factors.reset();
      Mat targets = c.outputs().top(rows);
      c.distribution.sample(mean, 77, 0, targets);
      factors.updateEmpirical(mean, targets);
      Mat scored = c.outputs().top(rows);
      c.distribution.score(1, mean, targets, scored);
      check(c, factors, rows, List.of(scored));
    }
  }

  private static void check(KroneckerCase c, KroneckerFactors factors, int rows, List<Mat> scores) {
    for (int l = 0; l < c.layers().size(); l++) {
      List<Bounded[]> inputs = new ArrayList<>();
      List<Bounded[]> deltas = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        inputs.add(c.inputs(l, i));
        for (Mat score : scores) {
          deltas.add(c.delta(l, i, c.row(score, i)));
        }
      }
      assertFactor("A" + l, c.meanOfSquares(inputs), factors.inputFactor(l));
      assertFactor("G" + l, c.meanOfSquares(deltas), factors.outputFactor(l));
    }
  }

  /** One layer and outputs whose F_z is the same at every sample: nothing is approximated. */
  @Property(tries = 200)
  void exactOnOneLayerWithGaussianOutputs(@ForAll Precision precision, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, Family.GAUSSIAN, seed, 1);
      KroneckerFactors factors = c.factors();
      factors.updateExact(c.mean);
      ExactFisher exact =
          new ExactFisher(w, c.linearization, c.distribution, c.parameters, c.batch, precision);
      exact.setPoint(c.mean);
      Vec v = c.randomVector();
      Vec expected = Vec.allocate(w, c.parameters, precision);
      Vec actual = Vec.allocate(w, c.parameters, precision);
      exact.apply(1, v, 0, expected);
      factors.apply(1, v, 0, actual);
      double[][] sizes = KroneckerCase.absolute(KroneckerCase.symmetric(factors.inputFactor(0), 0));
      for (int i = 0; i < sizes.length; i++) {
        for (int j = 0; j < sizes.length; j++) {
          // Sums of products with signs cancel in A; Cauchy and Schwarz bound their terms.
          double aii = factors.inputFactor(0).get(i, i);
          sizes[i][j] = Math.sqrt(aii * factors.inputFactor(0).get(j, j));
        }
      }
      double[][] g = KroneckerCase.absolute(KroneckerCase.symmetric(factors.outputFactor(0), 0));
      double[] size =
          NaiveDense.product(
              KroneckerCase.kronecker(sizes, g),
              Arrays.stream(v.toArray()).map(Math::abs).toArray());
      int terms = 2 * (c.batch + c.x.cols() + 1 + c.model.outputs()) + 16;
      for (int i = 0; i < c.parameters; i++) {
        double bound = 2 * Rounding.gamma(terms, precision) * size[i];
        assertEquals(expected.get(i), actual.get(i), bound, "entry " + i);
      }
    }
  }

  @Property(tries = 200)
  void aProductIsThatOfTheDenseKroneckerProducts(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll @IntRange(min = -2, max = 2) int alpha,
      @ForAll @IntRange(min = -2, max = 2) int beta) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      KroneckerFactors factors = c.factors();
      factors.updateSampled(c.mean, 1, seed, 0);
      factors.updateSampled(c.mean, 1, seed, 1);
      Vec v = c.randomVector();
      Vec y = c.randomVector();
      double[] before = y.toArray();
      if (beta == 0) {
        double[] nan = new double[c.parameters];
        Arrays.fill(nan, Double.NaN);
        y.copyFrom(nan, 0);
      }
      factors.apply(alpha, v, beta, y);
      for (int l = 0; l < c.layers().size(); l++) {
        double[][] a = KroneckerCase.symmetric(factors.inputFactor(l), 0);
        double[][] g = KroneckerCase.symmetric(factors.outputFactor(l), 0);
        double[][] f = KroneckerCase.kronecker(a, g);
        double[] block = c.block(v, l);
        double[] exact = NaiveDense.product(f, block);
        double[] size =
            NaiveDense.product(
                KroneckerCase.absolute(f), Arrays.stream(block).map(Math::abs).toArray());
        int at = c.layers().get(l).weightOffset();
        double gamma = Rounding.gamma(2L * (a.length + g.length) + 8, precision);
        for (int i = 0; i < block.length; i++) {
          double old = beta == 0 ? 0 : beta * before[at + i];
          double bound = gamma * (Math.abs(alpha) * size[i] + Math.abs(old));
          assertEquals(alpha * exact[i] + old, y.get(at + i), bound, "entry " + (at + i));
        }
      }
    }
  }

  /** F_l·X_l = I on every layer, with the damping that the formula of π says. */
  @Property(tries = 200)
  void theInverseIsThatOfTheDampedFactors(
      @ForAll Precision precision,
      @ForAll Family family,
      @ForAll long seed,
      @ForAll @IntRange(min = -8, max = 2) int exponent) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      KroneckerFactors factors = c.factors();
      factors.updateSampled(c.mean, 2, seed, 0);
      KroneckerInverse inverse = new KroneckerInverse(w, factors);
      double gamma = Math.scalb(1.0, exponent);
      assertTrue(inverse.refresh(gamma));
      assertEquals(0, inverse.raises());
      assertEquals(gamma, inverse.gamma());
      Vec v = c.randomVector();
      Vec d = Vec.allocate(w, c.parameters, precision);
      inverse.solve(v, d);
      assertTrue(NaiveDense.dot(v.toArray(), d.toArray()) > 0, "not positive definite");
      for (int l = 0; l < c.layers().size(); l++) {
        checkInverse(c, factors, gamma, l, c.block(v, l), c.block(d, l));
      }
    }
  }

  private static void checkInverse(
      KroneckerCase c, KroneckerFactors factors, double gamma, int l, double[] v, double[] d) {
    double[][] a = KroneckerCase.symmetric(factors.inputFactor(l), 0);
    double[][] g = KroneckerCase.symmetric(factors.outputFactor(l), 0);
    double meanA = KroneckerCase.trace(a) / a.length;
    double meanG = KroneckerCase.trace(g) / g.length;
    double pi = meanG == 0 ? 1 : Math.sqrt(meanA / meanG);
    a = KroneckerCase.symmetric(factors.inputFactor(l), gamma * pi);
    g = KroneckerCase.symmetric(factors.outputFactor(l), gamma / pi);
    double[] residual = NaiveDense.product(KroneckerCase.kronecker(a, g), d);
    // Cholesky's backward error (Higham, theorem 10.3) and two triangular solves, in norm, for
    // each factor: 8n·u·κ; the rounding of the two products moves the result by (n + m)·u of
    // ‖X_A‖‖V‖‖X_G‖, which F brings to κ_A·κ_G. A trace bounds a norm.
    double conditionA = KroneckerCase.trace(a) / (gamma * pi);
    double conditionG = KroneckerCase.trace(g) / (gamma / pi);
    double n = 8.0 * (a.length + 1) * (a.length + g.length);
    double bound = n * c.u * (conditionA + conditionG + 2 * conditionA * conditionG);
    double error = NaiveDense.norm(NaiveDense.minus(residual, v));
    assertTrue(error <= bound * NaiveDense.norm(v), "layer " + l + " off by " + error);
  }

  @Property(tries = 100)
  void partsAreTheWholeToTheBitAndRunsRepeat(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      Vec v = c.randomVector();
      double[][] results = new double[2][];
      for (int run = 0; run < 2; run++) {
        KroneckerFactors factors = c.factors();
        KroneckerInverse inverse = new KroneckerInverse(w, factors);
        Vec d = Vec.allocate(w, c.parameters, precision);
        factors.updateSampled(c.mean, 1, seed, 0);
        assertTrue(inverse.refresh(1));
        factors.updateSampled(c.mean.top(1), 2, seed, 1);
        if (run == 0) {
          assertTrue(inverse.refresh(0.25));
        } else {
          inverse.startRefresh(0.25);
          for (int left = c.layers().size(); left > 0; left--) {
            assertEquals(left, inverse.partsLeft());
            assertTrue(inverse.nextPartFlops() >= 9);
            inverse.solve(v, d);
            assertTrue(inverse.refreshPart());
          }
          assertEquals(0, inverse.partsLeft());
          assertEquals(0, inverse.nextPartFlops());
          assertTrue(inverse.refreshPart());
        }
        inverse.solve(v, d);
        results[run] = d.toArray();
      }
      assertArrayEquals(results[0], results[1]);
    }
  }

  @Property(tries = 50)
  void theMeansRunWithTheStatedDecay(@ForAll Precision precision, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, Family.GAUSSIAN, seed, 1);
      KroneckerFactors factors = c.factors();
      double memory = 0.95;
      double expected = 0;
      double size = 0;
      for (int k = 1; k <= 40; k++) {
        if (k == 30) {
          memory = 0.8;
          factors.setMemory(memory);
        }
        double x = c.random.nextGaussian();
        for (int i = 0; i < c.batch; i++) {
          c.x.set(i, 0, x);
        }
        c.evaluate();
        double stored = c.x.get(0, 0);
        factors.updateExact(c.mean);
        double keep = Math.min(1 - 1.0 / k, memory);
        expected = keep * expected + (1 - keep) * stored * stored;
        size = Math.max(size, expected);
        assertEquals(k, factors.updates());
        double bound = Rounding.gamma(k * (c.batch + 8L), precision) * size;
        assertEquals(expected, factors.inputFactor(0).get(0, 0), bound);
        assertEquals(1, factors.inputFactor(0).get(c.x.cols(), c.x.cols()));
      }
      assertFalse(Double.isNaN(factors.trace()));
    }
  }
}
