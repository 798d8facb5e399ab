package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KroneckerTest {
  private final Workspace w = Workspace.create();

  @AfterEach
  void close() {
    w.close();
  }

  @ParameterizedTest
  @EnumSource
  void eachTakesTheBytesItSays(Precision precision) {
    KroneckerCase c = new KroneckerCase(w, precision, Family.CATEGORICAL, 8);
    for (int rows : new int[] {1, 7, 100}) {
      long before = w.bytesUsed();
      KroneckerFactors factors =
          new KroneckerFactors(w, c.linearization, c.distribution, c.parameters, rows, precision);
      assertEquals(
          KroneckerFactors.bytes(c.layers(), c.distribution, rows, precision),
          w.bytesUsed() - before);
      OutputDistribution weighted = new Weighted(w, c.distribution, rows, precision);
      before = w.bytesUsed();
      new KroneckerFactors(w, c.linearization, weighted, c.parameters, rows, precision);
      long more = 0;
      for (DenseLayer layer : c.layers()) {
        more = Math.max(more, Mat.bytes(rows, layer.inputs(), precision));
      }
      long bytes = KroneckerFactors.bytes(c.layers(), weighted, rows, precision);
      assertEquals(
          more, bytes - KroneckerFactors.bytes(c.layers(), c.distribution, rows, precision));
      assertEquals(bytes, w.bytesUsed() - before);
      before = w.bytesUsed();
      KroneckerInverse inverse = new KroneckerInverse(w, factors);
      assertEquals(KroneckerInverse.bytes(c.layers(), precision), w.bytesUsed() - before);
      assertEquals(c.parameters, inverse.size());
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void nothingIsAllocated(Family family) {
    KroneckerCase c = new KroneckerCase(w, Precision.F32, family, 5);
    KroneckerFactors factors = c.factors();
    KroneckerInverse inverse = new KroneckerInverse(w, factors);
    Vec v = c.randomVector();
    Vec d = c.randomVector();
    Mat targets = c.outputs();
    c.distribution.sample(c.mean, 1, 1, targets);
    Mat[] means = {c.mean, c.mean.top(1)};
    Mat[] targetsOf = {targets, targets.top(1)};
    Runnable all =
        () -> {
          for (int i = 0; i < means.length; i++) {
            factors.updateSampled(means[i], 2, 1, i);
            factors.updateSigns(means[i], 1, 1, i);
            factors.updateExact(means[i]);
            factors.updateEmpirical(means[i], targetsOf[i]);
            inverse.refresh(0.5);
            inverse.solve(v, d);
            factors.apply(1, v, 0, d);
          }
        };
    all.run();
    long used = w.bytesUsed();
    Allocation.assertNone("Kronecker factors of " + family, all);
    assertEquals(used, w.bytesUsed());
  }

  /**
   * Inputs that are nearly equal make A nearly singular; a damping far below f32's resolution is
   * raised.
   */
  @Test
  void aDampingTooSmallForThePrecisionIsRaised() {
    int inputs = 40;
    Mlp model = Mlp.of(inputs, List.of(), Activation.TANH, 2);
    int batch = 64;
    LayeredLinearization at = model.linearize(w, batch, Precision.F32);
    Mat x = Mat.allocate(w, batch, inputs, Precision.F32);
    Random random = new Random(3);
    for (int i = 0; i < batch; i++) {
      double common = random.nextGaussian();
      for (int j = 0; j < inputs; j++) {
        x.set(i, j, 1000 * common + 1e-3 * random.nextGaussian());
      }
    }
    Mat mean = Mat.allocate(w, batch, 2, Precision.F32);
    Vec theta = Vec.allocate(w, model.parameters(), Precision.F32);
    at.evaluate(theta, x, mean);
    Bernoulli bernoulli = new Bernoulli(2);
    bernoulli.mean(mean, mean);
    KroneckerFactors factors =
        new KroneckerFactors(w, at, bernoulli, model.parameters(), batch, Precision.F32);
    factors.updateExact(mean);
    KroneckerInverse inverse = new KroneckerInverse(w, factors);
    assertTrue(inverse.refresh(1e-12));
    assertTrue(inverse.raises() > 0);
    Vec v = Vec.allocate(w, model.parameters(), Precision.F32);
    Vec d = Vec.allocate(w, model.parameters(), Precision.F32);
    v.copyFrom(NaiveDense.gaussian(model.parameters(), random), 0);
    inverse.solve(v, d);
    assertTrue(NaiveDense.dot(v.toArray(), d.toArray()) > 0);
    assertTrue(inverse.refresh(10));
    assertEquals(0, inverse.raises());
    inverse.solve(v, d);
    double[] last = d.toArray();

    mean.set(0, 0, Double.NaN);
    factors.updateExact(mean);
    assertFalse(inverse.refresh(10));
    inverse.solve(v, d);
    assertArrayEquals(last, d.toArray());
  }

  /** A model of which only a part is dense layers, as with the gains of a normalisation. */
  @Test
  void parametersOutsideTheLayersAreScaled() {
    KroneckerCase c = new KroneckerCase(w, Precision.F64, Family.GAUSSIAN, 4, 2);
    int more = c.parameters + 3;
    KroneckerFactors factors =
        new KroneckerFactors(w, c.linearization, c.distribution, more, c.batch, Precision.F64);
    factors.updateExact(c.mean);
    KroneckerInverse inverse = new KroneckerInverse(w, factors);
    assertTrue(inverse.refresh(0.5));
    Vec v = Vec.allocate(w, more, Precision.F64);
    v.copyFrom(NaiveDense.gaussian(more, new Random(1)), 0);
    Vec d = Vec.allocate(w, more, Precision.F64);
    double scale = factors.meanDiagonal();
    assertEquals(factors.trace() / c.parameters, scale);
    factors.apply(1, v, 0, d);
    double u = Precision.F64.unitRoundoff();
    for (int i = c.parameters; i < more; i++) {
      assertEquals(scale * v.get(i), d.get(i), 2 * u * Math.abs(d.get(i)));
    }
    inverse.solve(v, d);
    for (int i = c.parameters; i < more; i++) {
      assertEquals(v.get(i) / (scale + 0.25), d.get(i), 4 * u * Math.abs(d.get(i)));
    }
  }

  @Test
  void badArgumentsAreNamed() {
    KroneckerCase c = new KroneckerCase(w, Precision.F64, Family.CATEGORICAL, 9);
    KroneckerFactors factors = c.factors();
    KroneckerInverse inverse = new KroneckerInverse(w, factors);
    Vec v = c.randomVector();
    Vec d = c.randomVector();
    Class<IllegalArgumentException> argument = IllegalArgumentException.class;
    assertMessage(IllegalStateException.class, "update", () -> inverse.refresh(1));
    assertMessage(IllegalStateException.class, "refresh", () -> inverse.solve(v, d));
    assertMessage(argument, "draws is 0", () -> factors.updateSampled(c.mean, 0, 1, 1));
    assertMessage(argument, "mean is 0×", () -> factors.updateExact(c.mean.top(0)));
    Mat wrong = Mat.allocate(w, c.batch, c.model.outputs() + 1, Precision.F64);
    assertThrows(argument, () -> factors.updateEmpirical(c.mean, wrong));
    assertEquals(0, factors.updates());
    factors.updateExact(c.mean);
    assertMessage(argument, "gamma is 0", () -> inverse.refresh(0));
    assertMessage(argument, "gamma is NaN", () -> inverse.refresh(Double.NaN));
    assertTrue(inverse.refresh(1));
    assertMessage(argument, "overlaps", () -> inverse.solve(v, v));
    assertMessage(argument, "overlaps", () -> factors.apply(1, v, 0, v));
    assertThrows(
        argument,
        () ->
            new KroneckerFactors(
                w, c.linearization, c.distribution, c.parameters - 1, 1, Precision.F64));
    List<DenseLayer> overlapping = List.of(new DenseLayer(1, 2, 0, 2), new DenseLayer(1, 2, 3, 5));
    assertMessage(argument, "overlap", () -> new LayerBlocks(overlapping, 20));
    int none = DenseLayer.NO_BIAS;
    int last = Integer.MAX_VALUE;
    List<Executable> tooLong =
        List.of(
            () -> new LayerBlocks(List.of(new DenseLayer(1, 2, last - 1, none)), 20),
            () -> new LayerBlocks(List.of(new DenseLayer(1, 2, last - 3, last - 1)), 20),
            () -> new LayerBlocks(List.of(new DenseLayer(46341, 46341, 0, none)), 20),
            () -> new LayerBlocks(List.of(new DenseLayer(last, 1, 0, last)), 20));
    for (Executable layer : tooLong) {
      assertMessage(argument, "the longest vector", layer);
    }
    assertEquals(last, new DenseLayer(last, 1, 0, none).parameters());
  }

  /**
   * Of one sample G is δδᵀ, and δ the probe's part in the bias if the signs are the same: then the
   * products of two entries have one sign.
   */
  @Test
  void probesAndUpdatesOfOneSeedDrawOtherSigns() {
    Mlp model = Mlp.of(3, List.of(new Mlp.Layer(4, Activation.TANH)));
    LayeredLinearization linearization = model.linearize(w, 1, Precision.F64);
    OutputDistribution distribution = new Bernoulli(4);
    Mat x = Mat.allocate(w, 1, 3, Precision.F64);
    Mat mean = Mat.allocate(w, 1, 4, Precision.F64);
    Vec theta = Vec.allocate(w, model.parameters(), Precision.F64);
    Vec probe = Vec.allocate(w, model.parameters(), Precision.F64);
    theta.copyFrom(NaiveDense.gaussian(theta.length(), new Random(1)), 0);
    x.copyRowFrom(0, new double[] {1, 0.5, -2}, 0);
    linearization.evaluate(theta, x, mean);
    distribution.mean(mean, mean);
    ExactFisher exact =
        new ExactFisher(w, linearization, distribution, theta.length(), 1, Precision.F64);
    exact.setPoint(mean);
    int same = 0;
    double[] signsOfG = new double[64];
    double[] signsOfProbe = new double[64];
    for (int k = 0; k < signsOfG.length; k++) {
      KroneckerFactors factors =
          new KroneckerFactors(w, linearization, distribution, theta.length(), 1, Precision.F64);
      factors.updateSigns(mean, 1, 9, k);
      exact.probe(9, k, probe);
      signsOfG[k] = Math.signum(factors.outputFactor(0).get(1, 0));
      int bias = model.denseLayers().get(0).biasOffset();
      signsOfProbe[k] = Math.signum(probe.get(bias) * probe.get(bias + 1));
      same += signsOfG[k] == signsOfProbe[k] ? 1 : 0;
    }
    // Binomial(64, ½) has a standard deviation of 4.
    assertTrue(same > 8 && same < 56, same + " of 64 products of two signs agree");
  }

  private static void assertMessage(Class<? extends Exception> type, String part, Executable run) {
    String message = assertThrows(type, run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
