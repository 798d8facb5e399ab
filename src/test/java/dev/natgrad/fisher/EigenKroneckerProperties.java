package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Kronecker factors with corrected eigenvalues. */
class EigenKroneckerProperties {
  private static EigenKroneckerFisher of(KroneckerCase c, KroneckerFactors factors) {
    return new EigenKroneckerFisher(c.w, factors, c.linearization, c.distribution, c.batch);
  }

  /** Norm of A ⊗ G by traces, over all layers. */
  private static double norm(KroneckerCase c, KroneckerFactors factors) {
    double largest = 0;
    for (int l = 0; l < c.layers().size(); l++) {
      double a = KroneckerFactors.trace(factors.inputFactor(l));
      largest = Math.max(largest, a * KroneckerFactors.trace(factors.outputFactor(l)));
    }
    return largest;
  }

  /** Roundings of the eigenvectors (64(n + 1)u, as their own test says) and of five products. */
  private static double roundings(KroneckerCase c) {
    double n = 0;
    for (int l = 0; l < c.layers().size(); l++) {
      n = Math.max(n, c.layers().get(l).rows() + c.layers().get(l).outputs() + c.batch);
    }
    return 128 * (n + 2) * n * c.u;
  }

  private static void assertClose(Vec expected, Vec actual, double bound) {
    double error = NaiveDense.norm(NaiveDense.minus(expected.toArray(), actual.toArray()));
    assertTrue(error <= bound, "off by " + error + " > " + bound);
  }

  @Property(tries = 100)
  void freshFromItsFactorsItIsTheirProduct(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      KroneckerFactors factors = c.factors();
      factors.updateSampled(c.mean, 2, seed, 0);
      EigenKroneckerFisher eigen = of(c, factors);
      assertTrue(eigen.refresh());
      Vec v = c.randomVector();
      Vec expected = Vec.allocate(w, c.parameters, precision);
      Vec actual = Vec.allocate(w, c.parameters, precision);
      factors.apply(1, v, 0, expected);
      eigen.apply(1, v, 0, actual);
      double size = NaiveDense.norm(v.toArray());
      assertClose(expected, actual, roundings(c) * norm(c, factors) * size);
    }
  }

  /** One layer and Gaussian outputs: both are the exact Fisher matrix. */
  @Property(tries = 100)
  void exactWhereTheFactorsAre(@ForAll Precision precision, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, Family.GAUSSIAN, seed, 1);
      KroneckerFactors factors = c.factors();
      factors.updateExact(c.mean);
      EigenKroneckerFisher eigen = of(c, factors);
      assertTrue(eigen.refresh());
      eigen.updateExact(c.mean);
      ExactFisher exact =
          new ExactFisher(w, c.linearization, c.distribution, c.parameters, c.batch, precision);
      exact.setPoint(c.mean);
      Vec v = c.randomVector();
      Vec expected = Vec.allocate(w, c.parameters, precision);
      Vec actual = Vec.allocate(w, c.parameters, precision);
      exact.apply(1, v, 0, expected);
      eigen.apply(1, v, 0, actual);
      double size = NaiveDense.norm(v.toArray());
      assertClose(expected, actual, roundings(c) * norm(c, factors) * size);
    }
  }

  /** S is the diagonal of the block in its basis, for whatever the samples are. */
  @Property(tries = 60)
  void theMomentsAreTheDiagonalOfTheExactBlocks(@ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F64, family, seed);
      KroneckerFactors factors = c.factors();
      factors.updateExact(c.mean);
      EigenKroneckerFisher eigen = of(c, factors);
      assertTrue(eigen.refresh());
      eigen.updateExact(c.mean);
      ExactFisher exact =
          new ExactFisher(w, c.linearization, c.distribution, c.parameters, c.batch, c.precision);
      exact.setPoint(c.mean);
      double trace = 0;
      for (int i = 0; i < c.parameters; i++) {
        Vec e = Vec.allocate(w, c.parameters, c.precision);
        e.set(i, 1);
        trace += exact.curvature(e);
      }
      double sum = 0;
      for (int l = 0; l < c.layers().size(); l++) {
        for (double s : eigen.moments(l).toArray()) {
          assertTrue(s >= 0);
          sum += s;
        }
      }
      assertEquals(trace, sum, roundings(c) * c.parameters * trace);
    }
  }

  @Property(tries = 100)
  void aSolveInvertsTheDampedMatrix(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      KroneckerFactors factors = c.factors();
      factors.updateSampled(c.mean, 1, seed, 0);
      EigenKroneckerFisher eigen = of(c, factors);
      assertTrue(eigen.refresh());
      eigen.updateSampled(c.mean, 2, seed, 1);
      eigen.updateSigns(c.mean.top(1), 1, seed, 2);
      double largest = 0;
      for (int l = 0; l < c.layers().size(); l++) {
        for (double s : eigen.moments(l).toArray()) {
          largest = Math.max(largest, s);
        }
      }
      double lambda = 0.125;
      Vec b = c.randomVector();
      Vec d = Vec.allocate(w, c.parameters, precision);
      Vec back = Vec.allocate(w, c.parameters, precision);
      eigen.solve(lambda, b, d);
      assertTrue(NaiveDense.dot(b.toArray(), d.toArray()) > 0 || largest > 1e3);
      eigen.apply(1, d, 0, back);
      dev.natgrad.linalg.Blas.axpy(lambda, d, back);
      double condition = 1 + largest / lambda;
      double size = NaiveDense.norm(b.toArray());
      assertClose(b, back, 4 * roundings(c) * condition * size);

      double[] first = d.toArray();
      EigenKroneckerFisher again = of(c, factors);
      again.startRefresh();
      while (again.partsLeft() > 0) {
        assertTrue(again.refreshPart());
      }
      again.updateSampled(c.mean, 2, seed, 1);
      again.updateSigns(c.mean.top(1), 1, seed, 2);
      again.solve(lambda, b, d);
      assertArrayEquals(first, d.toArray());
    }
  }

  /** The derivatives' factor is fine; the inputs', which comes after it, is not. */
  @Example
  void aRefreshThatFailsLeavesItsLayerAsItWas() {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F64, Family.CATEGORICAL, 6, 1);
      KroneckerFactors factors = c.factors();
      factors.updateSigns(c.mean, 1, 1, 0);
      EigenKroneckerFisher eigen = of(c, factors);
      assertTrue(eigen.refresh());
      Vec v = c.randomVector();
      Vec before = Vec.allocate(w, c.parameters, c.precision);
      Vec after = Vec.allocate(w, c.parameters, c.precision);
      eigen.apply(1, v, 0, before);
      factors.updateExact(c.mean);
      factors.inputFactor(0).set(1, 0, Double.NaN);
      assertFalse(eigen.refresh());
      eigen.apply(1, v, 0, after);
      assertArrayEquals(before.toArray(), after.toArray());
    }
  }

  @Tag("allocation")
  @Example
  void callsAreCheckedAndAllocateNothing() {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F32, Family.CATEGORICAL, 6);
      KroneckerFactors factors = c.factors();
      long before = w.bytesUsed();
      EigenKroneckerFisher eigen = of(c, factors);
      assertEquals(
          EigenKroneckerFisher.bytes(c.layers(), c.model.outputs(), c.batch, Precision.F32),
          w.bytesUsed() - before);
      Vec v = c.randomVector();
      Vec d = c.randomVector();
      assertThrows(IllegalStateException.class, eigen::refresh);
      factors.updateExact(c.mean);
      assertThrows(IllegalStateException.class, () -> eigen.updateExact(c.mean));
      assertThrows(IllegalStateException.class, () -> eigen.solve(1, v, d));
      assertTrue(eigen.refresh());
      assertThrows(IllegalArgumentException.class, () -> eigen.solve(0, v, d));
      assertThrows(IllegalArgumentException.class, () -> eigen.solve(1, v, v));
      assertThrows(IllegalArgumentException.class, () -> eigen.updateSigns(c.mean, 0, 1, 1));
      double[] lambda = {0};
      Allocation.assertNone(
          "corrected eigenvalues",
          () -> {
            eigen.refresh();
            eigen.updateSigns(c.mean, 1, 1, 1);
            eigen.updateSampled(c.mean, 1, 1, 1);
            eigen.updateExact(c.mean);
            lambda[0]++;
            eigen.solve(lambda[0], v, d);
            eigen.apply(1, v, 0, d);
          });
      Mat mean = c.mean;
      mean.set(0, 0, Double.NaN);
      factors.updateExact(mean);
      assertFalse(eigen.refresh());
    }
  }
}
