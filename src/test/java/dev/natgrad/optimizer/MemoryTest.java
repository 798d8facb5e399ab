package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What optimisers take is what they say; whole steps then take nothing, on heap or off. */
class MemoryTest {
  private static final NaturalGradientOptions EXACT = NaturalGradientOptions.within(0.01);
  private static final NaturalGradientOptions SAMPLED = EXACT.withSampledFisher(3);
  private static final NaturalGradientOptions PART =
      SAMPLED.withCurvature(Curvature.sampled(3).withFraction(0.3)).withMomentum(true);
  private static final NaturalGradientOptions DIAGONAL =
      EXACT.withSolve(new Solve.Diagonal()).withMomentum(true);
  private static final NaturalGradientOptions FACTORS =
      EXACT
          .withSolve(new Solve.Kronecker(1, true, 1e-3, 3))
          .withMomentum(true)
          .withCurvature(Curvature.exact().withFraction(0.5));
  private static final NaturalGradientOptions PRECONDITIONED =
      EXACT.withSolve(new Solve.ConjugateGradients(5, 1e-4, Solve.Preconditioner.KRONECKER));
  private static final NaturalGradientOptions DENSE =
      EXACT.withCurvature(Curvature.empirical()).withSolve(new Solve.Dense());
  private static final NaturalGradientOptions DUAL =
      EXACT.withCurvature(Curvature.empirical().withFraction(0.7)).withSolve(new Solve.Dual());

  private static final NaturalGradientOptions BLOCKS =
      EXACT.withCurvature(Curvature.exact().withFraction(0.7)).withSolve(new Solve.Blocks());
  private static final NaturalGradientOptions MINRES = EXACT.withSolve(new Solve.Minres(5, 1e-3));
  private static final NaturalGradientOptions EIGEN =
      SAMPLED.withSolve(new Solve.EigenKronecker(1e-3, 2));
  private static final NaturalGradientOptions LOW_RANK =
      EXACT.withSolve(new Solve.ConjugateGradients(6, 1e-4, Solve.Preconditioner.NYSTROM, 4, 3));

  private static final NaturalGradientOptions CANDIDATES =
      EXACT.withSolve(new Solve.ConjugateGradients(6, 1e-4, Solve.Preconditioner.DIAGONAL, 1, 3));

  private static void assertBytes(
      Problem problem, long bytes, BiFunction<Workspace, Problem, Optimizer> kind) {
    try (Workspace workspace = Workspace.create(Workspace.OVERHEAD_BYTES + bytes)) {
      kind.apply(workspace, problem);
      assertEquals(bytes, workspace.bytesUsed() - Workspace.OVERHEAD_BYTES);
    }
  }

  @ParameterizedTest
  @EnumSource
  void bytesAreExact(Precision precision) {
    for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
      for (long seed = 0; seed < 20; seed++) {
        Problem problem = new Trial(seed, likelihood, precision).problem(0);
        for (NaturalGradientOptions options :
            List.of(
                EXACT,
                SAMPLED,
                PART,
                DIAGONAL,
                FACTORS,
                PRECONDITIONED,
                DENSE,
                DUAL,
                BLOCKS,
                MINRES,
                EIGEN,
                LOW_RANK)) {
          assertBytes(
              problem,
              NaturalGradient.bytes(problem, options),
              (w, p) -> new NaturalGradient(w, p, options));
        }
        assertBytes(
            problem, GradientDescent.bytes(problem), (w, p) -> new GradientDescent(w, p, 1));
        assertBytes(problem, Momentum.bytes(problem), (w, p) -> new Momentum(w, p, 1, 0.5));
        assertBytes(problem, Adam.bytes(problem), (w, p) -> new Adam(w, p, 1));
      }
    }
  }

  /**
   * θ, saved θ, g, the curvature's diagonal and the five of conjugate gradients, and four batches
   * of what the layers put out; beside them nothing that grows with P or with the batch. (A linear
   * model has nothing but outputs, of which there are five batches.)
   */
  @ParameterizedTest
  @EnumSource
  void aTrustRegionStepHoldsNineVectorsAndFourBatches(Precision precision) {
    for (int[] hidden : new int[][] {{64, 64}, {400, 200, 100, 50, 25, 6, 25}, {3}}) {
      for (int batch : new int[] {1, 256, 2048}) {
        List<Integer> widths = java.util.Arrays.stream(hidden).boxed().toList();
        Mlp model = Mlp.of(17, widths, Activation.TANH, 6);
        Problem problem = new Problem(model, new Categorical(6), batch, precision, 0);
        int activations = batch * (6 + java.util.Arrays.stream(hidden).sum());
        int blocks = 16 * (widths.size() + 4);
        long most =
            9 * Vec.bytes(model.parameters(), precision)
                + 4L * activations * precision.bytes()
                + (long) blocks * Workspace.ALIGNMENT;
        for (NaturalGradientOptions options : List.of(EXACT, NaturalGradientOptions.automatic())) {
          long bytes = NaturalGradient.bytes(problem, options);
          assertTrue(bytes <= most, model + ", " + batch + " rows: " + bytes + " of " + most);
        }
      }
    }
  }

  /** Batches alternate between two sizes, as the last batch of an epoch may be shorter. */
  @Tag("allocation")
  @ParameterizedTest
  @CsvSource({
    "F32,0", "F64,0", "F32,1", "F64,1", "F32,2", "F64,3", "F32,3", "F64,4", "F32,5", "F64,6",
    "F32,7", "F64,8", "F32,9", "F64,10", "F32,11"
  })
  void wholeStepsAllocateNothing(Precision precision, int which) {
    NaturalGradientOptions options =
        List.of(
                EXACT,
                SAMPLED,
                PART,
                FACTORS,
                DENSE,
                DUAL,
                BLOCKS,
                MINRES,
                EIGEN,
                CANDIDATES,
                PRECONDITIONED,
                LOW_RANK)
            .get(which);
    for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
      Trial trial = new Trial(5, likelihood, precision, 5, new int[] {6, 4}, null, 12);
      try (Workspace workspace = Workspace.create()) {
        assertNoAllocation(trial, workspace, trial.natural(workspace, 1e-3, options));
      }
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void stepsOfTheControlsAllocateNothing(Precision precision) {
    Trial trial = new Trial(6, NaiveLikelihood.CATEGORICAL, precision, 5, new int[] {6}, null, 12);
    Problem problem = trial.problem(1e-3);
    try (Workspace workspace = Workspace.create()) {
      assertNoAllocation(trial, workspace, new GradientDescent(workspace, problem, 1e-3));
      assertNoAllocation(trial, workspace, new Momentum(workspace, problem, 1e-3, 0.5));
      assertNoAllocation(trial, workspace, new Adam(workspace, problem, 1e-3));
    }
  }

  private static void assertNoAllocation(Trial trial, Workspace workspace, Optimizer optimizer) {
    Mat x = trial.mat(workspace, trial.x);
    Mat y = trial.mat(workspace, trial.y);
    Mat fewX = x.top(7);
    Mat fewY = y.top(7);
    Vec start = Vec.allocate(workspace, trial.theta.length, trial.precision);
    start.copyFrom(trial.theta, 0);
    int[] steps = new int[1];
    Runnable step =
        () -> {
          if (steps[0]++ % 8 == 0) {
            dev.natgrad.linalg.Blas.copy(start, optimizer.parameters());
          }
          optimizer.step(x, y);
          optimizer.step(fewX, fewY);
        };
    step.run();
    long before = workspace.bytesUsed();
    Allocation.assertNone(optimizer.name() + " on " + trial.likelihood, step);
    assertEquals(before, workspace.bytesUsed());
    assertTrue(steps[0] > 600, "three clean rounds of 200 calls");
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    for (Precision precision : Precision.values()) {
      for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
        for (NaturalGradientOptions options :
            List.of(
                EXACT,
                SAMPLED,
                PART,
                FACTORS,
                DENSE,
                DUAL,
                BLOCKS,
                MINRES,
                EIGEN,
                LOW_RANK,
                NaturalGradientOptions.automatic())) {
          List<long[]> plain = trajectory(likelihood, precision, options, 0);
          List<long[]> again = trajectory(likelihood, precision, options, 0);
          List<long[]> elsewhere = trajectory(likelihood, precision, options, 3);
          for (int step = 0; step < plain.size(); step++) {
            assertArrayEquals(plain.get(step), again.get(step));
            assertArrayEquals(plain.get(step), elsewhere.get(step), "memory of other addresses");
          }
        }
      }
    }
  }

  private static List<long[]> trajectory(
      NaiveLikelihood likelihood, Precision precision, NaturalGradientOptions options, int before) {
    Trial trial = new Trial(7, likelihood, precision, 4, new int[] {7}, null, 11);
    List<long[]> steps = new ArrayList<>();
    try (Workspace workspace = Workspace.create()) {
      for (int i = 0; i < before; i++) {
        Vec.allocate(workspace, 17 + i, precision);
      }
      boolean dataFirst = before > 0;
      Mat x = dataFirst ? trial.mat(workspace, trial.x) : null;
      NaturalGradient optimizer = trial.natural(workspace, 1e-3, options);
      x = dataFirst ? x : trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int step = 0; step < 20; step++) {
        optimizer.step(x, y);
        steps.add(Trial.bits(optimizer.parameters()));
      }
    }
    return steps;
  }

  @Test
  void anotherSeedGivesOtherDraws() {
    Trial trial = new Trial(7, NaiveLikelihood.CATEGORICAL, Precision.F64);
    List<long[]> ends = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer = trial.natural(workspace, 0, SAMPLED.withSeed(seed));
        optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
        ends.add(Trial.bits(optimizer.parameters()));
      }
    }
    assertTrue(!java.util.Arrays.equals(ends.get(0), ends.get(1)), "the seed is not used");
  }
}
