package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.Rounding;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Values and Jacobian products of networks against the naive oracle and its error bounds. */
@Tag("width")
class MlpProperties {
  private static void assertWithin(String what, Bounded[][] expected, Mat actual) {
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        double value = actual.get(i, j);
        assertTrue(
            expected[i][j].allows(value),
            what + "[" + i + "," + j + "] " + value + " vs " + expected[i][j]);
      }
    }
  }

  private static void check(RandomNet net) {
    int batch = net.x.length;
    int outputs = net.model.outputs();
    try (Workspace workspace = Workspace.create()) {
      Linearization at = net.model.linearize(workspace, batch + 2, net.precision);
      Vec theta = net.vec(workspace, net.theta);
      Mat x = net.mat(workspace, net.x);
      Mat z = net.mat(workspace, net.matrix(batch, outputs));
      at.evaluate(theta, x, z);
      assertWithin("z", net.oracle.evaluate(net.theta, net.x), z);

      double[] v = net.vector(net.theta.length);
      Mat t = net.mat(workspace, net.matrix(batch, outputs));
      at.jvp(net.vec(workspace, v), t);
      assertWithin("Jv", net.oracle.jvp(net.theta, net.x, v), t);

      double[][] u = net.matrix(batch, outputs);
      Mat weights = net.mat(workspace, u);
      double[] old = net.vector(net.theta.length);
      Bounded[] expected = net.oracle.vjp(net.theta, net.x, u);
      Vec g = net.vec(workspace, old);
      at.vjp(weights, -0.5, g);
      for (int p = 0; p < expected.length; p++) {
        double bound = 4 * net.precision.unitRoundoff();
        Bounded sum = Bounded.sum(new Bounded[] {expected[p], Bounded.exact(-0.5 * old[p])}, bound);
        assertTrue(sum.allows(g.get(p)), "JᵀU[" + p + "] " + g.get(p) + " vs " + sum);
      }
      double[] nan = new double[net.theta.length];
      Arrays.fill(nan, Double.NaN);
      Vec fresh = net.vec(workspace, nan);
      at.vjp(weights, 0, fresh);
      for (int p = 0; p < expected.length; p++) {
        assertTrue(expected[p].allows(fresh.get(p)), "JᵀU[" + p + "] " + fresh.get(p));
      }
      for (int i = 0; i < batch; i++) {
        for (int j = 0; j < outputs; j++) {
          assertTrue(weights.get(i, j) == u[i][j], "U changed");
        }
      }
    }
  }

  @Property
  void agreesWithTheOracle(@ForAll long seed, @ForAll Precision precision) {
    check(new RandomNet(seed, precision));
  }

  @Property(tries = 500)
  void everyKindOfLayerAgreesWithTheOracle(@ForAll long seed, @ForAll Precision precision) {
    check(RandomNet.anything(seed, precision));
  }

  /** ⟨U, Jv⟩ = ⟨JᵀU, v⟩ but for the two products' own errors and the roundings of the sums. */
  @Property(tries = 300)
  void theProductsAreAdjoint(@ForAll long seed, @ForAll Precision precision) {
    RandomNet net = RandomNet.anything(seed, precision);
    try (Workspace workspace = Workspace.create()) {
      int batch = net.x.length;
      Linearization at = net.model.linearize(workspace, batch, precision);
      Mat t = Mat.allocate(workspace, batch, net.model.outputs(), precision);
      at.evaluate(net.vec(workspace, net.theta), net.mat(workspace, net.x), t);
      double[] v = net.vector(net.theta.length);
      double[][] u = net.matrix(batch, net.model.outputs());
      Vec g = Vec.allocate(workspace, v.length, precision);
      at.jvp(net.vec(workspace, v), t);
      at.vjp(net.mat(workspace, u), 0, g);
      Bounded[][] tangent = net.oracle.jvp(net.theta, net.x, v);
      Bounded[] gradient = net.oracle.vjp(net.theta, net.x, u);
      double difference = 0;
      double errors = 0;
      double magnitude = 0;
      for (int i = 0; i < batch; i++) {
        for (int j = 0; j < u[i].length; j++) {
          difference += u[i][j] * t.get(i, j);
          errors += Math.abs(u[i][j]) * tangent[i][j].error();
          magnitude += Math.abs(u[i][j] * t.get(i, j));
        }
      }
      for (int p = 0; p < v.length; p++) {
        difference -= v[p] * g.get(p);
        errors += Math.abs(v[p]) * gradient[p].error();
        magnitude += Math.abs(v[p] * g.get(p));
      }
      double sums = Rounding.gamma(v.length + batch * u[0].length + 1, Precision.F64) * magnitude;
      assertTrue(Math.abs(difference) <= errors + sums, net.model + ": " + difference);
    }
  }

  @Example
  void agreesAtEveryDepthWithEveryActivation() {
    for (Precision precision : Precision.values()) {
      for (Activation activation : Activation.values()) {
        for (int depth = 1; depth <= 4; depth++) {
          check(new RandomNet(31 * depth + activation.ordinal(), precision, depth, activation));
        }
      }
    }
  }

  /** Every dimension alone from 1 to past two vectors of 512 bits: the widths' tails. */
  @Example
  void agreesAtEveryDimension() {
    for (Precision precision : Precision.values()) {
      for (int n = 1; n <= 2 * 16 + 1; n++) {
        int[][] dimensions = {{n, 3, 2, 2}, {2, n, 2, 2}, {2, 3, n, 2}, {2, 3, 2, n}};
        for (int[] d : dimensions) {
          Mlp model = Mlp.of(d[0], List.of(d[1]), Activation.TANH, d[2]);
          check(new RandomNet(precision, model, new Random(n), d[3]));
        }
      }
    }
  }
}
