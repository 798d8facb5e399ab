package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.random.Philox;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Passes in chunks of rows against passes over all of them, to the bit. */
class ChunkedTest {
  private static final int CHUNK = 256;

  private static Vec vec(Workspace w, int n, Precision precision, long stream) {
    Vec v = Vec.allocate(w, n, precision);
    for (int i = 0; i < n; i++) {
      v.set(i, 0.5 * Philox.normal(7, stream, i));
    }
    return v;
  }

  private static Mat mat(Workspace w, int rows, int cols, Precision precision, long stream) {
    return vec(w, rows * cols, precision, stream).asMat(rows, cols);
  }

  /** Plain, one unit wide in places, normalised and residual, and with free outputs. */
  private static List<Model> models() {
    Mlp narrow =
        Mlp.of(
            1,
            List.of(
                new Mlp.Layer(1, Activation.TANH),
                new Mlp.Layer(5, Activation.GELU),
                new Mlp.Layer(1, Activation.SOFTPLUS),
                new Mlp.Layer(1, Activation.IDENTITY)));
    Mlp normalised =
        Mlp.of(
            4,
            List.of(
                new Mlp.Layer(6, Activation.TANH).withNormalization(Normalization.SUMS),
                new Mlp.Layer(6, Activation.SILU)
                    .withNormalization(Normalization.INPUTS)
                    .withResidual(1),
                new Mlp.Layer(2, Activation.IDENTITY)));
    Mlp wide = Mlp.of(300, List.of(17), Activation.RELU, 3);
    return List.of(
        narrow,
        normalised,
        wide,
        Mlp.linear(9, 1, true),
        Mlp.linear(1, 1, false),
        new LayeredFreeOutputs(Mlp.of(3, List.of(5), Activation.TANH, 2), 2));
  }

  @ParameterizedTest
  @CsvSource({
    "F64,1,256",
    "F64,256,256",
    "F64,257,256",
    "F64,258,256",
    "F32,513,256",
    "F32,600,256",
    "F64,769,256",
    "F32,1100,512",
    "F32,1025,1024"
  })
  void chunksGiveTheBitsOfOnePass(Precision precision, int rows, int chunk) {
    for (Model model : models()) {
      try (Workspace w = Workspace.create()) {
        Model chunked = new Chunked(model, chunk);
        int p = model.parameters();
        Vec theta = vec(w, p, precision, 1);
        Vec v = vec(w, p, precision, 2);
        Mat x = mat(w, rows, model.inputs(), precision, 3);
        Mat u = mat(w, rows, model.outputs(), precision, 4);
        double[][][] found = new double[2][][];
        for (int which = 0; which < 2; which++) {
          Model described = which == 0 ? model : chunked;
          long before = w.bytesUsed();
          Linearization at = described.linearize(w, rows, precision);
          assertEquals(described.linearizationBytes(rows, precision), w.bytesUsed() - before);
          Mat z = mat(w, rows, model.outputs(), precision, 5);
          Mat t = mat(w, rows, model.outputs(), precision, 6);
          Vec g = vec(w, p, precision, 8);
          Vec h = vec(w, p, precision, 9);
          Vec f = vec(w, p, precision, 10);
          at.evaluate(theta, x, z);
          at.jvp(v, t);
          at.vjp(u, 0, g);
          at.vjp(u, 0.3, h);
          Gaussian gaussian = new Gaussian(model.outputs());
          ExactFisher fisher = new ExactFisher(w, at, gaussian, p, rows, precision);
          fisher.setPoint(z);
          fisher.apply(1.5, v, -2, f);
          assertTrue(at.outputErrorBound() >= 0);
          found[which] =
              new double[][] {
                z.toArray(),
                t.toArray(),
                g.toArray(),
                h.toArray(),
                f.toArray(),
                {fisher.curvature(v)}
              };
        }
        for (int i = 0; i < found[0].length; i++) {
          assertArrayEquals(found[0][i], found[1][i], i + " of " + model);
        }
      }
    }
  }

  @Test
  void aBatchAboveTheLargestIsRefused() {
    Model model = new Chunked(Mlp.linear(2, 1, true), CHUNK);
    try (Workspace w = Workspace.create()) {
      Linearization at = model.linearize(w, 600, Precision.F64);
      Vec theta = vec(w, model.parameters(), Precision.F64, 1);
      Mat x = mat(w, 601, 2, Precision.F64, 2);
      Mat z = mat(w, 601, 1, Precision.F64, 3);
      String message =
          assertThrows(IllegalArgumentException.class, () -> at.evaluate(theta, x, z)).getMessage();
      assertTrue(message.contains("601") && message.contains("up to 600"), message);
      at.evaluate(theta, x.top(600), z.top(600));
    }
  }

  /** More samples than a matrix-vector product takes at once. */
  @Test
  void manySamplesOfOneOutputToo() {
    int rows = (1 << 16) + 700;
    Mlp model = Mlp.linear(2, 1, true);
    try (Workspace w = Workspace.create()) {
      Vec theta = vec(w, 3, Precision.F32, 1);
      Mat x = mat(w, rows, 2, Precision.F32, 3);
      Mat z = mat(w, rows, 1, Precision.F32, 4);
      Vec one = vec(w, 3, Precision.F32, 5);
      Vec chunks = vec(w, 3, Precision.F32, 6);
      for (Vec g : List.of(one, chunks)) {
        Model described = g == one ? model : new Chunked(model, 4 * CHUNK);
        Linearization at = described.linearize(w, rows, Precision.F32);
        at.evaluate(theta, x, z);
        at.vjp(z, 0, g);
      }
      assertArrayEquals(one.toArray(), chunks.toArray());
    }
  }

  /** The bound holds for every chunk, so for all rows, and is no larger than that of one pass. */
  @Test
  void theErrorBoundIsTheLargestOfTheChunks() {
    Mlp model = Mlp.of(5, List.of(7), Activation.TANH, 2);
    int rows = 3 * CHUNK + 5;
    try (Workspace w = Workspace.create()) {
      Vec theta = vec(w, model.parameters(), Precision.F32, 1);
      Mat x = mat(w, rows, 5, Precision.F32, 3);
      Mat z = mat(w, rows, 2, Precision.F32, 5);
      Linearization one = model.linearize(w, rows, Precision.F32);
      Linearization chunks = new Chunked(model, CHUNK).linearize(w, rows, Precision.F32);
      one.evaluate(theta, x, z);
      chunks.evaluate(theta, x, z);
      double largest = 0;
      for (int from = 0; from < rows; from += CHUNK) {
        int n = Math.min(CHUNK, rows - from);
        one.evaluate(theta, x.block(from, 0, n, 5), z.block(from, 0, n, 2));
        largest = Math.max(largest, one.outputErrorBound());
      }
      assertEquals(largest, chunks.outputErrorBound());
      one.evaluate(theta, x, z);
      assertTrue(chunks.outputErrorBound() <= one.outputErrorBound());
    }
  }

  @Test
  void activationsAreThoseOfOneChunk() {
    Mlp model = Mlp.of(10, List.of(100, 100), Activation.TANH, 3);
    Chunked chunked = new Chunked(model, CHUNK);
    long few = chunked.linearizationBytes(2 * CHUNK, Precision.F32);
    assertEquals(few, chunked.linearizationBytes(1 << 20, Precision.F32));
    assertTrue(few < model.linearizationBytes(2 * CHUNK, Precision.F32));
    try (Workspace w = Workspace.create()) {
      assertTrue(chunked.linearize(w, CHUNK + 1, Precision.F32) instanceof LayeredLinearization);
    }
    assertEquals(model, Chunked.unwrap(new Chunked(chunked, 2 * CHUNK)));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Mlp model = Mlp.linear(3, 2, true);
    for (int chunk : new int[] {0, -256, 100, 300}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> new Chunked(model, chunk))
              .getMessage();
      assertTrue(message.contains("chunk is " + chunk) && message.contains("256"), message);
    }
    try (Workspace w = Workspace.create()) {
      Linearization at = new Chunked(model, CHUNK).linearize(w, 1000, Precision.F64);
      Vec theta = vec(w, model.parameters(), Precision.F64, 1);
      Mat x = mat(w, 600, 3, Precision.F64, 1);
      Mat z = mat(w, 600, 2, Precision.F64, 1);
      assertThrows(IllegalStateException.class, () -> at.jvp(theta, z));
      assertThrows(IllegalStateException.class, at::outputErrorBound);
      assertThrows(IllegalArgumentException.class, () -> at.evaluate(theta, z, z));
      assertThrows(IllegalArgumentException.class, () -> at.evaluate(theta, x, z.top(599)));
      at.evaluate(theta, x, z);
      assertThrows(IllegalArgumentException.class, () -> at.vjp(z.top(599), 0, theta));
    }
  }

  @Tag("allocation")
  @Test
  void passesAllocateNothing() {
    Mlp model = Mlp.of(3, List.of(4), Activation.TANH, 2);
    try (Workspace w = Workspace.create()) {
      Linearization at = new Chunked(model, CHUNK).linearize(w, 600, Precision.F32);
      Vec theta = vec(w, model.parameters(), Precision.F32, 1);
      Vec g = vec(w, model.parameters(), Precision.F32, 2);
      Mat x = mat(w, 600, 3, Precision.F32, 1);
      Mat z = mat(w, 600, 2, Precision.F32, 2);
      Allocation.assertNone(
          "chunks",
          () -> {
            at.evaluate(theta, x, z);
            at.jvp(g, z);
            at.vjp(z, 0, g);
          });
    }
  }
}
