package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Free outputs: the base's first, then the parameters themselves. */
class FreeOutputsTest {
  private static final Mlp BASE = Mlp.of(3, List.of(4), Activation.TANH, 2);
  private static final FreeOutputs MODEL = new FreeOutputs(BASE, 2);

  private static Mat random(Workspace workspace, Precision precision, int cols, long seed) {
    Random random = new Random(seed);
    Mat a = Mat.allocate(workspace, 5, cols, precision);
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < cols; j++) {
        a.set(i, j, random.nextGaussian());
      }
    }
    return a;
  }

  @Test
  void derivativesAgreeWithDifferences() {
    Random random = new Random(1);
    double[] theta = random.doubles(MODEL.parameters(), -1, 1).toArray();
    double[][] x = {{1, 2, 3}, {-1, 0, 0.5}, {0.2, 0.1, -2}};
    assertEquals(List.of(), DerivativeCheck.run(MODEL, theta, x));
  }

  @Test
  void outputsAreTheBasesAndTheFreeParameters() {
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        Vec theta = Vec.allocate(workspace, MODEL.parameters(), precision);
        theta.copyFrom(new Random(1).doubles(theta.length()).toArray(), 0);
        Mat x = random(workspace, precision, 3, 2);
        Mat z = random(workspace, precision, 4, 3);
        Mat plain = random(workspace, precision, 2, 4);
        long before = workspace.bytesUsed();
        Linearization free = MODEL.linearize(workspace, 5, precision);
        assertEquals(MODEL.linearizationBytes(5, precision), workspace.bytesUsed() - before);
        Linearization base = BASE.linearize(workspace, 5, precision);
        free.evaluate(theta, x, z);
        base.evaluate(theta.slice(0, BASE.parameters()), x, plain);
        for (int i = 0; i < 5; i++) {
          assertEquals(plain.get(i, 0), z.get(i, 0));
          assertEquals(plain.get(i, 1), z.get(i, 1));
          assertEquals(theta.get(BASE.parameters()), z.get(i, 2));
          assertEquals(theta.get(BASE.parameters() + 1), z.get(i, 3));
        }
        assertEquals(base.outputErrorBound(), free.outputErrorBound());
      }
    }
  }

  /** From 17 batch sizes on every pass cut its views anew. */
  @Test
  void partsOfEveryBatchSizeAreCutOnce() {
    int[] cut = {0};
    MatrixParts<Mat> parts =
        new MatrixParts<>(
            a -> {
              cut[0]++;
              return a.top(1);
            });
    try (Workspace workspace = Workspace.create()) {
      Mat most = Mat.allocate(workspace, 40, 4, Precision.F32);
      Mat other = Mat.allocate(workspace, 40, 4, Precision.F32);
      Mat[] matrices = new Mat[80];
      for (int i = 0; i < 80; i++) {
        matrices[i] = (i % 2 == 0 ? most : other).top(1 + i / 2);
      }
      for (int round = 0; round < 3; round++) {
        for (Mat a : matrices) {
          parts.of(a);
        }
        assertEquals(80, cut[0]);
      }
    }
  }

  @Test
  void gradientsAddToWhatIsThere() {
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, MODEL.parameters(), Precision.F64);
      Vec g = Vec.allocate(workspace, MODEL.parameters(), Precision.F64);
      Mat x = random(workspace, Precision.F64, 3, 2);
      Mat z = random(workspace, Precision.F64, 4, 3);
      Mat u = random(workspace, Precision.F64, 4, 5);
      Linearization free = MODEL.linearize(workspace, 5, Precision.F64);
      free.evaluate(theta, x, z);
      free.vjp(u, 0, g);
      double first = g.get(BASE.parameters());
      double sum = 0;
      double size = 0;
      for (int i = 0; i < 5; i++) {
        sum += u.get(i, 2);
        size += Math.abs(u.get(i, 2));
      }
      assertEquals(sum, first, 8 * 0x1p-53 * size);
      free.vjp(u, 2, g);
      assertEquals(3 * sum, g.get(BASE.parameters()), 32 * 0x1p-53 * size);
    }
  }

  @Test
  void theBasesLayersAreShown() {
    LayeredFreeOutputs model = new LayeredFreeOutputs(BASE, 2);
    assertEquals(BASE.denseLayers(), model.denseLayers());
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, model.parameters(), Precision.F64);
      theta.copyFrom(new Random(1).doubles(theta.length()).toArray(), 0);
      Vec g = Vec.allocate(workspace, model.parameters(), Precision.F64);
      Mat x = random(workspace, Precision.F64, 3, 2);
      Mat z = random(workspace, Precision.F64, 4, 3);
      Mat u = random(workspace, Precision.F64, 4, 4);
      LayeredLinearization point = model.linearize(workspace, 5, Precision.F64);
      point.evaluate(theta, x, z);
      point.vjp(u, 0, g);
      point.backward(
          u,
          (layer, delta) -> {
            LayeredLinearization.DenseLayer shape = model.denseLayers().get(layer);
            Mat in = point.layerInputs(layer, 5);
            for (int row = 0; row < shape.inputs(); row++) {
              for (int col = 0; col < shape.outputs(); col++) {
                double sum = 0;
                double size = 0;
                for (int i = 0; i < 5; i++) {
                  sum += in.get(i, row) * delta.get(i, col);
                  size += Math.abs(in.get(i, row) * delta.get(i, col));
                }
                double weight = g.get(shape.weightOffset() + row * shape.outputs() + col);
                assertEquals(sum, weight, 12 * 0x1p-53 * size);
              }
            }
          });
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new FreeOutputs(BASE, 0));
    try (Workspace workspace = Workspace.create()) {
      Linearization free = MODEL.linearize(workspace, 5, Precision.F64);
      Vec shorter = Vec.allocate(workspace, BASE.parameters(), Precision.F64);
      Vec theta = Vec.allocate(workspace, MODEL.parameters(), Precision.F64);
      Mat x = random(workspace, Precision.F64, 3, 2);
      Mat z = random(workspace, Precision.F64, 4, 3);
      Mat narrow = random(workspace, Precision.F64, 2, 3);
      assertThrows(IllegalArgumentException.class, () -> free.evaluate(shorter, x, z));
      assertThrows(IllegalArgumentException.class, () -> free.evaluate(theta, x, narrow));
    }
  }

  @Tag("allocation")
  @Test
  void nothingIsAllocated() {
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, MODEL.parameters(), Precision.F32);
      Vec g = Vec.allocate(workspace, MODEL.parameters(), Precision.F32);
      Mat x = random(workspace, Precision.F32, 3, 2);
      Mat z = random(workspace, Precision.F32, 4, 3);
      Mat t = random(workspace, Precision.F32, 4, 3);
      Linearization free = MODEL.linearize(workspace, 5, Precision.F32);
      Allocation.assertNone(
          "free outputs",
          () -> {
            free.evaluate(theta, x, z);
            free.jvp(theta, t);
            free.vjp(t, 0, g);
          });
    }
  }

  /** A predictor has matrices for each batch size. */
  @Tag("allocation")
  @Test
  void nothingIsAllocatedOverManyBatchSizes() {
    Model chunked = new Chunked(BASE, BatchViews.BLOCK);
    for (Model model : List.of(MODEL, new LayeredFreeOutputs(BASE, 2), chunked)) {
      try (Workspace workspace = Workspace.create()) {
        Vec theta = Vec.allocate(workspace, model.parameters(), Precision.F32);
        Mat[] x = new Mat[40];
        Mat[] z = new Mat[40];
        Mat inputs = Mat.allocate(workspace, 40, 3, Precision.F32);
        Mat outputs = Mat.allocate(workspace, 40, model.outputs(), Precision.F32);
        for (int i = 0; i < 40; i++) {
          x[i] = inputs.top(i + 1);
          z[i] = outputs.top(i + 1);
        }
        Linearization at = model.linearize(workspace, 40, Precision.F32);
        Allocation.assertNone(
            model + " at 40 batch sizes",
            () -> {
              for (int i = 0; i < 40; i++) {
                at.evaluate(theta, x[i], z[i]);
              }
            });
      }
    }
  }
}
