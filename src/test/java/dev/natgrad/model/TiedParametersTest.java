package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.TiedParameters.Run;
import dev.natgrad.oracle.Allocation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Constant, scaled and shared parameters against the base at θ = Sφ + c. */
class TiedParametersTest {
  /** Weights 0-5, biases 6-8, weights 9-17, biases 18-20. */
  private static final Mlp BASE = Mlp.of(2, List.of(3), Activation.TANH, 3);

  private static TiedParameters tied() {
    return TiedParameters.of(BASE)
        .constant(6, 0.5, -0.25, 0)
        .tie(3, 0, 3, -2)
        .tie(12, 15, 3, 1)
        .tie(18, 3, 1, 0.5)
        .build();
  }

  private static double[] gaussian(Random random, int n) {
    return random.doubles(n).map(x -> (float) (2 * x - 1)).toArray();
  }

  private static void assertRefused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  /** Each is in range, and what they make together was 0, ∞ or, in f32, ∞: no step had a loss. */
  @Test
  void scalesAndConstantsHaveToStayInRangeOverSeveralTies() {
    Mlp base = Mlp.linear(2, 1, true);
    for (double scale : new double[] {1e200, 1e-200}) {
      TiedParameters.Builder chain =
          TiedParameters.of(base).tie(1, 0, 1, scale).tie(2, 1, 1, scale);
      assertRefused("parameter 2 would be parameter 0 times", chain::build);
    }
    TiedParameters.Builder constant = TiedParameters.of(base).constant(0, 1e200);
    assertRefused(
        "parameter 1 would be the constant Infinity", constant.tie(1, 0, 1, 1e200)::build);
    try (Workspace workspace = Workspace.create()) {
      TiedParameters large = TiedParameters.of(base).constant(0, 1e60).build();
      large.linearize(workspace, 1, Precision.F64);
      assertRefused(
          "parameter 0 would be the constant 1.0E60; in F32",
          () -> large.linearize(workspace, 1, Precision.F32));
      TiedParameters small = TiedParameters.of(base).tie(1, 0, 1, 1e-60).build();
      assertRefused(
          "parameter 1 would be parameter 0 times 1.0E-60",
          () -> small.linearize(workspace, 1, Precision.F32));
    }
  }

  @Test
  void theRunsSayWhatIsWhat() {
    TiedParameters model = tied();
    assertEquals(
        List.of(
            new Run(0, 3, 0, 1),
            new Run(3, 3, 0, -2),
            new Run(6, 3, Run.CONSTANT, 0),
            new Run(9, 6, 3, 1),
            new Run(15, 3, 6, 1),
            new Run(18, 1, 0, -1),
            new Run(19, 2, 9, 1)),
        model.runs());
    assertEquals(11, model.parameters());
    double[] phi = gaussian(new Random(1), 11);
    double[] theta = model.expand(phi);
    assertEquals(-2 * phi[1], theta[4]);
    assertEquals(-phi[0], theta[18]);
    assertEquals(-0.25, theta[7]);
    assertEquals(phi[7], theta[13]);
    assertEquals(phi[7], theta[16]);
    assertArrayEquals(phi, model.free(theta));
    assertEquals("2-3(tanh)-3(identity) with 11 free of 21 parameters", model.toString());
  }

  @Test
  void derivativesAgreeWithDifferences() {
    TiedParameters model = tied();
    Random random = new Random(2);
    double[][] x = {gaussian(random, 2), gaussian(random, 2), gaussian(random, 2)};
    assertEquals(List.of(), DerivativeCheck.run(model, gaussian(random, 11), x));
  }

  /** All scales are powers of two, so θ is exact and the passes are the base's to the bit. */
  @Tag("allocation")
  @ParameterizedTest
  @EnumSource(Precision.class)
  void thePassesAreTheBasesAndAllocateNothing(Precision precision) {
    TiedParameters model = tied();
    Random random = new Random(3);
    try (Workspace workspace = Workspace.create()) {
      long before = workspace.bytesUsed();
      Linearization at = model.linearize(workspace, 4, precision);
      assertEquals(model.linearizationBytes(4, precision), workspace.bytesUsed() - before);
      Linearization base = BASE.linearize(workspace, 4, precision);
      double[] phi = gaussian(random, 11);
      Vec free = vec(workspace, phi, precision);
      Vec theta = vec(workspace, model.expand(phi), precision);
      Mat x = vec(workspace, gaussian(random, 8), precision).asMat(4, 2);
      Mat z = Mat.allocate(workspace, 4, 3, precision);
      Mat expected = Mat.allocate(workspace, 4, 3, precision);
      base.evaluate(theta, x, expected);
      at.evaluate(free, x, z);
      assertArrayEquals(expected.toArray(), z.toArray());
      assertEquals(base.outputErrorBound(), at.outputErrorBound());

      double[] v = gaussian(random, 11);
      double[] spread = model.expand(v);
      for (int p = 6; p < 9; p++) {
        spread[p] = 0;
      }
      base.jvp(vec(workspace, spread, precision), expected);
      Vec direction = vec(workspace, v, precision);
      at.jvp(direction, z);
      assertArrayEquals(expected.toArray(), z.toArray());

      Vec whole = Vec.allocate(workspace, 21, precision);
      base.vjp(z, 0, whole);
      double[] g = whole.toArray();
      Vec gradient = vec(workspace, gaussian(random, 11), precision);
      double[] old = gradient.toArray();
      at.vjp(z, -0.5, gradient);
      for (int k = 0; k < 11; k++) {
        double sum = -0.5 * old[k];
        for (Run run : model.runs()) {
          if (!run.constant() && run.free() <= k && k < run.free() + run.length()) {
            double term = run.scale() * g[run.offset() + k - run.free()];
            sum = precision == Precision.F64 ? sum + term : (float) (sum + term);
          }
        }
        assertEquals(sum, gradient.get(k), "g[" + k + "]");
      }
      Allocation.assertNone(
          "passes",
          () -> {
            at.evaluate(free, x, z);
            at.jvp(direction, z);
            at.vjp(z, 0.5, gradient);
          });
    }
  }

  private static Vec vec(Workspace workspace, double[] values, Precision precision) {
    Vec v = Vec.allocate(workspace, values.length, precision);
    v.copyFrom(values, 0);
    return v;
  }

  @Test
  void argumentsAreChecked() {
    assertRefused("scale is 0", () -> TiedParameters.of(BASE).tie(0, 1, 1, 0));
    assertRefused("offset is 20", () -> TiedParameters.of(BASE).tie(20, 0, 2, 1));
    assertRefused("offset is 20", () -> TiedParameters.of(BASE).constant(20, 1, 2));
    assertRefused("would follow itself", () -> TiedParameters.of(BASE).tie(4, 4, 1, 1));
    assertRefused(
        "would follow itself", () -> TiedParameters.of(BASE).tie(4, 5, 1, 1).tie(5, 4, 1, 1));
    assertRefused(
        "follows parameter 5 already",
        () -> TiedParameters.of(BASE).tie(4, 5, 1, 1).constant(4, 1));
    assertRefused(
        "is constant already", () -> TiedParameters.of(BASE).constant(4, 1).tie(4, 5, 1, 1));
    assertRefused("values[0] is NaN", () -> TiedParameters.of(BASE).constant(4, Double.NaN));
    assertRefused(
        "every parameter is constant",
        () -> TiedParameters.of(BASE).constant(0, new double[21]).build());
    TiedParameters constants = TiedParameters.of(BASE).tie(0, 1, 1, 3).constant(1, 2).build();
    assertEquals(6, constants.expand(new double[19])[0], "follows a constant");
    assertRefused("phi has length 3", () -> tied().expand(new double[3]));
    assertRefused("theta has length 3", () -> tied().free(new double[3]));
    try (Workspace workspace = Workspace.create()) {
      Linearization at = tied().linearize(workspace, 1, Precision.F64);
      Vec full = Vec.allocate(workspace, 21, Precision.F64);
      Mat x = Mat.allocate(workspace, 1, 2, Precision.F64);
      Mat z = Mat.allocate(workspace, 1, 3, Precision.F64);
      assertRefused("theta has length 21", () -> at.evaluate(full, x, z));
    }
  }
}
