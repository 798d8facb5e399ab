package dev.natgrad.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.List;
import org.junit.jupiter.api.Test;

class InitializationTest {
  private static final Mlp RELU = Mlp.of(60, List.of(50), Activation.RELU, 40);

  private static double[] start(Initialization how, Mlp model, long seed, Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, model.parameters(), precision);
      how.fill(model, seed, theta);
      return theta.toArray();
    }
  }

  private static void assertUniform(double[] w, int from, int to, double limit) {
    double sum = 0;
    double squares = 0;
    for (int i = from; i < to; i++) {
      assertTrue(Math.abs(w[i]) <= limit, "w[" + i + "] = " + w[i]);
      sum += w[i];
      squares += w[i] * w[i];
    }
    int n = to - from;
    // Five deviations: Var x = l²/3, Var x² = 4l⁴/45.
    assertEquals(0, sum / n, 5 * limit / Math.sqrt(3.0 * n));
    assertEquals(limit * limit / 3, squares / n, 5 * limit * limit * Math.sqrt(4.0 / 45 / n));
  }

  private static void assertNormal(double[] w, int from, int to, double variance) {
    double sum = 0;
    double squares = 0;
    double largest = 0;
    for (int i = from; i < to; i++) {
      sum += w[i];
      squares += w[i] * w[i];
      largest = Math.max(largest, Math.abs(w[i]));
    }
    int n = to - from;
    assertEquals(0, sum / n, 5 * Math.sqrt(variance / n));
    assertEquals(variance, squares / n, 5 * variance * Math.sqrt(2.0 / n));
    assertTrue(largest > 3 * Math.sqrt(variance), "no tails");
  }

  @Test
  void autoIsHeForReluAndGlorotForTheRest() {
    double[] w = start(Initialization.AUTO, RELU, 3, Precision.F64);
    assertNormal(w, 0, 3000, 2.0 / 60);
    assertUniform(w, 3050, 5050, Math.sqrt(6.0 / 90));
    for (int i = 0; i < 50; i++) {
      assertEquals(0, w[3000 + i]);
    }
    for (int i = 5050; i < w.length; i++) {
      assertEquals(0, w[i]);
    }
    Mlp tanh = Mlp.of(60, List.of(50), Activation.TANH, 40);
    assertUniform(
        start(Initialization.AUTO, tanh, 3, Precision.F64), 0, 3000, Math.sqrt(6.0 / 110));
  }

  @Test
  void choiceIsObeyed() {
    assertUniform(
        start(Initialization.GLOROT, RELU, 1, Precision.F64), 0, 3000, Math.sqrt(6.0 / 110));
    assertNormal(start(Initialization.HE, RELU, 1, Precision.F64), 3050, 5050, 2.0 / 50);
  }

  @Test
  void seedDecidesAndPrecisionOnlyRounds() {
    double[] w = start(Initialization.AUTO, RELU, 9, Precision.F64);
    assertArrayEquals(w, start(Initialization.AUTO, RELU, 9, Precision.F64));
    double[] rounded = start(Initialization.AUTO, RELU, 9, Precision.F32);
    double[] other = start(Initialization.AUTO, RELU, 10, Precision.F64);
    int same = 0;
    for (int i = 0; i < w.length; i++) {
      assertEquals((float) w[i], rounded[i]);
      same += w[i] == other[i] ? 1 : 0;
    }
    assertEquals(90, same, "only the biases agree between seeds");
  }

  @Test
  void lengthIsChecked() {
    try (Workspace workspace = Workspace.create()) {
      Vec theta = Vec.allocate(workspace, 7, Precision.F64);
      assertThrows(IllegalArgumentException.class, () -> Initialization.AUTO.fill(RELU, 1, theta));
    }
  }
}
