package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Bounded;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * KL ≤ ε in every accepted step, over random networks, distributions, weights, data, precisions,
 * solvers and ε from 1e-8 to 1, recomputed in double from the stored parameters. {@code
 * -Dnatgrad.kl.each=10000} takes as many accepted steps of each distribution in each precision,
 * {@code -Dnatgrad.kl.steps=100000} as many of all together instead, {@code -Dnatgrad.kl.seed}
 * begins elsewhere, {@code -Dnatgrad.kl.seconds} ends sooner.
 */
class KlBoundAtScaleTest {
  private static final int ACCEPTED = Integer.getInteger("natgrad.kl.steps", 0);

  /** Enough that every solver meets every distribution dozens of times; 0 if steps are given. */
  private static final int EACH = Integer.getInteger("natgrad.kl.each", ACCEPTED > 0 ? 0 : 500);

  private static final long SECONDS = Long.getLong("natgrad.kl.seconds", Long.MAX_VALUE >> 32);
  private static final int STEPS = 5;

  private final Map<String, Integer> counts = new TreeMap<>();
  private final Map<String, Integer> each = new TreeMap<>();
  private int accepted;
  private double largest;

  @Test
  void noAcceptedStepExceedsItsBound() {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    long seed = Long.getLong("natgrad.kl.seed", 1);
    for (; !enough() && System.nanoTime() < end; seed++) {
      try {
        run(new KlCase(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + new KlCase(seed), e);
      }
    }
    System.out.println(
        accepted + " accepted steps, largest KL/ε " + largest + ", ended with seed " + seed);
    each.forEach((key, count) -> System.out.println("  " + key + " " + count));
    counts.forEach((key, count) -> System.out.println("  " + key + " " + count));
    assertTrue(largest > 0.5, "the bound was never approached: " + largest);
  }

  private boolean enough() {
    if (EACH == 0) {
      return accepted >= ACCEPTED;
    }
    int kinds = KlCase.Kind.values().length * Precision.values().length;
    return each.size() == kinds && each.values().stream().allMatch(n -> n >= EACH);
  }

  private void run(KlCase c) {
    String kind = c.kind + " " + c.precision;
    if (EACH > 0 && each.getOrDefault(kind, 0) >= EACH) {
      return;
    }
    double epsilon = Math.pow(10, -8 * c.random().nextDouble());
    KlOver over = c.random().nextBoolean() ? KlOver.MEAN : KlOver.MAXIMUM;
    boolean forward = c.random().nextInt(3) > 0;
    Radius radius =
        Radius.within(epsilon)
            .withOver(over)
            .withDirection(forward ? KlDirection.OLD_NEW : KlDirection.NEW_OLD);
    try (Workspace workspace = Workspace.create()) {
      Problem problem = new Problem(c.model, c.distribution(workspace), c.x.length, c.precision, 0);
      NaturalGradientOptions options = options(c, radius);
      String solve = options.solve().getClass().getSimpleName();
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      optimizer.parameters().copyFrom(c.theta, 0);
      Mat x = c.inputs(workspace);
      Mat y = c.targets(workspace, x);
      for (int step = 0; step < STEPS; step++) {
        final double[] before = optimizer.parameters().toArray();
        StepOutcome outcome = optimizer.step(x, y);
        final double[] after = optimizer.parameters().toArray();
        counts.merge(c.precision + " " + outcome.status(), 1, Integer::sum);
        if (!outcome.status().accepted()) {
          assertArrayEquals(before, after);
          continue;
        }
        accepted++;
        each.merge(kind, 1, Integer::sum);
        counts.merge(c.kind + (c.weights == null ? "" : " weighted"), 1, Integer::sum);
        counts.merge("ε 1e" + (int) Math.floor(Math.log10(epsilon)), 1, Integer::sum);
        counts.merge("solved by " + solve, 1, Integer::sum);
        Bounded kl = forward ? c.kl(before, after, over) : c.kl(after, before, over);
        // What a judge in double cannot decide is not held against the step, and is counted.
        assertTrue(kl.value() - kl.error() <= epsilon, () -> kl + " exceeds ε in " + outcome);
        boolean decided = kl.value() + kl.error() <= epsilon;
        counts.merge(decided ? "within ε" : "undecided", 1, Integer::sum);
        largest = decided ? Math.max(largest, kl.value() / epsilon) : largest;
      }
    }
  }

  private NaturalGradientOptions options(KlCase c, Radius radius) {
    var random = c.random();
    double damping = new double[] {0, 1e-3, 1, 10}[random.nextInt(4)];
    Solve last =
        switch (random.nextInt(12)) {
          case 0 -> new Solve.Diagonal();
          case 1 -> new Solve.Kronecker(1, random.nextBoolean(), 1e-3, 2);
          case 2 -> new Solve.Dense();
          case 3 -> new Solve.Dual();
          case 4 -> new Solve.ConjugateGradients(10, 1e-3, Solve.Preconditioner.KRONECKER);
          case 5 -> new Solve.ConjugateGradients(10, 1e-3, Solve.Preconditioner.NYSTROM, 5, 3);
          case 6 -> new Solve.Minres(10, 1e-3);
          case 7 -> new Solve.EigenKronecker(1e-3, 2);
          case 8 -> new Solve.Blocks();
          default -> Solve.conjugateGradients();
        };
    // The dual form divides by λ.
    damping = damping == 0 && last instanceof Solve.Dual ? 1e-9 : damping;
    NaturalGradientOptions options = NaturalGradientOptions.within(1).withRadius(radius);
    options = random.nextBoolean() ? options : options.withSampledFisher(1 + random.nextInt(4));
    double fraction = random.nextInt(3) == 0 ? 1 - random.nextDouble() : 1;
    return options
        .withDamping(damping, random.nextBoolean())
        .withSeed(random.nextLong())
        .withMomentum(random.nextBoolean())
        .withSolve(last)
        .withCurvature(options.curvature().withFraction(c.weights == null ? fraction : 1));
  }
}
