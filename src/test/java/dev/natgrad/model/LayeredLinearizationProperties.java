package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.Bounded;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** What a network shows of its dense layers, and products with some of its samples. */
class LayeredLinearizationProperties {
  @Property(tries = 300)
  void theProductsOfSomeSamplesAreTheOracles(@ForAll long seed, @ForAll Precision precision) {
    RandomNet net = RandomNet.anything(seed, precision);
    try (Workspace workspace = Workspace.create()) {
      LayeredLinearization at = evaluated(net, workspace);
      int rows = 1 + net.random.nextInt(net.x.length);
      int start = startAnywhere(net, at, rows);
      double[][] some = Arrays.copyOfRange(net.x, start, start + rows);
      double[] v = net.vector(net.theta.length);
      Mat t = net.mat(workspace, net.matrix(rows, net.model.outputs()));
      at.jvp(net.vec(workspace, v), t);
      Bounded[][] tangent = net.oracle.jvp(net.theta, some, v);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < net.model.outputs(); j++) {
          assertTrue(tangent[i][j].allows(t.get(i, j)), "Jv[" + i + ", " + j + "]");
        }
      }
      double[][] u = net.matrix(rows, net.model.outputs());
      Vec g = Vec.allocate(workspace, net.theta.length, precision);
      at.vjp(net.mat(workspace, u), 0, g);
      Bounded[] gradient = net.oracle.vjp(net.theta, some, u);
      for (int p = 0; p < gradient.length; p++) {
        assertTrue(gradient[p].allows(g.get(p)), "JᵀU[" + p + "]");
      }
    }
  }

  @Property(tries = 300)
  void inputsAndDeltasMakeTheGradient(@ForAll long seed, @ForAll Precision precision) {
    RandomNet net = RandomNet.anything(seed, precision);
    try (Workspace workspace = Workspace.create()) {
      LayeredLinearization at = evaluated(net, workspace);
      int rows = 1 + net.random.nextInt(net.x.length);
      startAnywhere(net, at, rows);
      Mat u = net.mat(workspace, net.matrix(rows, net.model.outputs()));
      Vec expected = Vec.allocate(workspace, net.theta.length, precision);
      at.vjp(u, 0, expected);
      Vec g = Vec.allocate(workspace, net.theta.length, precision);
      int[] calls = new int[at.denseLayers().size()];
      at.backward(
          u,
          (l, delta) -> {
            DenseLayer layer = at.denseLayers().get(l);
            int entries = layer.inputs() * layer.outputs();
            Mat weights =
                g.slice(layer.weightOffset(), entries).asMat(layer.inputs(), layer.outputs());
            Mat in = at.layerInputs(l, rows);
            Blas.gemm(Transpose.YES, Transpose.NO, 1, in, delta, 0, weights);
            if (layer.hasBias()) {
              Blas.colSums(1, delta, 0, g.slice(layer.biasOffset(), layer.outputs()));
            }
            calls[l]++;
          });
      for (DenseLayer layer : at.denseLayers()) {
        assertArrayEquals(
            expected.slice(layer.weightOffset(), layer.parameters()).toArray(),
            g.slice(layer.weightOffset(), layer.parameters()).toArray());
      }
      assertTrue(Arrays.stream(calls).allMatch(n -> n == 1));
    }
  }

  /** Leaves the beginning to half of the cases. */
  private static int startAnywhere(RandomNet net, LayeredLinearization at, int rows) {
    int start = net.random.nextBoolean() ? net.random.nextInt(net.x.length - rows + 1) : 0;
    if (start > 0) {
      at.startAt(start);
    }
    return start;
  }

  @Example
  void anEvaluationStartsAtTheFirstSampleAgain() {
    RandomNet net = RandomNet.anything(3, Precision.F64);
    try (Workspace workspace = Workspace.create()) {
      LayeredLinearization at = net.model.linearize(workspace, 4, Precision.F64);
      Mat x = net.mat(workspace, net.matrix(4, net.model.inputs()));
      Mat z = Mat.allocate(workspace, 4, net.model.outputs(), Precision.F64);
      Vec theta = net.vec(workspace, net.theta);
      assertThrows(IllegalStateException.class, () -> at.startAt(0));
      at.evaluate(theta, x, z);
      Mat one = z.top(1);
      Vec v = net.vec(workspace, net.vector(net.theta.length));
      at.jvp(v, one);
      double[] ofFirst = one.row(0).toArray();
      at.startAt(3);
      at.jvp(v, one);
      assertFalse(Arrays.equals(ofFirst, one.row(0).toArray()));
      assertThrows(IllegalArgumentException.class, () -> at.jvp(v, z.top(2)));
      assertThrows(IllegalArgumentException.class, () -> at.layerInputs(0, 2));
      assertThrows(IllegalArgumentException.class, () -> at.startAt(4));
      assertThrows(IllegalArgumentException.class, () -> at.startAt(-1));
      at.evaluateAgain(theta, x, z);
      at.jvp(v, one);
      assertArrayEquals(ofFirst, one.row(0).toArray());
    }
  }

  private static LayeredLinearization evaluated(RandomNet net, Workspace workspace) {
    int batch = net.x.length;
    LayeredLinearization at = net.model.linearize(workspace, batch + 2, net.precision);
    Mat z = Mat.allocate(workspace, batch, net.model.outputs(), net.precision);
    at.evaluate(net.vec(workspace, net.theta), net.mat(workspace, net.x), z);
    return at;
  }

  @Tag("allocation")
  @Example
  void callsAreCheckedAndAllocateNothing() {
    Mlp model = Mlp.of(3, List.of(4), Activation.TANH, 2);
    try (Workspace workspace = Workspace.create()) {
      LayeredLinearization at = model.linearize(workspace, 8, Precision.F32);
      Mat x = Mat.allocate(workspace, 8, 3, Precision.F32);
      Mat z = Mat.allocate(workspace, 8, 2, Precision.F32);
      Vec theta = Vec.allocate(workspace, model.parameters(), Precision.F32);
      assertThrows(IllegalStateException.class, () -> at.layerInputs(0, 1));
      assertThrows(IllegalArgumentException.class, () -> new DenseLayer(2, 3, 5, 12));
      assertThrows(IllegalArgumentException.class, () -> new DenseLayer(0, 3, 5, 5));
      assertThrows(IllegalStateException.class, () -> at.backward(z, (l, delta) -> {}));
      at.evaluate(theta, x, z);
      assertThrows(IllegalArgumentException.class, () -> at.layerInputs(0, 0));
      assertThrows(IllegalArgumentException.class, () -> at.layerInputs(1, 9));
      assertThrows(IllegalArgumentException.class, () -> at.backward(x, (l, delta) -> {}));
      Mat none = z.top(0);
      assertThrows(IllegalArgumentException.class, () -> at.backward(none, (l, delta) -> {}));
      assertEquals(
          List.of(new DenseLayer(3, 4, 0, 12), new DenseLayer(4, 2, 16, 24)), at.denseLayers());
      Mat u = z.top(5);
      LayeredLinearization.LayerDeltas same =
          (l, delta) -> assertTrue(at.layerInputs(l, 5).rows() == delta.rows());
      Allocation.assertNone("backward", () -> at.backward(u, same));
      Allocation.assertNone(
          "backward from the third sample on",
          () -> {
            at.startAt(2);
            at.backward(u, same);
          });
    }
  }
}
