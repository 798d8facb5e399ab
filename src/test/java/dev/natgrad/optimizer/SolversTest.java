package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Chunked;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every solver of a step: its loss falls, its KL is bounded, and where they must agree they do. */
class SolversTest {
  private static final Solve LOW_RANK =
      new Solve.ConjugateGradients(30, 1e-4, Solve.Preconditioner.NYSTROM, 8, 0);

  private static final List<Solve> ALL =
      List.of(
          Solve.conjugateGradients(),
          new Solve.ConjugateGradients(30, 1e-4, Solve.Preconditioner.KRONECKER),
          LOW_RANK,
          new Solve.ConjugateGradients(30, 1e-4, Solve.Preconditioner.DIAGONAL).withCandidates(6),
          new Solve.Minres(30, 1e-4),
          Solve.Kronecker.standard(),
          Solve.EigenKronecker.standard(),
          new Solve.Blocks(),
          new Solve.Dense(),
          new Solve.Dual(),
          new Solve.Diagonal());

  private static Trial network(long seed, NaiveLikelihood likelihood, Precision precision) {
    return new Trial(seed, likelihood, precision, 4, new int[] {5, 3}, Activation.TANH, 30);
  }

  @ParameterizedTest
  @EnumSource
  void everySolverLowersTheLossWithinTheRadius(Precision precision) {
    double epsilon = 0.02;
    for (Solve solve : ALL) {
      for (Damping.Scale scale : Damping.Scale.values()) {
        if (solve instanceof Solve.Dual && scale == Damping.Scale.DIAGONAL) {
          continue;
        }
        for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
          Trial trial = network(3, likelihood, precision);
          NaturalGradientOptions options =
              NaturalGradientOptions.within(epsilon)
                  .withDamping(0.1, true)
                  .withDampingScale(scale)
                  .withSolve(solve);
          try (Workspace workspace = Workspace.create()) {
            NaturalGradient optimizer = trial.natural(workspace, 1e-4, options);
            Mat x = trial.mat(workspace, trial.x);
            Mat y = trial.mat(workspace, trial.y);
            double first = trial.objective(trial.theta, 1e-4);
            for (int step = 0; step < 6; step++) {
              double[] before = optimizer.parameters().toArray();
              StepOutcome outcome = optimizer.step(x, y);
              assertTrue(outcome.status().accepted(), () -> solve + ": " + outcome);
              Bounded kl = trial.kl(before, optimizer.parameters().toArray(), KlOver.MEAN);
              assertTrue(kl.value() - kl.error() <= epsilon, () -> solve + ": " + outcome);
              boolean own = outcome.source() != DirectionSource.SCALED_GRADIENT;
              assertEquals(!(solve instanceof Solve.Diagonal), own, () -> solve + ": " + outcome);
            }
            double last = trial.objective(optimizer.parameters().toArray(), 1e-4);
            assertTrue(last < first, solve + ": " + first + " → " + last);
          }
        }
      }
    }
  }

  /** The same damped system by two ways that share no code. */
  @ParameterizedTest
  @EnumSource
  void minresTakesTheStepOfTheFactorisation(NaiveLikelihood likelihood) {
    for (int seed = 0; seed < 5; seed++) {
      Trial trial = network(seed, likelihood, Precision.F64);
      NaturalGradientOptions damped = NaturalGradientOptions.within(0.01).withDamping(0.1, false);
      double[] dense = stepped(trial, damped.withSolve(new Solve.Dense()));
      double[] minres = stepped(trial, damped.withSolve(new Solve.Minres(300, 1e-12)));
      // A relative residual r leaves an error of at most κ·r of the solution's norm, κ ≤ 1 + 10·P,
      // and the units of the preconditioner at most κ more; the step is no longer than ‖θ‖ + 1.
      double kappa = 1 + 10.0 * dense.length;
      double tolerance = kappa * kappa * 1e-12;
      for (int p = 0; p < dense.length; p++) {
        assertEquals(dense[p], minres[p], tolerance * (1 + Math.abs(dense[p])));
      }
    }
  }

  /** Where there is one layer, its block is the matrix. */
  @Test
  void theOneBlockOfALinearModelIsTheDenseMatrix() {
    for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
      Trial trial = new Trial(2, likelihood, Precision.F64, 4, new int[0], null, 9);
      NaturalGradientOptions damped = NaturalGradientOptions.within(0.01).withDamping(0.1, false);
      double[] dense = stepped(trial, damped.withSolve(new Solve.Dense()));
      double[] blocks = stepped(trial, damped.withSolve(new Solve.Blocks()));
      for (int p = 0; p < dense.length; p++) {
        assertEquals(dense[p], blocks[p]);
      }
    }
  }

  /**
   * With d = (r/w₁, r/w₂) the blocks alone say 2r² for dᵀFd, which is 4r²: the first length went
   * twice as far as the minimum, to −r.
   */
  @Test
  void lengthsOfABlockDirectionAreMeasuredInTheWholeMatrix() {
    Mlp model =
        Mlp.of(
            1,
            List.of(
                new Mlp.Layer(1, Activation.IDENTITY).withoutBias(),
                new Mlp.Layer(1, Activation.IDENTITY).withoutBias()));
    NaturalGradientOptions options =
        NaturalGradientOptions.within(1).withDamping(1e-9, false).withSolve(new Solve.Blocks());
    try (Workspace workspace = Workspace.create()) {
      Problem problem = new Problem(model, new Gaussian(1), 1, Precision.F64, 0);
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      optimizer.parameters().copyFrom(new double[] {2, 0.5}, 0);
      Mat x = Trial.mat(workspace, new double[][] {{1}}, Precision.F64);
      Mat y = Trial.mat(workspace, new double[][] {{1.01}}, Precision.F64);
      StepOutcome outcome = optimizer.step(x, y);
      assertEquals(StepStatus.ACCEPTED, outcome.status(), outcome::toString);
      assertEquals(0.5, outcome.beta(), 1e-6, outcome::toString);
    }
  }

  private static double[] stepped(Trial trial, NaturalGradientOptions options) {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, 0, options);
      StepOutcome outcome =
          optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
      assertTrue(outcome.status().accepted(), outcome::toString);
      return optimizer.parameters().toArray();
    }
  }

  /** Half the directions with curvature are in the approximation; the rest is few iterations. */
  @Test
  void lowRankTakesFewerIterationsThanTheDiagonal() {
    int fewer = 0;
    for (int seed = 0; seed < 10; seed++) {
      Trial trial = network(seed, NaiveLikelihood.CATEGORICAL, Precision.F64);
      int[] iterations = new int[2];
      for (int which = 0; which < 2; which++) {
        NaturalGradientOptions options =
            NaturalGradientOptions.within(0.01).withDamping(1e-3, false);
        Solve solve =
            which == 0
                ? new Solve.ConjugateGradients(200, 1e-8, Solve.Preconditioner.NYSTROM, 24, 0)
                : new Solve.ConjugateGradients(200, 1e-8, Solve.Preconditioner.DIAGONAL);
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient optimizer = trial.natural(workspace, 0, options.withSolve(solve));
          StepOutcome outcome =
              optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
          iterations[which] = outcome.cgIterations();
          int products = outcome.cgIterations() + (which == 0 ? 24 : 0);
          assertTrue(outcome.products() >= products, outcome::toString);
        }
      }
      fewer += 2 * iterations[0] < iterations[1] ? 1 : 0;
    }
    assertTrue(fewer >= 8, fewer + " of 10 with less than half the iterations");
  }

  /**
   * The factors of one linear layer are F itself for a Gaussian, so that one iteration is enough.
   */
  @Test
  void kroneckerFactorsPreconditionALinearModelExactly() {
    int fewer = 0;
    for (int seed = 0; seed < 10; seed++) {
      Trial trial =
          new Trial(seed, NaiveLikelihood.GAUSSIAN, Precision.F64, 6, new int[0], null, 100);
      int[] iterations = new int[2];
      double[][] ends = new double[2][];
      for (int which = 0; which < 2; which++) {
        Solve.Preconditioner preconditioner = Solve.Preconditioner.values()[which];
        NaturalGradientOptions options =
            NaturalGradientOptions.within(0.01)
                .withDamping(1e-6, false)
                .withSolve(new Solve.ConjugateGradients(200, 1e-6, preconditioner));
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient optimizer = trial.natural(workspace, 0, options);
          StepOutcome outcome =
              optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
          iterations[which] = outcome.cgIterations();
          ends[which] = optimizer.parameters().toArray();
        }
      }
      fewer += iterations[1] < iterations[0] ? 1 : 0;
      // Both residuals are 1e-6 of g's, at κ ≤ 1e3 of such features.
      for (int p = 0; p < ends[0].length; p++) {
        assertEquals(ends[0][p], ends[1][p], 1e-3 * (1 + Math.abs(ends[0][p])));
      }
    }
    assertTrue(fewer >= 8, fewer + " of 10 took fewer iterations");
  }

  /** All logits may shift together: F is singular there, undamped, and g has no part of it. */
  @Test
  void undampedIterationsAreSafeInTheNullSpaceOfTheCategorical() {
    for (Solve solve : List.of(Solve.conjugateGradients(), new Solve.Minres(30, 1e-4))) {
      for (int seed = 0; seed < 10; seed++) {
        Trial trial =
            new Trial(seed, NaiveLikelihood.CATEGORICAL, Precision.F32, 3, new int[0], null, 30);
        NaturalGradientOptions options =
            NaturalGradientOptions.within(0.01).withDamping(0, false).withSolve(solve);
        double[] theta = stepped(trial, options);
        for (double value : theta) {
          assertTrue(Double.isFinite(value));
        }
      }
    }
  }

  /** The value at the chosen iterate is no worse than at the last: so is the first length tried. */
  @Test
  void candidatesAreChosenByTheObjective() {
    int earlier = 0;
    for (int seed = 0; seed < 40; seed++) {
      Trial trial = network(seed, NaiveLikelihood.CATEGORICAL, Precision.F64);
      NaturalGradientOptions options = NaturalGradientOptions.within(3).withDamping(1e-4, false);
      Solve.ConjugateGradients last =
          new Solve.ConjugateGradients(60, 1e-9, Solve.Preconditioner.DIAGONAL);
      StepOutcome[] outcomes = new StepOutcome[2];
      for (int which = 0; which < 2; which++) {
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient optimizer =
              trial.natural(workspace, 0, options.withSolve(last.withCandidates(which * 12)));
          outcomes[which] =
              optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
          assertTrue(outcomes[which].status().accepted(), outcomes[which]::toString);
        }
      }
      assertEquals(0, outcomes[0].chosenIteration());
      assertEquals(outcomes[0].cgIterations(), outcomes[1].cgIterations());
      int chosen = outcomes[1].chosenIteration();
      assertTrue(chosen >= 1 && chosen <= outcomes[1].cgIterations());
      if (chosen == outcomes[1].cgIterations()) {
        assertEquals(outcomes[0].lossAfter(), outcomes[1].lossAfter());
      } else {
        earlier++;
        if (outcomes[0].trials() == 1 && outcomes[1].trials() == 1) {
          assertTrue(outcomes[1].lossAfter() < outcomes[0].lossAfter());
        }
      }
    }
    assertTrue(earlier > 0 && earlier < 40, earlier + " of 40 were not the last");
  }

  /** Sixteen products are not to be had, so the diagonal preconditions. */
  @Test
  void aBudgetOfProductsComesBeforeTheLowRank() {
    Trial trial = network(1, NaiveLikelihood.GAUSSIAN, Precision.F32);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer =
          trial.natural(workspace, 0, NaturalGradientOptions.within(0.1).withSolve(LOW_RANK));
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      StepOutcome few = optimizer.step(x, y, StepBudget.ofProducts(7));
      assertTrue(few.products() <= 7 && few.status().accepted(), few::toString);
      StepOutcome more = optimizer.step(x, y, StepBudget.ofProducts(20));
      assertTrue(more.products() > 8 && more.products() <= 20, more::toString);
    }
  }

  /**
   * What a step begins with has the bits of one pass; what it goes by is the same but for bounds.
   */
  @ParameterizedTest
  @EnumSource
  void stepsInChunksAreStepsOfOnePass(Precision precision) {
    for (Solve solve : List.of(Solve.conjugateGradients(), new Solve.Minres(20, 1e-4))) {
      Trial trial =
          new Trial(4, NaiveLikelihood.CATEGORICAL, precision, 3, new int[] {5}, null, 700);
      Problem one = trial.problem(1e-3);
      Problem chunks =
          new Problem(new Chunked(one.model(), 256), one.distribution(), 700, precision, one.l2());
      // Up to where the radius limits a step, whose first length knows the rounding bound.
      NaturalGradientOptions options =
          NaturalGradientOptions.within(1e6).withDamping(10, false).withSolve(solve);
      assertTrue(NaturalGradient.bytes(chunks, options) > 0);
      double[][] found = new double[2][];
      for (int which = 0; which < 2; which++) {
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient optimizer =
              new NaturalGradient(workspace, which == 0 ? one : chunks, options);
          optimizer.parameters().copyFrom(trial.theta, 0);
          Mat x = trial.mat(workspace, trial.x);
          Mat y = trial.mat(workspace, trial.y);
          for (int step = 0; step < 4; step++) {
            StepOutcome outcome = optimizer.step(x, y);
            assertTrue(outcome.status().accepted(), outcome::toString);
          }
          found[which] = optimizer.parameters().toArray();
        }
      }
      assertArrayEquals(found[0], found[1]);
    }
  }

  @Test
  void factorsOfMoreThanAChunkAreRefused() {
    Trial trial =
        new Trial(4, NaiveLikelihood.GAUSSIAN, Precision.F64, 3, new int[] {5}, null, 700);
    Problem one = trial.problem(0);
    Problem chunks =
        new Problem(new Chunked(one.model(), 256), one.distribution(), 700, Precision.F64, 0);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradientOptions all =
          NaturalGradientOptions.within(0.1).withSolve(Solve.Kronecker.standard());
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> new NaturalGradient(workspace, chunks, all))
              .getMessage();
      assertTrue(message.contains("in chunks") && message.contains("withFraction"), message);
      NaturalGradientOptions recommended = NaturalGradientOptions.recommended(chunks);
      assertTrue(recommended.solve() instanceof Solve.Kronecker);
      NaturalGradient optimizer = new NaturalGradient(workspace, chunks, recommended);
      optimizer.parameters().copyFrom(trial.theta, 0);
      StepOutcome outcome =
          optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
      assertEquals(DirectionSource.KRONECKER, outcome.source());
      assertTrue(outcome.status().accepted(), outcome::toString);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    for (Solve solve : List.of(new Solve.Blocks(), Solve.EigenKronecker.standard())) {
      Problem rosenbrock = new Problem(new Rosenbrock(), new Gaussian(2), 1, Precision.F64, 0);
      NaturalGradientOptions options = NaturalGradientOptions.within(1).withSolve(solve);
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> NaturalGradient.bytes(rosenbrock, options))
              .getMessage();
      assertTrue(message.contains("dense layers") && message.contains("use"), message);
      try (Workspace workspace = Workspace.create()) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new NaturalGradient(workspace, rosenbrock, options));
      }
    }
    assertThrows(IllegalArgumentException.class, () -> new Solve.Minres(0, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new Solve.Minres(1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Solve.EigenKronecker(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Solve.EigenKronecker(1, 0));
    Solve.ConjugateGradients cg =
        new Solve.ConjugateGradients(5, 0.1, Solve.Preconditioner.NYSTROM);
    assertThrows(IllegalArgumentException.class, () -> cg.withRank(129));
    assertThrows(IllegalArgumentException.class, () -> cg.withRank(0));
    assertThrows(IllegalArgumentException.class, () -> cg.withCandidates(-1));
    assertFalse(cg.withRank(3).equals(cg));
  }
}
