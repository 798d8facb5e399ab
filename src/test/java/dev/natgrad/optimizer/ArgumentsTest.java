package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arguments that do not fit are named, with the rule, and nothing has changed then. */
class ArgumentsTest {
  private static final Mlp MODEL = Mlp.of(2, List.of(3), Activation.TANH, 2);
  private static final Problem PROBLEM =
      new Problem(MODEL, new Categorical(2), 4, Precision.F32, 0);

  private Workspace workspace;
  private List<Optimizer> optimizers;
  private Mat x;
  private Mat y;

  @BeforeEach
  void build() {
    workspace = Workspace.create();
    optimizers =
        List.of(
            new NaturalGradient(workspace, PROBLEM, NaturalGradientOptions.within(0.01)),
            new GradientDescent(workspace, PROBLEM, 0.1),
            new Momentum(workspace, PROBLEM, 0.1, 0.9),
            new Adam(workspace, PROBLEM, 0.1));
    x = Trial.mat(workspace, new double[][] {{1, 2}, {3, 4}, {5, 6}}, Precision.F32);
    y = Trial.mat(workspace, new double[][] {{1, 0}, {0, 1}, {1, 0}}, Precision.F32);
  }

  @AfterEach
  void free() {
    workspace.close();
  }

  private void refused(Mat x, Mat y, String... words) {
    for (Optimizer optimizer : optimizers) {
      for (int p = 0; p < MODEL.parameters(); p++) {
        optimizer.parameters().set(p, 0.1 * p);
      }
      long[] before = Trial.bits(optimizer.parameters());
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> optimizer.step(x, y));
      for (String word : words) {
        assertTrue(e.getMessage().contains(word), () -> word + " is not in: " + e.getMessage());
      }
      assertArrayEquals(before, Trial.bits(optimizer.parameters()));
    }
  }

  private Mat zeros(int rows, int cols, Precision precision) {
    return Mat.allocate(workspace, rows, cols, precision);
  }

  @Test
  void batchesMustFit() {
    refused(x.top(0), y.top(0), "x has 0 rows", "between 1 and 4");
    refused(zeros(5, 2, Precision.F32), zeros(5, 2, Precision.F32), "x has 5 rows", "1 and 4");
    refused(x, y.top(2), "y has 2 rows", "x has 3");
  }

  @Test
  void shapesMustFit() {
    refused(zeros(3, 3, Precision.F32), y, "x is 3×3", "3×2");
    refused(x, zeros(3, 1, Precision.F32), "y has 1 columns", "outputs=2");
  }

  @Test
  void precisionsMustFit() {
    refused(zeros(3, 2, Precision.F64), y, "x", "F64", "F32");
    Mat wide = zeros(3, 2, Precision.F64);
    for (int i = 0; i < 3; i++) {
      wide.set(i, 0, 1);
    }
    refused(x, wide, "y", "F64", "F32");
  }

  @Test
  void illegalTargetsAreNamedByRow() {
    y.set(1, 0, 0.5);
    refused(x, y, "row 1", "1.5");
    y.set(1, 0, Double.NaN);
    refused(x, y, "NaN", "1");
    y.set(1, 0, -1);
    refused(x, y, "-1", "1");
  }

  @Test
  void aClosedWorkspaceIsRefused() {
    workspace.close();
    for (Optimizer optimizer : optimizers) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> optimizer.step(x, y));
      assertTrue(e.getMessage().contains("closed workspace"), e.getMessage());
    }
  }

  @Test
  void anotherThreadIsRefused() {
    for (Optimizer optimizer : optimizers) {
      CompletionException e =
          assertThrows(
              CompletionException.class,
              () -> CompletableFuture.runAsync(() -> optimizer.step(x, y)).join());
      assertInstanceOf(WrongThreadException.class, e.getCause());
    }
  }

  @Test
  void aWorkspaceTooSmallIsSaidSo() {
    long needed = NaturalGradient.bytes(PROBLEM, NaturalGradientOptions.within(0.01));
    try (Workspace small = Workspace.create(Workspace.OVERHEAD_BYTES + needed - 1)) {
      assertThrows(
          OutOfMemoryError.class,
          () -> new NaturalGradient(small, PROBLEM, NaturalGradientOptions.within(0.01)));
    }
  }

  private static void illegal(String words, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void optionsAreChecked() {
    NaturalGradientOptions options = NaturalGradientOptions.within(0.01);
    for (double epsilon : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      illegal("epsilon is " + epsilon, () -> NaturalGradientOptions.within(epsilon));
    }
    for (double damping : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      illegal("damping is " + damping, () -> options.withDamping(damping, true));
    }
    illegal("draws is 0", () -> options.withSampledFisher(0));
    illegal("iterations is 0", () -> options.withConjugateGradient(0, 0.1));
    illegal("tolerance is 1.0", () -> options.withConjugateGradient(1, 1));
    assertEquals(5, options.withSeed(5).seed());
  }

  @Test
  void problemsAreChecked() {
    illegal("2 outputs", () -> new Problem(MODEL, new Gaussian(1), 4, Precision.F32, 0));
    illegal("maxBatch is 0", () -> new Problem(MODEL, new Gaussian(2), 0, Precision.F32, 0));
    for (double l2 : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      illegal("l2 is " + l2, () -> new Problem(MODEL, new Gaussian(2), 4, Precision.F32, l2));
    }
  }

  @Test
  void ratesAreChecked() {
    for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      illegal("learningRate is " + rate, () -> new GradientDescent(workspace, PROBLEM, rate));
      illegal("learningRate is " + rate, () -> new Adam(workspace, PROBLEM, rate));
    }
    for (double momentum : new double[] {-0.1, 1, Double.NaN}) {
      illegal("momentum is", () -> new Momentum(workspace, PROBLEM, 0.1, momentum));
    }
  }
}
