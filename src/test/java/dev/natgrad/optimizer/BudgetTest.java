package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.solver.CgStatus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Budgets under a clock that only the model's passes move, each by a known time. */
class BudgetTest {
  private static final long EVALUATE = TimedModel.EVALUATE;
  private static final long TANGENT = TimedModel.TANGENT;
  private static final long BACKWARD = TimedModel.BACKWARD;
  private static final long PRODUCT = TANGENT + BACKWARD;

  /** What a step costs without any product: value, gradient, probe, dᵀFd and one length. */
  private static final long LEAST = EVALUATE + BACKWARD + TANGENT + EVALUATE;

  /** Room for one length, no product and no probe. */
  private static final long TIGHT = LEAST + 20;

  private final Trial trial =
      new Trial(3, NaiveLikelihood.CATEGORICAL, Precision.F64, 4, new int[] {6}, null, 20);
  private long now = Long.MAX_VALUE - 12_345;

  /** Passes begun after this time are counted. */
  private long deadline = Long.MIN_VALUE;

  private final List<String> late = new ArrayList<>();

  /** How long a pass takes, beside a stall. */
  private LongUnaryOperator cost = known -> known;

  private void pass(String name, long nanos) {
    if (deadline != Long.MIN_VALUE && now - deadline > 0) {
      late.add(name);
    }
    now += cost.applyAsLong(nanos);
  }

  private NaturalGradient optimizer(Workspace workspace, NaturalGradientOptions options) {
    Problem problem =
        new Problem(
            new TimedModel(trial.model, this::pass),
            trial.distribution(),
            trial.x.length,
            trial.precision,
            0);
    NaturalGradient optimizer = new NaturalGradient(workspace, problem, options, () -> now);
    optimizer.parameters().copyFrom(trial.theta, 0);
    return optimizer;
  }

  private static NaturalGradientOptions options() {
    return NaturalGradientOptions.within(0.01).withConjugateGradient(30, 1e-12);
  }

  @Test
  void productsAreCountedExactly() {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = optimizer(workspace, options());
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int allowed = 12; allowed >= 1; allowed--) {
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofProducts(allowed));
        assertEquals(allowed, outcome.products(), outcome::toString);
        assertEquals(CgStatus.BUDGET_SPENT, outcome.cgStatus());
        assertEquals(DirectionSource.CONJUGATE_GRADIENTS, outcome.source());
        assertTrue(outcome.status().accepted(), outcome::toString);
        assertTrue(outcome.kl() <= 0.01, outcome::toString);
      }
    }
  }

  @Test
  void withoutAProductTheScaledGradientIsTheDirection() {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = optimizer(workspace, options());
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int step = 0; step < 5; step++) {
        double[] before = optimizer.parameters().toArray();
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofProducts(0));
        assertEquals(StepStatus.DEGRADED, outcome.status(), outcome::toString);
        assertEquals(DirectionSource.SCALED_GRADIENT, outcome.source());
        assertEquals(0, outcome.products());
        assertTrue(outcome.lossAfter() < outcome.lossBefore());
        Bounded kl = trial.kl(before, optimizer.parameters().toArray(), KlOver.MEAN);
        assertTrue(kl.value() - kl.error() <= 0.01, outcome::toString);
      }
    }
  }

  /** Every deadline from nothing to plenty: the ladder from no step to the full one. */
  @Test
  void theDeadlineIsKept() {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = optimizer(workspace, options());
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      optimizer.step(x, y);
      Map<StepStatus, Integer> seen = new EnumMap<>(StepStatus.class);
      int products = 0;
      int most = 2;
      for (long nanos = 0; nanos < LEAST + BACKWARD + 12 * PRODUCT; nanos += 25) {
        optimizer.parameters().copyFrom(trial.theta, 0);
        long[] before = Trial.bits(optimizer.parameters());
        long start = now;
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofNanos(nanos));
        long took = now - start;
        assertEquals(took, outcome.nanos());
        assertTrue(took <= nanos, () -> took + " ns in " + outcome);
        seen.merge(outcome.status(), 1, Integer::sum);
        if (!outcome.status().accepted()) {
          assertArrayEquals(before, Trial.bits(optimizer.parameters()));
        }
        // What is free after everything that is owed goes to products; owed are as many lengths
        // as steps have needed of late.
        long free = nanos - LEAST - BACKWARD;
        long reserved = free - (most - 1) * EVALUATE;
        if (outcome.status().accepted() && free >= 0) {
          assertTrue(outcome.products() <= Math.min(free / PRODUCT, 30), outcome::toString);
          long least = reserved < 0 ? 0 : Math.min(reserved / PRODUCT, 30);
          assertTrue(outcome.products() >= least, outcome::toString);
        }
        most = Math.max(most, outcome.trials());
        products = Math.max(products, outcome.products());
      }
      assertTrue(seen.get(StepStatus.BUDGET_SPENT) >= LEAST / 25 - 1, seen::toString);
      assertTrue(seen.containsKey(StepStatus.DEGRADED), seen::toString);
      assertTrue(products >= 10, "the longest deadlines leave room for products");
    }
  }

  /** The first step has nothing to judge by but its own parts. */
  @Test
  void theFirstStepOvershootsByAtMostOneProduct() {
    for (long nanos = 0; nanos < LEAST + 14 * PRODUCT; nanos += 25) {
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer = optimizer(workspace, options());
        Mat x = trial.mat(workspace, trial.x);
        Mat y = trial.mat(workspace, trial.y);
        long start = now;
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofNanos(nanos));
        long limit = nanos + PRODUCT;
        assertTrue(now - start <= limit, () -> now - start + " ns of " + limit + " " + outcome);
      }
    }
  }

  private static Stream<Solve> solves() {
    return Stream.of(
        Solve.conjugateGradients(),
        new Solve.Minres(30, 1e-12),
        new Solve.Dense(),
        new Solve.Dual(),
        new Solve.Diagonal());
  }

  /** Whatever passes cost, and wherever the host stalls: no part is begun after the deadline. */
  @ParameterizedTest
  @MethodSource("solves")
  void nothingIsBegunAfterTheDeadline(Solve solve) {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = optimizer(workspace, options().withSolve(solve));
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      Random random = new Random(7);
      cost = known -> (long) (known * Math.exp(random.nextGaussian()));
      int overshot = 0;
      for (int step = 0; step < 600; step++) {
        // Matrices from rows of the factor take a backward pass for each sample and output.
        boolean direct = solve instanceof Solve.Dense || solve instanceof Solve.Dual;
        long nanos = random.nextInt(direct ? 60_000 : 8_000);
        int stalled = random.nextInt(direct ? 80 : 40);
        LongUnaryOperator undisturbed = cost;
        int[] passes = {0};
        cost = known -> undisturbed.applyAsLong(known) + (passes[0]++ == stalled ? 20_000 : 0);
        optimizer.parameters().copyFrom(trial.theta, 0);
        deadline = now + nanos;
        late.clear();
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofNanos(nanos));
        cost = undisturbed;
        // What was begun is ended: a product is a tangent and a backward pass, and a matrix is all
        // of its rows.
        int rest = direct ? trial.x.length * trial.model.outputs() : 1;
        assertTrue(late.size() <= rest, () -> late + " " + outcome);
        assertTrue(late.stream().allMatch("vjp"::equals), () -> late + " " + outcome);
        overshot += now - deadline > 0 ? 1 : 0;
      }
      assertTrue(overshot > 50, "costs nobody knows are not always kept to: " + overshot);
    }
  }

  /** As long as it takes for estimates to be forgotten, not for good. */
  @ParameterizedTest
  @MethodSource("solves")
  void aStallStopsLearningForAFewStepsOnly(Solve solve) {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = optimizer(workspace, options().withSolve(solve));
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      optimizer.step(x, y);
      StepBudget tight = StepBudget.ofNanos(TIGHT);
      assertTrue(stepsUntilAccepted(optimizer, x, y, tight, 40) <= 40);
      for (int pass = 0; pass < 4; pass++) {
        int stalled = pass;
        int[] passes = {0};
        cost = known -> known + (passes[0]++ == stalled ? 100 * PRODUCT : 0);
        optimizer.step(x, y, tight);
        cost = known -> known;
        long taken = stepsUntilAccepted(optimizer, x, y, tight, 40);
        assertTrue(taken <= 40, () -> taken + " steps after a stall in pass " + stalled);
      }
    }
  }

  @Test
  void aFirstStepThatStallsIsForgottenAtLast() {
    for (int stalled = 0; stalled < 4; stalled++) {
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer = optimizer(workspace, options());
        Mat x = trial.mat(workspace, trial.x);
        Mat y = trial.mat(workspace, trial.y);
        int first = stalled;
        int[] passes = {0};
        cost = known -> known + (passes[0]++ >= first ? 64 * PRODUCT : 0);
        optimizer.step(x, y);
        cost = known -> known;
        StepBudget tight = StepBudget.ofNanos(TIGHT);
        int most = 10 * BudgetMeter.PATIENCE;
        long taken = stepsUntilAccepted(optimizer, x, y, tight, most);
        assertTrue(taken <= most, () -> taken + " steps");
      }
    }
  }

  private long stepsUntilAccepted(
      NaturalGradient optimizer, Mat x, Mat y, StepBudget budget, int most) {
    for (int step = 1; step <= most; step++) {
      optimizer.parameters().copyFrom(trial.theta, 0);
      long start = now;
      StepOutcome outcome = optimizer.step(x, y, budget);
      long limit = budget.nanos() + PRODUCT;
      assertTrue(now - start <= limit, () -> now - start + " ns of " + limit + " " + outcome);
      if (outcome.status().accepted()) {
        return step;
      }
    }
    return Long.MAX_VALUE;
  }

  /** A budget that no step fits into costs a part now and then, to see whether that is still so. */
  @Test
  void whatNeverFitsIsTriedNowAndThen() {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = optimizer(workspace, options());
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      optimizer.step(x, y);
      StepBudget impossible = StepBudget.ofNanos(LEAST - 50);
      int overshot = 0;
      for (int step = 0; step < 1000; step++) {
        long start = now;
        StepOutcome outcome = optimizer.step(x, y, impossible);
        assertTrue(now - start <= impossible.nanos() + PRODUCT, outcome::toString);
        overshot += now - start > impossible.nanos() ? 1 : 0;
      }
      int tries = overshot;
      assertTrue(tries <= 1000 / BudgetMeter.PATIENCE, () -> tries + " overshoots");
    }
  }

  /** Where first lengths are often too long, room is left for the second instead of products. */
  @Test
  void roomIsLeftForAsManyLengthsAsStepsNeed() {
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer =
          optimizer(
              workspace,
              NaturalGradientOptions.within(1)
                  .withDamping(1e-6, false)
                  .withConjugateGradient(9, 0));
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      StepBudget budget = StepBudget.ofNanos(LEAST + BACKWARD + 7 * PRODUCT);
      int several = 0;
      int spent = 0;
      for (int step = 0; step < 200; step++) {
        optimizer.parameters().copyFrom(trial.theta, 0);
        StepOutcome outcome = optimizer.step(x, y, budget);
        several += outcome.trials() > 1 ? 1 : 0;
        spent += outcome.status() == StepStatus.BUDGET_SPENT ? 1 : 0;
      }
      int shortened = several;
      int lost = spent;
      assertTrue(shortened >= 150, () -> shortened + " of 200 steps needed several lengths");
      assertTrue(lost <= 10, () -> lost + " of 200 steps had no room for another length");
    }
  }

  @Test
  void theSameBudgetInProductsGivesTheSameBits() {
    long[][] ends = new long[2][];
    for (int run = 0; run < 2; run++) {
      try (Workspace workspace = Workspace.create()) {
        NaturalGradient optimizer = optimizer(workspace, options());
        Mat x = trial.mat(workspace, trial.x);
        Mat y = trial.mat(workspace, trial.y);
        for (int step = 0; step < 8; step++) {
          optimizer.step(x, y, StepBudget.ofProducts(step % 4));
        }
        ends[run] = Trial.bits(optimizer.parameters());
      }
    }
    assertArrayEquals(ends[0], ends[1]);
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void stepsUnderABudgetAllocateNothing(Precision precision) {
    Trial other = new Trial(4, NaiveLikelihood.BERNOULLI, precision, 4, new int[] {6}, null, 20);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = other.natural(workspace, 0, options());
      Mat x = other.mat(workspace, other.x);
      Mat y = other.mat(workspace, other.y);
      StepBudget products = StepBudget.ofProducts(3);
      StepBudget time = StepBudget.ofNanos(1_000_000);
      StepBudget none = StepBudget.ofProducts(0);
      Allocation.assertNone(
          "a step under a budget",
          () -> {
            optimizer.step(x, y, products);
            optimizer.step(x, y, time);
            optimizer.step(x, y, none);
            optimizer.parameters().copyFrom(other.theta, 0);
          });
    }
  }

  @Test
  void aBudgetIsNotNegative() {
    assertThrows(IllegalArgumentException.class, () -> new StepBudget(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> new StepBudget(1, -1));
  }
}
