package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways to a direction against each other. */
class DirectionsTest {
  private static final NaturalGradientOptions DAMPED =
      NaturalGradientOptions.within(0.01).withDamping(0.1, false);

  private static final Solve FACTORS = new Solve.Kronecker(1, true, 1e-3, 5);

  private static double[][] stepped(
      Trial trial, double l2, NaturalGradientOptions options, int steps) {
    double[][] path = new double[steps][];
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, l2, options);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int step = 0; step < steps; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        assertTrue(outcome.status().accepted(), outcome::toString);
        path[step] = optimizer.parameters().toArray();
      }
    }
    return path;
  }

  /** Two ways that share no code solve the same systems, in the same curvature. */
  @ParameterizedTest
  @EnumSource
  void dualAndDenseTakeTheSameSteps(NaiveLikelihood likelihood) {
    for (Curvature curvature :
        List.of(Curvature.exact(), Curvature.sampled(3), Curvature.empirical())) {
      for (int seed = 0; seed < 20; seed++) {
        Trial trial =
            new Trial(seed, likelihood, Precision.F64, 3, new int[] {4}, Activation.TANH, 8);
        NaturalGradientOptions options = DAMPED.withCurvature(curvature);
        double[][] dense = stepped(trial, 0.01, options.withSolve(new Solve.Dense()), 6);
        double[][] dual = stepped(trial, 0.01, options.withSolve(new Solve.Dual()), 6);
        // κ ≤ 1 + tr(F)/(0.1·tr(F)/P) = 1 + 10·P < 400, of some 50 roundings: 2e-12 a step.
        for (int step = 0; step < dense.length; step++) {
          for (int p = 0; p < dense[step].length; p++) {
            double tolerance = 1e-10 * (1 + Math.abs(dense[step][p]));
            String what = curvature + ", seed " + seed + ", step " + step;
            assertEquals(dense[step][p], dual[step][p], tolerance, what);
          }
        }
      }
    }
  }

  /** With one linear layer and a Gaussian, F = A ⊗ G exactly: so is the solution of the fit. */
  @Test
  void kroneckerFactorsSolveLinearRegressionInOneStep() {
    for (int seed = 0; seed < 20; seed++) {
      Trial trial =
          new Trial(seed, NaiveLikelihood.GAUSSIAN, Precision.F64, 3, new int[0], null, 200);
      try (Workspace workspace = Workspace.create()) {
        NaturalGradientOptions options =
            NaturalGradientOptions.within(1e9)
                .withDamping(0, false)
                .withSolve(new Solve.Kronecker(1e-12, false, 1e-12, 20))
                .withMomentum(true);
        NaturalGradient optimizer = trial.natural(workspace, 0, options);
        Mat x = trial.mat(workspace, trial.x);
        Mat y = trial.mat(workspace, trial.y);
        StepOutcome outcome = optimizer.step(x, y);
        assertEquals(DirectionSource.KRONECKER, outcome.source());
        double first = outcome.gradientNorm();
        outcome = optimizer.step(x, y);
        // G is a mean over 200 vectors of signs: exact for one output, near it for several; what is
        // left is γ = 1e-6 in each factor.
        double part = trial.model.outputs() == 1 ? 1e-4 : 0.5;
        assertTrue(outcome.gradientNorm() <= part * first, outcome::toString);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void factorsAndMomentumComeFurtherThanTheDiagonal(Precision precision) {
    int better = 0;
    for (int seed = 0; seed < 10; seed++) {
      Trial trial =
          new Trial(
              seed, NaiveLikelihood.GAUSSIAN, precision, 4, new int[] {8}, Activation.TANH, 200);
      double[] loss = new double[2];
      for (int which = 0; which < 2; which++) {
        NaturalGradientOptions options =
            NaturalGradientOptions.automatic(0.1).withDamping(Damping.adaptive(1));
        NaturalGradientOptions factors = options.withSolve(FACTORS).withMomentum(true);
        loss[which] = train(trial, which == 0 ? factors : options.withSolve(new Solve.Diagonal()));
      }
      better += loss[0] < loss[1] ? 1 : 0;
    }
    assertTrue(better >= 8, better + " of 10");
  }

  private static double train(Trial trial, NaturalGradientOptions options) {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, 0, options);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      double loss = Double.POSITIVE_INFINITY;
      for (int step = 0; step < 12; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        double before = loss;
        assertTrue(outcome.lossAfter() <= before, outcome::toString);
        loss = outcome.lossAfter();
      }
      return loss;
    }
  }

  @Test
  void theShapeDecidesWhatIsRecommended() {
    Radius radius = Radius.within(0.01);
    Trial linear = new Trial(1, NaiveLikelihood.GAUSSIAN, Precision.F64, 3, new int[0], null, 20);
    assertEquals(
        new Solve.Dense(), NaturalGradientOptions.recommended(linear.problem(0), radius).solve());
    Trial network =
        new Trial(1, NaiveLikelihood.GAUSSIAN, Precision.F64, 3, new int[] {5}, null, 20);
    NaturalGradientOptions options = NaturalGradientOptions.recommended(network.problem(0), radius);
    assertEquals(Solve.Kronecker.class, options.solve().getClass());
    assertTrue(options.momentum());
    train(network, options);
    Mlp wide = Mlp.of(2000, List.of(), Activation.TANH, 1);
    Problem few = new Problem(wide, new Gaussian(1), 10, Precision.F32, 0);
    assertEquals(new Solve.Dual(), NaturalGradientOptions.recommended(few, radius).solve());
    Problem many = new Problem(wide, new Gaussian(1), 100_000, Precision.F32, 0);
    assertEquals(
        Solve.conjugateGradients(), NaturalGradientOptions.recommended(many, radius).solve());
  }

  /** Without damping and with more parameters than samples Cholesky has to give up or to shift. */
  @Test
  void aSingularMatrixStillGivesAStep() {
    Trial trial = new Trial(5, NaiveLikelihood.BERNOULLI, Precision.F64, 6, new int[] {9}, null, 2);
    NaturalGradientOptions singular =
        NaturalGradientOptions.within(0.01).withDamping(0, false).withSolve(new Solve.Dense());
    stepped(trial, 0, singular, 1);
  }

  /**
   * Three rows, seven parameters an output: any solution of Fd = g fits all rows in one step, and
   * the gradient divided by its diagonal fits none of them.
   */
  @ParameterizedTest
  @EnumSource
  void aSingularMatrixIsSolvedWith(Precision precision) {
    Trial trial = new Trial(2, NaiveLikelihood.GAUSSIAN, precision, 6, new int[0], null, 3);
    NaturalGradientOptions undamped = NaturalGradientOptions.within(1e9).withDamping(0, false);
    double u = precision.unitRoundoff();
    double root = Math.sqrt(u);
    // F's least eigenvalue other than 0 is above 1 % of its mean entry: the shift, P·u of the
    // diagonal, and λ leave at most a hundred times as much of the gradient.
    assertFits(trial, undamped.withSolve(new Solve.Dense()), 100 * 7 * u + 1000 * u);
    assertFits(trial, undamped.withDamping(root, false).withSolve(new Solve.Dense()), 100 * root);
    assertFits(trial, undamped.withDamping(root, false).withSolve(new Solve.Dual()), 100 * root);
  }

  private static void assertFits(Trial trial, NaturalGradientOptions options, double part) {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, 0, options);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      StepOutcome outcome = optimizer.step(x, y);
      assertTrue(outcome.source() != DirectionSource.SCALED_GRADIENT, outcome::toString);
      double first = outcome.gradientNorm();
      optimizer.step(x, y);
      double left = outcome.gradientNorm() / first;
      assertTrue(left <= part, options.solve() + " leaves " + left + " > " + part);
    }
  }

  /** Every step would be the scaled gradient, and nothing would say so. */
  @Test
  void theDualFormIsRefusedWithoutDamping() {
    Trial trial = new Trial(2, NaiveLikelihood.GAUSSIAN, Precision.F32, 6, new int[0], null, 3);
    NaturalGradientOptions dual = DAMPED.withSolve(new Solve.Dual());
    try (Workspace workspace = Workspace.create()) {
      for (double l2 : new double[] {0, 1e-60}) {
        for (boolean adapt : new boolean[] {false, true}) {
          String message =
              assertThrows(
                      IllegalArgumentException.class,
                      () -> trial.natural(workspace, l2, dual.withDamping(0, adapt)))
                  .getMessage();
          assertTrue(message.contains("divides by the damping"), message);
          assertTrue(message.contains("l2 " + l2), message);
        }
      }
      trial.natural(workspace, 1e-6, dual.withDamping(0, false));
      trial.natural(workspace, 0, dual.withDamping(1e-6, true));
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWhenBuilt() {
    try (Workspace workspace = Workspace.create()) {
      Problem rosenbrock = new Problem(new Rosenbrock(), new Gaussian(2), 1, Precision.F64, 0);
      NaturalGradientOptions factors = DAMPED.withSolve(FACTORS);
      assertThrows(
          IllegalArgumentException.class,
          () -> new NaturalGradient(workspace, rosenbrock, factors));
      assertThrows(
          IllegalArgumentException.class, () -> NaturalGradient.bytes(rosenbrock, factors));
      NaturalGradientOptions dual =
          DAMPED.withSolve(new Solve.Dual()).withDampingScale(Damping.Scale.DIAGONAL);
      assertThrows(
          IllegalArgumentException.class, () -> new NaturalGradient(workspace, rosenbrock, dual));
    }
  }

  /** The first step has no inverse and no time for one; then the inverses are made in pieces. */
  @ParameterizedTest
  @ValueSource(longs = {1_000, 1_000_000_000})
  void theInversesAreRenewedInPieces(long nanos) {
    Trial trial =
        new Trial(1, NaiveLikelihood.CATEGORICAL, Precision.F64, 4, new int[] {6}, null, 20);
    long[] now = {0};
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer =
          new NaturalGradient(
              workspace,
              trial.problem(0),
              DAMPED.withSolve(new Solve.Kronecker(1, true, 1e-3, 3)),
              () -> now[0] += 10);
      optimizer.parameters().copyFrom(trial.theta, 0);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      StepBudget budget = StepBudget.ofNanos(nanos);
      int factored = 0;
      for (int step = 0; step < 30; step++) {
        StepOutcome outcome = optimizer.step(x, y, budget);
        factored += outcome.source() == DirectionSource.KRONECKER ? 1 : 0;
        assertTrue(outcome.nanos() <= nanos + 200, outcome::toString);
      }
      assertTrue(factored > 10, factored + " steps by the factors");
    }
  }
}
