package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As BudgetTest, for the solvers that see the layers: a clock that the model's passes move. */
class LayeredBudgetTest {
  private static final Map<String, Long> COSTS =
      Map.of("evaluate", 100L, "jvp", 200L, "vjp", 250L, "backward", 250L);

  private final Trial trial =
      new Trial(3, NaiveLikelihood.CATEGORICAL, Precision.F64, 4, new int[] {6}, null, 20);
  private final Random random = new Random(7);
  private final List<String> late = new ArrayList<>();
  private long now = Long.MAX_VALUE - 12_345;
  private long deadline = now;
  private int untilStall = Integer.MAX_VALUE;

  private void pass(String name) {
    if (now - deadline > 0) {
      late.add(name);
    }
    now +=
        (long) (COSTS.get(name) * Math.exp(random.nextGaussian()))
            + (untilStall-- == 0 ? 20_000 : 0);
  }

  private static Stream<Solve> solves() {
    return Stream.of(
        new Solve.Dense(),
        new Solve.Dual(),
        new Solve.Blocks(),
        new Solve.Kronecker(1, true, 1e-3, 3),
        new Solve.EigenKronecker(1e-3, 2));
  }

  /** Five layers: Σ P_l³ is a 25th of P³, which what was never measured is judged by. */
  @Test
  void theFirstBlocksAreJudgedByTheirOwnSize() {
    Trial deep =
        new Trial(
            1, NaiveLikelihood.GAUSSIAN, Precision.F64, 20, new int[] {20, 20, 20, 20}, null, 20);
    for (Solve solve : new Solve[] {new Solve.Blocks(), new Solve.Dense()}) {
      try (Workspace workspace = Workspace.create()) {
        Problem problem =
            new Problem(
                new HookedLayers(deep.model, this::pass),
                deep.distribution(),
                deep.x.length,
                deep.precision,
                0);
        NaturalGradientOptions options = NaturalGradientOptions.within(0.01).withSolve(solve);
        NaturalGradient optimizer = new NaturalGradient(workspace, problem, options, () -> now);
        optimizer.parameters().copyFrom(deep.theta, 0);
        Mat x = deep.mat(workspace, deep.x);
        Mat y = deep.mat(workspace, deep.y);
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofNanos(3_000_000));
        boolean blocks = solve instanceof Solve.Blocks;
        assertEquals(
            blocks ? DirectionSource.BLOCKS : DirectionSource.SCALED_GRADIENT,
            outcome.source(),
            outcome::toString);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("solves")
  void nothingIsBegunAfterTheDeadline(Solve solve) {
    try (Workspace workspace = Workspace.create()) {
      Problem problem =
          new Problem(
              new HookedLayers(trial.model, this::pass),
              trial.distribution(),
              trial.x.length,
              trial.precision,
              0);
      NaturalGradientOptions options = NaturalGradientOptions.within(0.01).withSolve(solve);
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options, () -> now);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      int overshot = 0;
      int solved = 0;
      for (int step = 0; step < 300; step++) {
        optimizer.parameters().copyFrom(trial.theta, 0);
        long nanos = random.nextInt(12_000);
        untilStall = random.nextInt(20);
        deadline = now + nanos;
        late.clear();
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofNanos(nanos));
        // What was begun is ended.
        assertTrue(late.size() <= 1, () -> late + " " + outcome);
        assertTrue(late.stream().allMatch("backward"::equals), () -> late + " " + outcome);
        solved += outcome.source() != DirectionSource.SCALED_GRADIENT ? 1 : 0;
        overshot += now - deadline > 0 ? 1 : 0;
      }
      assertTrue(overshot > 25, "costs nobody knows are not always kept to: " + overshot);
      assertTrue(solved > 25, "the longest deadlines leave room for a matrix: " + solved);
    }
  }
}
