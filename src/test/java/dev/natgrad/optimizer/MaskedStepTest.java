package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.random.Philox;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps on batches of which most rows are padding. */
class MaskedStepTest {
  private static final int ROWS = 16;
  private static final int REAL = 6;
  private static final int INPUTS = 4;
  private static final int CLASSES = 3;

  /** A step from the start: how far it went, and how. */
  private record Step(double[] from, double[] to, StepOutcome outcome) {
    double direction(int p) {
      return (from[p] - to[p]) / outcome.beta();
    }
  }

  /**
   * What is in rows of weight 0 does not matter to the direction; only to the length, by the bound
   * of the outputs' rounding.
   */
  @ParameterizedTest
  @CsvSource({"F32,1e3", "F64,1e3", "F64,1e6"})
  void theFillerOfMaskedRowsDoesNotMatter(Precision precision, double filler) {
    for (Solve solve : List.of(Solve.Kronecker.standard(), Solve.EigenKronecker.standard())) {
      Step plain = step(precision, solve, 0);
      Step filled = step(precision, solve, filler);
      assertTrue(filled.outcome.status().accepted(), () -> solve + ": " + filled.outcome);
      assertEquals(plain.outcome.source(), filled.outcome.source());
      assertNotEquals(DirectionSource.SCALED_GRADIENT, filled.outcome.source());
      for (int p = 0; p < plain.to.length; p++) {
        // d has the same bits; θ − βd is rounded twice in each of the steps.
        double size = Math.abs(filled.from[p]) / filled.outcome.beta();
        size += Math.abs(plain.from[p]) / plain.outcome.beta() + 4 * Math.abs(plain.direction(p));
        double bound = 2 * precision.unitRoundoff() * size;
        assertEquals(plain.direction(p), filled.direction(p), bound, solve + ": " + p);
      }
    }
  }

  private static Step step(Precision precision, Solve solve, double filler) {
    try (Workspace w = Workspace.create()) {
      return step(w, precision, solve, filler);
    }
  }

  private static Step step(Workspace w, Precision precision, Solve solve, double filler) {
    Mlp model = Mlp.of(INPUTS, List.of(5), Activation.TANH, CLASSES);
    Weighted weighted = new Weighted(w, new Categorical(CLASSES), ROWS, precision);
    Vec weights = Vec.allocate(w, ROWS, precision);
    Mat x = Mat.allocate(w, ROWS, INPUTS, precision);
    Mat y = Mat.allocate(w, ROWS, CLASSES, precision);
    for (int i = 0; i < ROWS; i++) {
      weights.set(i, i < REAL ? 1 : 0);
      for (int j = 0; j < INPUTS; j++) {
        x.set(i, j, i < REAL ? Philox.normal(1, 0, (long) i * INPUTS + j) : filler);
      }
      y.set(i, i % CLASSES, 1);
    }
    weighted.setWeights(weights);
    NaturalGradientOptions options =
        NaturalGradientOptions.within(0.01).withDamping(0.1, false).withSolve(solve);
    Problem problem = new Problem(model, weighted, ROWS, precision, 0);
    long before = w.bytesUsed();
    NaturalGradient optimizer = new NaturalGradient(w, problem, options);
    assertEquals(NaturalGradient.bytes(problem, options), w.bytesUsed() - before);
    for (int p = 0; p < model.parameters(); p++) {
      optimizer.parameters().set(p, 0.5 * Philox.normal(4, 0, p));
    }
    double[] from = optimizer.parameters().toArray();
    StepOutcome outcome = optimizer.step(x, y);
    return new Step(from, optimizer.parameters().toArray(), outcome);
  }
}
