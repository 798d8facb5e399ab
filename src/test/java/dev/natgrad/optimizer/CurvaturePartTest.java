package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowViews;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Model;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The curvature on a part of the batch, taken from the objective's evaluation or evaluated. */
class CurvaturePartTest {
  private static final int BATCH = 23;

  /** A network that does not show its layers, so that its part is evaluated again. */
  private record Hidden(Mlp mlp) implements Model {
    @Override
    public int parameters() {
      return mlp.parameters();
    }

    @Override
    public int inputs() {
      return mlp.inputs();
    }

    @Override
    public int outputs() {
      return mlp.outputs();
    }

    @Override
    public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      return mlp.linearize(workspace, maxBatch, precision);
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return mlp.linearizationBytes(maxBatch, precision);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.35, 0.5, 0.9})
  void bothWaysGiveTheSameBits(double fraction) {
    Mlp mlp = Mlp.of(4, List.of(6, 5), Activation.TANH, 3);
    for (boolean weighted : new boolean[] {false, true}) {
      for (Curvature kind :
          new Curvature[] {Curvature.exact(), Curvature.sampled(2), Curvature.empirical()}) {
        NaturalGradientOptions options =
            NaturalGradientOptions.within(0.05).withCurvature(kind.withFraction(fraction));
        try (Workspace w = Workspace.create()) {
          NaturalGradient shared = optimizer(w, mlp, mlp, weighted, options);
          NaturalGradient apart = optimizer(w, mlp, new Hidden(mlp), weighted, options);
          Mat x = random(w, 4);
          Mat y = random(w, 3);
          for (int step = 0; step < 12; step++) {
            assertEquals(shared.step(x, y).toString(), apart.step(x, y).toString());
          }
          assertTrue(shared.step(x, y).status().accepted());
          apart.step(x, y);
          assertArrayEquals(Trial.bits(shared.parameters()), Trial.bits(apart.parameters()));
        }
      }
    }
  }

  /**
   * The third feature is 0 in all rows but the last, so on every other step F is 0 there and the
   * gradient is not. Without a unit for it, it waits for a part that shows it; its own unit may be
   * any.
   */
  @ParameterizedTest
  @EnumSource
  void whatThePartDoesNotShowIsNotMoved(Precision precision) {
    for (Solve solve :
        List.of(
            new Solve.Diagonal(),
            Solve.conjugateGradients(),
            new Solve.Minres(30, 1e-4),
            new Solve.Blocks(),
            new Solve.Dense())) {
      // Undamped, Fd = g has no solution on the parts without the feature, once it has been seen.
      boolean undamped = solve instanceof Solve.Diagonal || solve instanceof Solve.Dense;
      for (double lambda : undamped ? new double[] {0.1, 0} : new double[] {0.1}) {
        NaturalGradientOptions options =
            NaturalGradientOptions.within(0.1)
                .withDamping(lambda, false)
                .withDampingScale(Damping.Scale.DIAGONAL)
                .withCurvature(Curvature.exact().withFraction(0.5))
                .withSolve(solve);
        double[] plain = rareFeature(precision, options, 1);
        // A length is settled by which of several first comes to lie in [0.9 ε, ε], so rounding may
        // change it by 1 − √0.9 at each of four steps.
        double largest = Arrays.stream(plain).map(Math::abs).max().orElseThrow();
        checkUnit(precision, options, plain, 4 * (1 - Math.sqrt(0.9)) * largest);
        if (lambda > 0 && !(solve instanceof Solve.Minres)) {
          // No radius settles a length here: what is left are roundings.
          NaturalGradientOptions free = options.withRadius(Radius.within(1e9));
          checkUnit(
              precision, free, rareFeature(precision, free, 1), 1000 * precision.unitRoundoff());
        }
      }
    }
  }

  private static void checkUnit(
      Precision precision, NaturalGradientOptions options, double[] plain, double tolerance) {
    double unit = precision == Precision.F64 ? 0x1p20 : 0x1p4;
    double[] scaled = rareFeature(precision, options, unit);
    scaled[2] *= unit;
    assertArrayEquals(plain, scaled, tolerance, () -> options + " depends on the unit");
  }

  /** θ after four steps, all of them accepted and the first without the third feature. */
  private static double[] rareFeature(
      Precision precision, NaturalGradientOptions options, double unit) {
    try (Workspace w = Workspace.create()) {
      Problem problem = new Problem(Mlp.linear(3, 1, true), new Gaussian(1), 8, precision, 0);
      NaturalGradient optimizer = new NaturalGradient(w, problem, options);
      Random random = new Random(1);
      double[][] x = new double[8][];
      double[][] y = new double[8][];
      for (int i = 0; i < x.length; i++) {
        double rare = i == 7 ? 1 : 0;
        x[i] = new double[] {random.nextGaussian(), random.nextGaussian(), unit * rare};
        y[i] = new double[] {x[i][0] - x[i][1] + 2 * rare};
      }
      Mat rows = Trial.mat(w, x, precision);
      Mat targets = Trial.mat(w, y, precision);
      for (int step = 0; step < 4; step++) {
        StepOutcome outcome = optimizer.step(rows, targets);
        assertTrue(outcome.status().accepted(), () -> options + ": " + outcome);
        if (step == 0) {
          assertEquals(0, optimizer.parameters().get(2), () -> options + ": " + outcome);
        }
      }
      assertTrue(optimizer.parameters().get(2) != 0, () -> options + ": never moved");
      return optimizer.parameters().toArray();
    }
  }

  /** A step that is solved for again goes back to the rows of the curvature, not to the first. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepSolvedForAgainStaysOnItsRows(boolean momentum) {
    Mlp mlp = Mlp.of(4, List.of(3), Activation.TANH, 3);
    NaturalGradientOptions options =
        NaturalGradientOptions.within(1e9)
            .withRadius(Radius.adaptive(1e9, Double.POSITIVE_INFINITY))
            .withDamping(1e-10, true)
            .withSolve(new Solve.Dense())
            .withMomentum(momentum)
            .withCurvature(Curvature.exact().withFraction(0.35));
    int raised = 0;
    double lambda = Double.MAX_VALUE;
    try (Workspace w = Workspace.create()) {
      NaturalGradient shared = optimizer(w, mlp, mlp, false, options);
      NaturalGradient apart = optimizer(w, mlp, new Hidden(mlp), false, options);
      Mat x = random(w, 4);
      Mat y = random(w, 3);
      for (int step = 0; step < 20; step++) {
        StepOutcome outcome = shared.step(x, y);
        raised += outcome.lambda() > 50 * lambda ? 1 : 0;
        lambda = outcome.lambda();
        assertEquals(outcome.toString(), apart.step(x, y).toString());
      }
    }
    assertTrue(raised > 0, "no step was solved for again");
  }

  /**
   * On a part of masked rows F is 0; its turn goes to a part with rows that count, here always the
   * first, and F is that of a batch of these alone.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMaskedPartHasNoTurn(boolean hidden) {
    int rows = 256;
    int unmasked = 32;
    Mlp mlp = Mlp.of(4, List.of(3), Activation.TANH, 3);
    Model model = hidden ? new Hidden(mlp) : mlp;
    NaturalGradientOptions whole = NaturalGradientOptions.within(0.01).withDamping(1e-2, true);
    NaturalGradientOptions part = whole.withCurvature(Curvature.exact().withFraction(0.125));
    Precision f64 = Precision.F64;
    try (Workspace w = Workspace.create()) {
      Weighted distribution = new Weighted(w, new Bernoulli(3), rows, f64);
      Vec weights = Vec.allocate(w, rows, f64);
      for (int i = 0; i < unmasked; i++) {
        weights.set(i, 1);
      }
      distribution.setWeights(weights);
      NaturalGradient optimizer =
          new NaturalGradient(w, new Problem(model, distribution, rows, f64, 0.1), part);
      NaturalGradient alone =
          new NaturalGradient(w, new Problem(model, new Bernoulli(3), unmasked, f64, 0.1), whole);
      Initialization.GLOROT.fill(mlp, 1, optimizer.parameters());
      Initialization.GLOROT.fill(mlp, 1, alone.parameters());
      Mat x = random(w, rows, 4);
      Mat y = random(w, rows, 3);
      Mat topX = x.top(unmasked);
      Mat topY = y.top(unmasked);
      for (int step = 0; step < 16; step++) {
        boolean same = step % 3 == 2;
        StepOutcome outcome = same ? optimizer.stepAgain(x, y) : optimizer.step(x, y);
        assertTrue(outcome.status().accepted(), "step " + step + ": " + outcome);
        StepOutcome other = alone.step(topX, topY);
        assertEquals(other.status(), outcome.status());
        assertEquals(other.lambda(), outcome.lambda(), 1e-9, "step " + step);
        // Roundings of about 1e-15, over steps that differ by no branch.
        assertArrayEquals(alone.parameters().toArray(), optimizer.parameters().toArray(), 1e-9);
      }
    }
  }

  private static NaturalGradient optimizer(
      Workspace w, Mlp mlp, Model model, boolean weighted, NaturalGradientOptions options) {
    OutputDistribution distribution = new Bernoulli(3);
    if (weighted) {
      Weighted weights = new Weighted(w, distribution, BATCH, Precision.F64);
      Vec ofRows = Vec.allocate(w, BATCH, Precision.F64);
      for (int i = 0; i < BATCH; i++) {
        ofRows.set(i, 1 + i % 5);
      }
      weights.setWeights(ofRows);
      distribution = weights;
    }
    NaturalGradient optimizer =
        new NaturalGradient(
            w, new Problem(model, distribution, BATCH, Precision.F64, 1e-3), options);
    Initialization.GLOROT.fill(mlp, 1, optimizer.parameters());
    return optimizer;
  }

  /** Bernoulli targets as well as inputs. */
  private static Mat random(Workspace w, int columns) {
    return random(w, BATCH, columns);
  }

  private static Mat random(Workspace w, int rows, int columns) {
    Random random = new Random(columns);
    Mat a = Mat.allocate(w, rows, columns, Precision.F64);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        a.set(i, j, random.nextInt(2));
      }
    }
    return a;
  }

  @Test
  void viewsOfTheSameRowsAreTheSameObject() {
    try (Workspace w = Workspace.create()) {
      Mat a = random(w, 4);
      RowViews views = new RowViews();
      assertSame(a, views.of(a, 0, BATCH));
      Mat some = views.of(a, 3, 5);
      assertSame(some, views.of(a, 3, 5));
      assertEquals(a.get(7, 2), some.get(4, 2));
      for (int first = 4; first < 18; first++) {
        for (int rows = 1; rows <= 5; rows++) {
          Mat view = views.of(a, first, rows);
          assertEquals(rows, view.rows());
          assertEquals(a.get(first, 1), view.get(0, 1));
        }
      }
      assertEquals(a.get(3, 0), views.of(a, 3, 5).get(0, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> views.of(a, 20, 4));
    }
  }
}
