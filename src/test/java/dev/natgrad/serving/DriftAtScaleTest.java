package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.KlCase;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * KL(reference‖now) ≤ budget after every update of a window, over random problems, windows and
 * budgets from 1e-7 to 1, recomputed in double from the stored parameters. {@code
 * -Dnatgrad.drift.updates=20000} makes as many accepted updates as it says.
 */
class DriftAtScaleTest {
  private static final int UPDATES = Integer.getInteger("natgrad.drift.updates", 200);
  private static final long SECONDS = Long.getLong("natgrad.kl.seconds", Long.MAX_VALUE >> 32);

  private final Map<String, Integer> counts = new TreeMap<>();
  private int updates;
  private double largest;

  @Test
  void noWindowExceedsItsBudget() {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    long seed = Long.getLong("natgrad.kl.seed", 1);
    for (; updates < UPDATES && System.nanoTime() < end; seed++) {
      try {
        run(new KlCase(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + new KlCase(seed), e);
      }
    }
    System.out.println(
        updates + " updates, largest drift/budget " + largest + ", ended with seed " + seed);
    counts.forEach((key, count) -> System.out.println("  " + key + " " + count));
    assertTrue(largest > 0.5, "the budget was never approached: " + largest);
  }

  private void run(KlCase c) {
    var random = c.random();
    double nats = Math.pow(10, -7 * random.nextDouble());
    double epsilon = nats * Math.pow(10, -1.5 * random.nextDouble());
    KlOver over = random.nextBoolean() ? KlOver.MEAN : KlOver.MAXIMUM;
    int window = random.nextBoolean() ? 0 : 3 + random.nextInt(5);
    WhenSpent whenSpent = random.nextInt(3) > 0 ? WhenSpent.SHRINK : WhenSpent.STOP;
    int rows = c.x.length;
    try (Workspace workspace = Workspace.create();
        SampleQueue queue =
            new SampleQueue(c.model.inputs(), c.base.targets(), c.precision, 2 * rows)) {
      Problem problem = new Problem(c.model, c.base, rows, c.precision, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(epsilon));
      optimizer.parameters().copyFrom(c.theta, 0);
      SnapshotStore store = new SnapshotStore(workspace, c.model.parameters(), c.precision, 1, 0);
      Mat x = c.inputs(workspace);
      double[] features = x.toArray();
      double[] targets = c.targets(workspace, x).toArray();
      DriftBudget budget = new DriftBudget(nats, over, 0, window, whenSpent);
      Updater updater =
          new Updater(
                  workspace, problem, optimizer, queue, store, UpdaterOptions.everySampleOnce(rows))
              .withDrift(new DriftControl(workspace, problem, x, budget, () -> 0));
      double[] reference = optimizer.parameters().toArray();
      int inWindow = 0;
      for (int i = 0; i < 10; i++) {
        if (window > 0 && inWindow == window) {
          reference = optimizer.parameters().toArray();
          inWindow = 0;
        }
        queue.offer(features, targets);
        UpdateStatus status = updater.runOnce().status();
        counts.merge(whenSpent + " " + status, 1, Integer::sum);
        if (status == UpdateStatus.UPDATED) {
          updates++;
          inWindow++;
        }
        Bounded kl = c.plainKl(reference, optimizer.parameters().toArray(), over);
        assertTrue(kl.value() - kl.error() <= nats, () -> kl + " exceeds " + budget);
        counts.merge(kl.value() + kl.error() <= nats ? "within" : "undecided", 1, Integer::sum);
        largest = Math.max(largest, kl.value() / nats);
      }
    }
  }
}
