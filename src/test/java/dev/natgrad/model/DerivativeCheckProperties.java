package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
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

  /** At θ = 0 the outputs of a linear model are exact, and their differences are not. */
  @Example
  void linearModelsAgreeAtZero() {
    Mlp model = Mlp.linear(2, 1, false);
    for (int i = 1; i <= 100; i++) {
      double[][] x = {{i / 7.0, -i / 11.0}};
      List<DerivativeCheck.Mismatch> found = DerivativeCheck.run(model, new double[2], x);
      assertTrue(found.isEmpty(), found::toString);
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

  /** z = θ²/(θ² + x²), or e^(−θx), with its slope times a factor. */
  private record Bent(boolean decays, double factor) implements Model {
    @Override
    public int parameters() {
      return 1;
    }

    @Override
    public int inputs() {
      return 1;
    }

    @Override
    public int outputs() {
      return 1;
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return 0;
    }

    @Override
    public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      double[] slopes = new double[maxBatch];
      double[] largest = new double[1];
      return new Linearization() {
        @Override
        public void evaluate(Vec theta, Mat x, Mat z) {
          double t = theta.get(0);
          largest[0] = 0;
          for (int i = 0; i < x.rows(); i++) {
            double a = x.get(i, 0);
            double square = t * t + a * a;
            double value = decays ? Math.exp(-t * a) : t * t / square;
            slopes[i] = factor * (decays ? -a * value : 2 * t * a * a / (square * square));
            z.set(i, 0, value);
            largest[0] = Math.max(largest[0], Math.abs(value));
          }
        }

        @Override
        public void jvp(Vec v, Mat t) {
          for (int i = 0; i < t.rows(); i++) {
            t.set(i, 0, slopes[i] * v.get(0));
          }
        }

        @Override
        public void vjp(Mat u, double beta, Vec g) {
          double sum = 0;
          for (int i = 0; i < u.rows(); i++) {
            sum += slopes[i] * u.get(i, 0);
          }
          g.set(0, sum + (beta == 0 ? 0 : beta * g.get(0)));
        }

        @Override
        public double outputErrorBound() {
          return 8 * Precision.F64.unitRoundoff() * largest[0];
        }
      };
    }
  }

  /** Lengths over which a model changes may be far below 1: of a small parameter its own size. */
  @Example
  void aSmallParameterIsCheckedOverItsOwnLength() {
    for (boolean decays : new boolean[] {false, true}) {
      for (double scale : new double[] {1e3, 1, 1e-3, 1e-5, 1e-7, 1e-9}) {
        double[] theta = {scale};
        double[][] x =
            decays ? new double[][] {{1 / scale}} : new double[][] {{scale}, {2 * scale}};
        String at = (decays ? "e^(−θx)" : "θ²/(θ² + x²)") + " at " + scale;
        assertEquals(List.of(), DerivativeCheck.run(new Bent(decays, 1), theta, x), at);
        for (double factor : new double[] {2, 0.99, -1, 0}) {
          assertFalse(
              DerivativeCheck.run(new Bent(decays, factor), theta, x).isEmpty(),
              at + " · " + factor);
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
