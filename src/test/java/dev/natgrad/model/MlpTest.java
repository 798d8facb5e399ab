package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layout, memory, allocation and refusals of networks. */
class MlpTest {
  private static final Mlp MODEL =
      Mlp.of(
          5,
          List.of(
              new Mlp.Layer(7, Activation.TANH),
              new Mlp.Layer(4, Activation.SOFTPLUS),
              new Mlp.Layer(3, Activation.LOGISTIC)));

  private static final Mlp EVERYTHING =
      Mlp.of(
          5,
          List.of(
              new Mlp.Layer(6, Activation.GELU).withNormalization(Normalization.INPUTS),
              new Mlp.Layer(6, Activation.TANH).withoutBias().withResidual(1),
              new Mlp.Layer(4, Activation.SILU).withNormalization(Normalization.SUMS),
              new Mlp.Layer(6, Activation.IDENTITY).withResidual(2),
              new Mlp.Layer(3, Activation.LOGISTIC).withNormalization(Normalization.INPUTS)));

  private static <E extends Exception> void assertRefused(
      Class<E> type, String part, Runnable call) {
    String message = assertThrows(type, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void parametersAreNamedAndPlaced() {
    ParameterLayout layout = MODEL.layout();
    assertEquals(5 * 7 + 7 + 7 * 4 + 4 + 4 * 3 + 3, MODEL.parameters());
    assertEquals(
        List.of(
            new ParameterLayout.Block("layer0.weight", 0, 5, 7, false),
            new ParameterLayout.Block("layer0.bias", 35, 1, 7, true),
            new ParameterLayout.Block("layer1.weight", 42, 7, 4, false),
            new ParameterLayout.Block("layer1.bias", 70, 1, 4, true),
            new ParameterLayout.Block("layer2.weight", 74, 4, 3, false),
            new ParameterLayout.Block("layer2.bias", 86, 1, 3, true)),
        layout.blocks());
    assertEquals(layout.blocks().get(3), layout.block("layer1.bias"));
    assertRefused(IllegalArgumentException.class, "layer9", () -> layout.block("layer9.bias"));
    assertEquals("5-7(tanh)-4(softplus)-3(logistic)", MODEL.toString());
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, MODEL.parameters(), Precision.F64);
      layout.block("layer1.weight").mat(theta).set(2, 3, 8);
      assertEquals(8, theta.get(42 + 2 * 4 + 3));
      layout.block("layer2.bias").vec(theta).set(1, 9);
      assertEquals(9, theta.get(87));
    }
  }

  @Test
  void activationsAreNamed() {
    for (Activation activation : Activation.values()) {
      assertEquals(activation, Activation.of(activation.label()));
    }
    assertRefused(IllegalArgumentException.class, "'swish'", () -> Activation.of("swish"));
  }

  @Test
  void sizesAreChecked() {
    Class<IllegalArgumentException> type = IllegalArgumentException.class;
    assertRefused(type, "inputs is 0", () -> Mlp.of(0, List.of(), Activation.TANH, 1));
    assertRefused(type, "layers is empty", () -> Mlp.of(1, List.of()));
    assertRefused(type, "width is 0", () -> Mlp.of(1, List.of(0), Activation.TANH, 1));
    assertRefused(type, "width is -1", () -> Mlp.of(1, List.of(), Activation.TANH, -1));
    assertRefused(type, "2147483647", () -> Mlp.of(100_000, List.of(100_000), Activation.TANH, 1));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void bytesAreExactlyThoseForetold(Precision precision) {
    List<Mlp> models =
        List.of(
            MODEL,
            Mlp.of(3, List.of(), Activation.TANH, 2),
            EVERYTHING,
            Mlp.residual(3, 8, 2, Activation.SILU, 5),
            Mlp.of(3, List.of(17), Activation.RELU, 2),
            Mlp.of(4, List.of(9, 33, 5, 2), Activation.LOGISTIC, 6));
    for (Mlp model : models) {
      for (int batch : new int[] {1, 7, 100}) {
        try (Workspace workspace = Workspace.create()) {
          long before = workspace.bytesUsed();
          model.linearize(workspace, batch, precision);
          assertEquals(model.linearizationBytes(batch, precision), workspace.bytesUsed() - before);
        }
      }
    }
    assertEquals(0, models.get(1).linearizationBytes(100, precision));
    assertRefused(
        IllegalArgumentException.class,
        "maxBatch is 0",
        () -> MODEL.linearizationBytes(0, precision));
  }

  @Test
  void callsAreChecked() {
    try (Workspace workspace = Workspace.create()) {
      Class<IllegalArgumentException> type = IllegalArgumentException.class;
      Precision f64 = Precision.F64;
      Linearization at = MODEL.linearize(workspace, 4, f64);
      Vec theta = Vec.allocate(workspace, MODEL.parameters(), f64);
      Vec shorter = theta.slice(1, 10);
      Mat x = Mat.allocate(workspace, 4, 5, f64);
      Mat z = Mat.allocate(workspace, 4, 3, f64);
      Mat large = Mat.allocate(workspace, 5, 5, f64);
      Mat f32 = Mat.allocate(workspace, 4, 5, Precision.F32);
      IllegalStateException early =
          assertThrows(IllegalStateException.class, () -> at.jvp(theta, z));
      assertTrue(early.getMessage().contains("evaluate"));
      assertThrows(IllegalStateException.class, () -> at.vjp(z, 0, theta));
      assertThrows(IllegalStateException.class, at::outputErrorBound);
      assertRefused(type, "theta has length 10", () -> at.evaluate(shorter, x, z));
      assertRefused(type, "x has 0 rows", () -> at.evaluate(theta, x.top(0), z.top(0)));
      assertRefused(type, "maxBatch = 4", () -> at.evaluate(theta, large, z));
      assertRefused(type, "x is 4×3", () -> at.evaluate(theta, z, z));
      assertRefused(type, "z is 3×3", () -> at.evaluate(theta, x, z.top(3)));
      assertRefused(type, "x has precision F32", () -> at.evaluate(theta, f32, z));
      assertRefused(type, "maxBatch is 0", () -> MODEL.linearize(workspace, 0, f64));
      at.evaluate(theta, x, z);
      assertRefused(type, "v has length 10", () -> at.jvp(shorter, z));
      assertRefused(type, "t is 0×3", () -> at.jvp(theta, z.top(0)));
      assertRefused(type, "t is 4×2", () -> at.jvp(theta, z.block(0, 0, 4, 2)));
      assertRefused(type, "u is 5×5", () -> at.vjp(large, 0, theta));
      assertRefused(type, "g has length 10", () -> at.vjp(z, 0, shorter));
      assertRefused(type, "g overlaps theta", () -> at.vjp(z, 0, theta));
      assertRefused(type, "z overlaps x", () -> at.evaluate(theta, x, x.block(0, 2, 4, 3)));
      Mat beside = Mat.allocate(workspace, 4, 8, f64);
      at.evaluate(theta, beside.block(0, 0, 4, 5), beside.block(0, 5, 4, 3));
      Vec both = Vec.allocate(workspace, 2 * MODEL.parameters(), f64);
      Vec half = both.slice(0, MODEL.parameters());
      Mat inside = both.slice(MODEL.parameters() - 1, 12).asMat(4, 3);
      assertRefused(type, "z overlaps theta", () -> at.evaluate(half, x, inside));
      assertRefused(type, "t overlaps v", () -> at.jvp(half, inside));
      assertRefused(type, "g overlaps u", () -> at.vjp(inside, 0, half));
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void everyKindOfBufferIsCounted(Precision precision) {
    int rows = 100;
    int[] widths = {
      // Values of all layers but the last.
      6,
      6,
      4,
      6,
      // The arguments of GELU and SILU, the values of TANH in the block and LOGISTIC at the end.
      6,
      4,
      6,
      3,
      // What is fed of the first and the last layer's inputs, and h of these and of the third.
      5,
      6,
      5,
      6,
      4,
      // The works of even and odd layers, what goes around the blocks, and outputs that rounding
      // moves.
      6,
      6,
      6,
      3
    };
    // The deviations of what is normalised, by how much rounding moves samples, and their norms.
    long bytes = 4 * Vec.bytes(rows, precision) + Vec.bytes(rows, Precision.F64);
    // By how much rounding moves the sums and values of layers, and normalised features.
    for (int length : new int[] {6, 6, 4, 6, 3, 5, 4, 6}) {
      bytes += 2 * Vec.bytes(length, precision);
    }
    for (int width : widths) {
      bytes += Mat.bytes(rows, width, precision);
    }
    assertEquals(bytes, EVERYTHING.linearizationBytes(rows, precision));
  }

  @Test
  void residualBlocksMustFit() {
    Class<IllegalArgumentException> type = IllegalArgumentException.class;
    Mlp.Layer four = new Mlp.Layer(4, Activation.TANH);
    Mlp.Layer five = new Mlp.Layer(5, Activation.TANH);
    assertEquals(29 + 20, Mlp.of(4, List.of(five, four.withResidual(2))).parameters());
    assertRefused(
        type,
        "layer 1 has 4 units and closes a residual block whose inputs are 5",
        () -> Mlp.of(4, List.of(five, four.withResidual(1))));
    assertRefused(type, "inputs are 3", () -> Mlp.of(3, List.of(five, four.withResidual(2))));
    assertRefused(
        type, "only the 2 from layer 0", () -> Mlp.of(4, List.of(five, four.withResidual(3))));
    assertRefused(
        type,
        "only the 1 from layer 1 on",
        () -> Mlp.of(4, List.of(four.withResidual(1), four.withResidual(2))));
    assertRefused(type, "residual is -1", () -> four.withResidual(-1));
    assertRefused(type, "blocks is 0", () -> Mlp.residual(1, 1, 0, Activation.RELU, 1));
    assertRefused(type, "'batch'", () -> Normalization.of("batch"));
    assertThrows(NullPointerException.class, () -> four.withNormalization(null));
  }

  @Test
  void otherLayersAreNamedAndPlaced() {
    assertEquals(
        List.of(
            new ParameterLayout.Block("layer0.weight", 0, 5, 6, false),
            new ParameterLayout.Block("layer0.bias", 30, 1, 6, true),
            new ParameterLayout.Block("layer0.gain", 36, 1, 5, true),
            new ParameterLayout.Block("layer0.shift", 41, 1, 5, true),
            new ParameterLayout.Block("layer1.weight", 46, 6, 6, false),
            new ParameterLayout.Block("layer2.weight", 82, 6, 4, false),
            new ParameterLayout.Block("layer2.bias", 106, 1, 4, true),
            new ParameterLayout.Block("layer2.gain", 110, 1, 4, true),
            new ParameterLayout.Block("layer2.shift", 114, 1, 4, true)),
        EVERYTHING.layout().blocks().subList(0, 9));
    assertEquals(
        "5-6(gelu, normalised inputs)-6(tanh, no bias, residual over 1)-4(silu, normalised sums)"
            + "-6(identity, residual over 2)-3(logistic, normalised inputs)",
        EVERYTHING.toString());
    assertEquals(6, Mlp.linear(3, 2, false).parameters());
    assertEquals(8, Mlp.linear(3, 2, true).parameters());
    assertEquals(
        Mlp.of(3, List.of(), Activation.TANH, 2).layers(), Mlp.linear(3, 2, true).layers());
    for (Normalization normalization : Normalization.values()) {
      assertEquals(normalization, Normalization.of(normalization.label()));
    }
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, EVERYTHING.parameters(), Precision.F64);
      Blas.fill(Double.NaN, theta);
      Initialization.AUTO.fill(EVERYTHING, 1, theta);
      for (ParameterLayout.Block block : EVERYTHING.layout().blocks()) {
        for (double value : block.vec(theta).toArray()) {
          boolean gain = block.name().endsWith("gain");
          assertTrue(block.vector() ? value == (gain ? 1 : 0) : value != 0, block.name());
        }
      }
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource(Precision.class)
  void nothingIsAllocatedOnceBatchSizesAreSeen(Precision precision) {
    assertNoAllocation(MODEL, precision);
    assertNoAllocation(EVERYTHING, precision);
  }

  private static void assertNoAllocation(Mlp model, Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Linearization at = model.linearize(workspace, 32, precision);
      Vec theta = Vec.allocate(workspace, model.parameters(), precision);
      Vec v = Vec.allocate(workspace, model.parameters(), precision);
      Vec g = Vec.allocate(workspace, model.parameters(), precision);
      Initialization.AUTO.fill(model, 1, theta);
      Initialization.AUTO.fill(model, 2, v);
      Mat x = Mat.allocate(workspace, 32, 5, precision);
      Mat z = Mat.allocate(workspace, 32, 3, precision);
      Mat[] xs = {x, x.top(9), x.top(1)};
      Mat[] zs = {z, z.top(9), z.top(1)};
      Runnable all =
          () -> {
            for (int i = 0; i < xs.length; i++) {
              at.evaluate(theta, xs[i], zs[i]);
              at.jvp(v, zs[i]);
              at.vjp(zs[i], 0.5, g);
              assertTrue(at.outputErrorBound() > 0);
            }
          };
      all.run();
      long used = workspace.bytesUsed();
      Allocation.assertNone(model + " in " + precision, all);
      assertEquals(used, workspace.bytesUsed());
    }
  }
}
