package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The checker passes right derivatives and names the one that is wrong. */
class DerivativeCheckProperties {
  private static final double[] THETA = {1.3, 0.7, -0.4};
  private static final double[][] X = {{0.5}, {-2}, {3}};

  @Property(tries = 200)
  void networksAgreeWithDifferences(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int depth) {
    for (Activation activation : Activation.values()) {
      if (activation != Activation.RELU) {
        RandomNet net = new RandomNet(seed, Precision.F64, depth, activation);
        List<DerivativeCheck.Mismatch> found = DerivativeCheck.run(net.model, net.theta, net.x);
        assertTrue(found.isEmpty(), () -> net.model + " " + found);
      }
    }
  }

  /** Every activation with every normalisation, inside, at the end of and without a block. */
  @Example
  void everyKindOfLayerAgreesWithDifferences() {
    int seed = 0;
    for (Activation activation : Activation.values()) {
      for (Normalization normalization : Normalization.values()) {
        for (int residual = 0; residual <= 3 && activation != Activation.RELU; residual++) {
          Mlp.Layer layer = new Mlp.Layer(3, activation).withNormalization(normalization);
          Mlp model =
              Mlp.of(
                  3,
                  List.of(
                      layer,
                      layer.withoutBias(),
                      layer.withResidual(residual),
                      new Mlp.Layer(3, activation).withResidual(residual == 0 ? 0 : 1)));
          RandomNet net = new RandomNet(seed++, Precision.F64, model);
          List<DerivativeCheck.Mismatch> found = DerivativeCheck.run(model, net.theta, net.x);
          assertTrue(found.isEmpty(), () -> model + " " + found);
        }
      }
    }
  }

  @Example
  void usersModelAgrees() {
    assertEquals(List.of(), DerivativeCheck.run(new SineBasis(), THETA, X));
  }

  @Example
  void oneWrongTangentIsNamed() {
    for (int p = 0; p < 3; p++) {
      List<DerivativeCheck.Mismatch> found = DerivativeCheck.run(new SineBasis(p, -1), THETA, X);
      assertFalse(found.isEmpty());
      for (DerivativeCheck.Mismatch mismatch : found) {
        assertEquals(p, mismatch.parameter(), mismatch.toString());
        assertTrue(mismatch.toString().contains("θ[" + p + "]"), mismatch.toString());
      }
    }
  }

  @Example
  void oneWrongGradientIsNamed() {
    for (int p = 0; p < 3; p++) {
      List<DerivativeCheck.Mismatch> found = DerivativeCheck.run(new SineBasis(-1, p), THETA, X);
      assertFalse(found.isEmpty());
      for (DerivativeCheck.Mismatch mismatch : found) {
        assertEquals(p, mismatch.parameter());
        assertEquals(DerivativeCheck.Product.VJP, mismatch.product());
      }
    }
  }

  @Example
  void shapesAreChecked() {
    SineBasis model = new SineBasis();
    assertThrows(
        IllegalArgumentException.class, () -> DerivativeCheck.run(model, new double[2], X));
    assertThrows(
        IllegalArgumentException.class, () -> DerivativeCheck.run(model, THETA, new double[0][]));
    assertThrows(
        IllegalArgumentException.class,
        () -> DerivativeCheck.run(model, THETA, new double[][] {{1, 2}}));
  }
}
