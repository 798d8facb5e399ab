package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.operator.DenseSymmetric;
import dev.natgrad.oracle.Allocation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DirectFisherTest {
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

  private DenseFisher dense(Precision precision, double[][] matrix) {
    Mat stored = Mat.allocate(w, matrix.length, matrix.length, precision);
    for (int i = 0; i < matrix.length; i++) {
      stored.copyRowFrom(i, matrix[i], 0);
    }
    DenseFisher dense = new DenseFisher(w, matrix.length, precision);
    dense.assembleFromProducts(new DenseSymmetric(stored));
    return dense;
  }

  @ParameterizedTest
  @EnumSource
  void aMatrixSingularToRoundingHasItsDiagonalRaised(Precision precision) {
    double u = precision.unitRoundoff();
    // Eigenvalues 2 and about −150u: n·u = 2u is not enough, nor 20u, and 200u is.
    double last = 1 - 300 * u;
    DenseFisher dense = dense(precision, new double[][] {{1, 1}, {1, last}});
    assertEquals(DirectStatus.SHIFT_RAISED, dense.damp(0));
    assertEquals(200 * u, dense.shift(), 1e-12 * u);
    Vec d = vec(precision, 0, 0);
    assertEquals(DirectStatus.SHIFT_RAISED, dense.solve(vec(precision, 1, 1), d));
    assertTrue(Double.isFinite(d.get(0)) && Double.isFinite(d.get(1)), "not finite");
    assertTrue(DirectStatus.SHIFT_RAISED.solved());
    // Enough damping, and nothing is raised.
    assertEquals(DirectStatus.SOLVED, dense.damp(0.5));
    assertEquals(0, dense.shift());
  }

  /** Of a unit diagonal and 1 − δ beside it the eigenvalues are δ and 2 − δ, whatever the units. */
  @ParameterizedTest
  @EnumSource
  void theWeakestCurvatureIsEstimatedFromAbove(Precision precision) {
    double u = precision.unitRoundoff();
    for (double least : new double[] {0, 1024 * u, 0.125, 0.5}) {
      for (double unit : new double[] {1, 1024}) {
        double across = unit * (1 - least);
        DenseFisher dense = dense(precision, new double[][] {{1, across}, {across, unit * unit}});
        double lambda = 16 * u;
        Vec w = vec(precision, lambda, lambda * unit * unit);
        assertEquals(DirectStatus.SOLVED, dense.damp(w));
        double estimate = dense.leastCurvature(w);
        // An entry is rounded once; the other direction has at most as much of q as it is weaker.
        assertTrue(estimate >= least / (1 + lambda) - 2 * u, least + ": " + estimate);
        double ratio = (least + lambda) / (2 - least + lambda);
        double mixed = 64 * ratio * ratio * (2 - least);
        assertTrue(estimate <= least + mixed + 2 * u, least + ": " + estimate);
      }
    }
    DenseFisher negative = dense(precision, new double[][] {{1, 1}, {1, 1 - 300 * u}});
    Vec none = vec(precision, 0, 0);
    assertEquals(DirectStatus.SHIFT_RAISED, negative.damp(none));
    assertEquals(0, negative.leastCurvature(none));
  }

  @ParameterizedTest
  @EnumSource
  void anIndefiniteMatrixIsNotSolvedWith(Precision precision) {
    DenseFisher dense = dense(precision, new double[][] {{1, 2}, {2, 1}});
    assertEquals(DirectStatus.NOT_POSITIVE_DEFINITE, dense.damp(0));
    Vec d = vec(precision, 7, 7);
    assertThrows(IllegalStateException.class, () -> dense.solve(d, d));
    assertArrayEquals(new double[] {7, 7}, d.toArray());
    assertFalse(DirectStatus.NOT_POSITIVE_DEFINITE.solved());
    assertEquals(DirectStatus.SOLVED, dense.damp(vec(precision, 2, 2)));
    DenseFisher zero = dense(precision, new double[2][2]);
    assertEquals(DirectStatus.NOT_POSITIVE_DEFINITE, zero.damp(0));
    assertEquals(DirectStatus.SOLVED, zero.damp(2));
    assertEquals(DirectStatus.SOLVED, zero.solve(d, d));
    assertArrayEquals(new double[] {3.5, 3.5}, d.toArray(), 7 * precision.unitRoundoff());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotFiniteIsSaid(Precision precision) {
    DenseFisher dense = dense(precision, new double[][] {{1, Double.NaN}, {Double.NaN, 1}});
    assertEquals(DirectStatus.NON_FINITE, dense.damp(1));
    DenseFisher one = dense(precision, new double[][] {{1}});
    assertEquals(DirectStatus.NON_FINITE, one.damp(vec(precision, Double.POSITIVE_INFINITY)));
    assertEquals(DirectStatus.SOLVED, one.damp(0));
    Vec d = vec(precision, 7);
    assertEquals(DirectStatus.NON_FINITE, one.solve(vec(precision, Double.NaN), d));
    assertEquals(7, d.get(0));
    FisherCase c = new FisherCase(w, precision, Family.CATEGORICAL, 4);
    for (DirectFisher form : forms(c)) {
      form.assemble(c.exact());
      Vec ones = ones(c);
      assertEquals(DirectStatus.SOLVED, form.damp(ones));
      Vec g = c.randomVector();
      g.set(0, Double.NaN);
      Vec kept = c.randomVector();
      double[] before = kept.toArray();
      assertEquals(DirectStatus.NON_FINITE, form.solve(g, kept), form.getClass().getName());
      assertArrayEquals(before, kept.toArray());
      ones.set(0, Double.NaN);
      assertEquals(DirectStatus.NON_FINITE, form.damp(ones), form.getClass().getName());
    }
  }

  private static Vec ones(FisherCase c) {
    Vec ones = Vec.allocate(c.w, c.parameters, c.precision);
    Blas.fill(1, ones);
    return ones;
  }

  private DirectFisher[] forms(FisherCase c) {
    FactorRows rows =
        new FactorRows(w, c.linearization, c.outputs, c.parameters, c.batch, c.precision);
    return new DirectFisher[] {
      new DenseFisher(w, rows, c.parameters, c.precision),
      new DualFisher(w, rows, c.outputs, c.parameters, c.batch, c.precision),
      new DiagonalFisher(w, rows, c.parameters, c.precision)
    };
  }

  @ParameterizedTest
  @EnumSource
  void eachTakesTheBytesItSays(Precision precision) {
    FisherCase c = new FisherCase(w, precision, Family.CATEGORICAL, 5);
    int p = c.parameters;
    for (int batch : new int[] {1, 7, 20}) {
      long before = w.bytesUsed();
      FactorRows rows = new FactorRows(w, c.linearization, c.outputs, p, batch, precision);
      assertEquals(FactorRows.bytes(batch, c.outputs, p, precision), w.bytesUsed() - before);
      before = w.bytesUsed();
      new DenseFisher(w, rows, p, precision);
      assertEquals(DenseFisher.bytes(p, precision), w.bytesUsed() - before);
      before = w.bytesUsed();
      new DualFisher(w, rows, 3, p, batch, precision);
      assertEquals(DualFisher.bytes(3, p, batch, precision), w.bytesUsed() - before);
      before = w.bytesUsed();
      new DiagonalFisher(w, rows, p, precision);
      assertEquals(DiagonalFisher.bytes(p, precision), w.bytesUsed() - before);
      before = w.bytesUsed();
      new EmpiricalFisher(w, c.linearization, c.distribution, p, batch, precision);
      assertEquals(EmpiricalFisher.bytes(batch, c.outputs, precision), w.bytesUsed() - before);
    }
  }

  @Tag("allocation")
  @Test
  void assemblingDampingAndSolvingAllocateNothing() {
    FisherCase c = new FisherCase(w, Precision.F32, Family.CATEGORICAL, 3);
    Fisher exact = c.exact();
    DirectFisher[] forms = forms(c);
    Vec damping = ones(c);
    Vec g = c.randomVector();
    Vec d = c.randomVector();
    for (DirectFisher form : forms) {
      form.assemble(exact);
      form.damp(damping);
    }
    long offHeap = w.bytesUsed();
    for (DirectFisher form : forms) {
      Allocation.assertNone("assembling", () -> form.assemble(exact));
      Allocation.assertNone("damping", () -> form.damp(damping));
      Allocation.assertNone("solving", () -> form.solve(g, d));
    }
    assertEquals(offHeap, w.bytesUsed());
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsToBeHadBeforeItIsAssembled(Precision precision) {
    FisherCase c = new FisherCase(w, precision, Family.CATEGORICAL, 5);
    FactorRows rows =
        new FactorRows(w, c.linearization, c.outputs, c.parameters, c.batch, precision);
    List<DirectFisher> all = new ArrayList<>(List.of(forms(c)));
    all.add(
        new BlockDiagonalFisher(w, rows, c.batch, c.model.denseLayers(), c.parameters, precision));
    all.add(new DenseFisher(w, c.parameters, precision));
    Fisher noPoint =
        new ExactFisher(w, c.linearization, c.distribution, c.parameters, c.batch, precision);
    for (DirectFisher form : all) {
      assertNothing(c, form);
      assertThrows(IllegalStateException.class, () -> form.assemble(noPoint));
      assertNothing(c, form);
      form.assemble(c.exact());
      assertEquals(DirectStatus.SOLVED, form.damp(ones(c)));
      form.apply(1, c.randomVector(), 0, c.randomVector());
      // What was assembled before does not stand for what was not.
      assertThrows(IllegalStateException.class, () -> form.assemble(noPoint));
      assertNothing(c, form);
    }
    DiagonalFisher diagonal = new DiagonalFisher(w, null, c.parameters, precision);
    assertThrows(IllegalStateException.class, () -> diagonal.estimate(noPoint, 3, 1));
    assertNothing(c, diagonal);
    DenseFisher dense = new DenseFisher(w, c.parameters, precision);
    assertThrows(IllegalStateException.class, () -> dense.curvature(ones(c)));
  }

  private static void assertNothing(FisherCase c, DirectFisher form) {
    Vec y = c.randomVector();
    double[] before = y.toArray();
    String name = form.getClass().getSimpleName();
    Class<IllegalStateException> none = IllegalStateException.class;
    assertThrows(none, () -> form.apply(1, c.randomVector(), 0, y), name);
    assertThrows(none, () -> form.damp(ones(c)), name);
    assertThrows(none, () -> form.solve(y, y), name);
    assertArrayEquals(before, y.toArray());
  }

  /** A smaller batch uses the first part of the same memory. */
  @ParameterizedTest
  @EnumSource
  void aSmallerBatchIsTheOneOfItsOwnSize(Precision precision) {
    FisherCase c = new FisherCase(w, precision, Family.BERNOULLI, 11);
    assertTrue(c.batch > 1, "the case has several samples");
    DirectFisher[] large = forms(c);
    Fisher exact = c.exact();
    for (DirectFisher form : large) {
      form.assemble(exact);
      form.damp(ones(c));
    }
    Mat top = c.x.top(1);
    Mat mean = Mat.allocate(w, 1, c.outputs, precision);
    c.linearization.evaluate(c.theta, top, mean);
    c.distribution.mean(mean, mean);
    exact.setPoint(mean);
    FactorRows rows = new FactorRows(w, c.linearization, c.outputs, c.parameters, 1, precision);
    DirectFisher[] own = {
      new DenseFisher(w, rows, c.parameters, precision),
      new DualFisher(w, rows, c.outputs, c.parameters, 1, precision),
      new DiagonalFisher(w, rows, c.parameters, precision)
    };
    Vec g = c.randomVector();
    Vec d = c.randomVector();
    for (int i = 0; i < own.length; i++) {
      own[i].assemble(exact);
      own[i].damp(ones(c));
      own[i].solve(g, d);
      double[] expected = d.toArray();
      large[i].assemble(exact);
      large[i].damp(ones(c));
      large[i].solve(g, d);
      assertArrayEquals(expected, d.toArray(), own[i].getClass().getName());
    }
  }

  /** One sample, two classes, logits (2, −2), and the target the unlikely one. */
  @Test
  void onMislabelledDataTheEmpiricalMatrixIsNotTheFisherMatrix() {
    Mlp model = Mlp.of(1, List.of(), Activation.TANH, 2);
    Categorical categorical = new Categorical(2);
    Linearization linear = model.linearize(w, 1, Precision.F64);
    Vec theta = vec(Precision.F64, 2, -2, 0, 0);
    Mat x = Mat.allocate(w, 1, 1, Precision.F64);
    x.set(0, 0, 1);
    Mat z = Mat.allocate(w, 1, 2, Precision.F64);
    linear.evaluate(theta, x, z);
    categorical.mean(z, z);
    Mat y = Mat.allocate(w, 1, 2, Precision.F64);
    y.set(0, 1, 1);
    ExactFisher exact = new ExactFisher(w, linear, categorical, 4, 1, Precision.F64);
    EmpiricalFisher empirical = new EmpiricalFisher(w, linear, categorical, 4, 1, Precision.F64);
    exact.setPoint(z);
    empirical.setPoint(z, y);
    Vec v = vec(Precision.F64, 1, 0, 0, 0);
    double p = 1 / (1 + Math.exp(-4));
    assertEquals(p * (1 - p), exact.curvature(v), 1e-15);
    assertEquals(p * p, empirical.curvature(v), 1e-15);
    assertTrue(empirical.curvature(v) > 50 * exact.curvature(v), "they agree");
  }

  @Test
  void badArgumentsAreNamed() {
    FisherCase c = new FisherCase(w, Precision.F64, Family.CATEGORICAL, 9);
    FactorRows rows =
        new FactorRows(w, c.linearization, c.outputs, c.parameters, c.batch, Precision.F64);
    Vec g = c.randomVector();
    Fisher exact = c.exact();
    for (DirectFisher form : forms(c)) {
      assertMessage(IllegalStateException.class, "assemble", () -> form.damp(g));
      form.assemble(exact);
      assertMessage(IllegalStateException.class, "damp", () -> form.solve(g, g));
      Vec negative = ones(c);
      negative.set(1, -1);
      assertMessage(IllegalArgumentException.class, "w has -1.0 at 1", () -> form.damp(negative));
      Vec wrong = Vec.allocate(w, c.parameters + 1, Precision.F64);
      assertMessage(IllegalArgumentException.class, "length", () -> form.damp(wrong));
      assertEquals(c.parameters, form.size());
      assertEquals(0, form.shift());
    }
    DualFisher dual = new DualFisher(w, rows, c.outputs + 1, c.parameters, c.batch, Precision.F64);
    assertMessage(IllegalArgumentException.class, "columns", () -> dual.assemble(exact));
    DualFisher fits = new DualFisher(w, rows, c.outputs, c.parameters, c.batch, Precision.F64);
    fits.assemble(exact);
    Vec zeros = Vec.allocate(w, c.parameters, Precision.F64);
    assertMessage(IllegalArgumentException.class, "w has 0 at 0", () -> fits.damp(zeros));
    DiagonalFisher probes = new DiagonalFisher(w, null, c.parameters, Precision.F64);
    assertMessage(IllegalStateException.class, "estimate", () -> probes.assemble(exact));
    assertMessage(
        IllegalArgumentException.class, "probes is 0", () -> probes.estimate(exact, 0, 1));
    DenseFisher dense = new DenseFisher(w, 2, Precision.F64);
    assertThrows(IllegalArgumentException.class, () -> dense.assemble(exact));
    assertThrows(IllegalArgumentException.class, () -> dense.damp(-1.0));
    EmpiricalFisher empirical =
        new EmpiricalFisher(
            w, c.linearization, c.distribution, c.parameters, c.batch, Precision.F64);
    assertMessage(IllegalStateException.class, "targets", () -> empirical.setPoint(c.mean));
    assertMessage(IllegalStateException.class, "setPoint", () -> empirical.batch());
    Mat u = Mat.allocate(w, c.batch, c.outputs, Precision.F64);
    assertThrows(IndexOutOfBoundsException.class, () -> exact.factorColumn(c.outputs, u));
    assertMessage(
        IllegalArgumentException.class,
        "u is",
        () -> exact.factorColumn(0, u.block(0, 0, c.batch, 1)));
  }

  private static void assertMessage(Class<? extends Exception> type, String part, Executable run) {
    String message = assertThrows(type, run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
