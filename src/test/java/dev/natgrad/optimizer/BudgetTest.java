package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.solver.CgStatus;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Budgets under a clock that only the model's passes move, each by a known time. */
class BudgetTest {
  private static final long EVALUATE = 100;
  private static final long TANGENT = 200;
  private static final long BACKWARD = 250;
  private static final long PRODUCT = TANGENT + BACKWARD;

  /** What a step costs without any product: value, gradient, probe, dᵀFd and one length. */
  private static final long LEAST = EVALUATE + BACKWARD + TANGENT + EVALUATE;

  private final Trial trial =
      new Trial(3, NaiveLikelihood.CATEGORICAL, Precision.F64, 4, new int[] {6}, null, 20);
  private long now = Long.MAX_VALUE - 12_345;

  /** The trial's network, whose passes take time. */
  private final class Timed implements Model, Linearization {
    private Linearization network;

    @Override
    public int parameters() {
      return trial.model.parameters();
    }

    @Override
    public int inputs() {
      return trial.model.inputs();
    }

    @Override
    public int outputs() {
      return trial.model.outputs();
    }

    @Override
    public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      network = trial.model.linearize(workspace, maxBatch, precision);
      return this;
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return trial.model.linearizationBytes(maxBatch, precision);
    }

    @Override
    public void evaluate(Vec theta, Mat x, Mat z) {
      now += EVALUATE;
      network.evaluate(theta, x, z);
    }

    @Override
    public void jvp(Vec v, Mat t) {
      now += TANGENT;
      network.jvp(v, t);
    }

    @Override
    public void vjp(Mat u, double beta, Vec g) {
      now += BACKWARD;
      network.vjp(u, beta, g);
    }

    @Override
    public double outputErrorBound() {
      return network.outputErrorBound();
    }
  }

  private NaturalGradient optimizer(Workspace workspace, NaturalGradientOptions options) {
    Problem problem =
        new Problem(new Timed(), trial.distribution(), trial.x.length, trial.precision, 0);
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
        // What is free after everything that is owed goes to products.
        long free = nanos - LEAST - BACKWARD;
        if (outcome.trials() == 1 && free >= 0) {
          assertEquals(Math.min(free / PRODUCT, 30), outcome.products(), outcome::toString);
        }
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
