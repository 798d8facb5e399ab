package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** No accepted step exceeds ε, judged by code that shares nothing with the optimiser. */
class KlBoundProperties {
  private static final int STEPS = 4;

  @Property(tries = 1000)
  void everyAcceptedStepKeepsTheBound(
      @ForAll long seed,
      @ForAll NaiveLikelihood likelihood,
      @ForAll Precision precision,
      @ForAll KlOver over) {
    keepsTheBound(seed, likelihood, precision, over);
  }

  /** Few outputs: λ‖∂f/∂z‖₂ allowed their rounding more than all of it together can do. */
  @Example
  void aRiseBeyondAllRoundingTogetherIsRefused() {
    keepsTheBound(-3931706381097997421L, NaiveLikelihood.GAUSSIAN, Precision.F32, KlOver.MAXIMUM);
  }

  /** Sums of few terms: λ√n roundings were allowed where there are n. */
  @Example
  void aRiseBeyondAllRoundingOfShortSumsIsRefused() {
    keepsTheBound(54980L, NaiveLikelihood.CATEGORICAL, Precision.F32, KlOver.MEAN);
  }

  private static void keepsTheBound(
      long seed, NaiveLikelihood likelihood, Precision precision, KlOver over) {
    Trial trial = new Trial(seed, likelihood, precision);
    Random random = new Random(~seed);
    double epsilon = Math.pow(10, -8 * random.nextDouble());
    double l2 = random.nextBoolean() ? 0 : 1e-3;
    boolean forward = random.nextInt(3) > 0;
    NaturalGradientOptions options =
        options(
            random,
            Radius.within(epsilon)
                .withOver(over)
                .withDirection(forward ? KlDirection.OLD_NEW : KlDirection.NEW_OLD));
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, l2, options);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int step = 0; step < STEPS; step++) {
        double[] before = optimizer.parameters().toArray();
        long[] beforeBits = Trial.bits(optimizer.parameters());
        StepOutcome outcome = optimizer.step(x, y);
        Statistics.label(precision.name()).collect(outcome.status());
        if (!outcome.status().accepted()) {
          assertArrayEquals(beforeBits, Trial.bits(optimizer.parameters()));
          continue;
        }
        double[] after = optimizer.parameters().toArray();
        Bounded kl = forward ? trial.kl(before, after, over) : trial.kl(after, before, over);
        checkAccepted(trial, outcome, before, after, kl, l2);
      }
    }
  }

  private static NaturalGradientOptions options(Random random, Radius radius) {
    NaturalGradientOptions options = NaturalGradientOptions.within(1).withRadius(radius);
    options = random.nextBoolean() ? options : options.withSampledFisher(1 + random.nextInt(4));
    double damping = new double[] {0, 1e-3, 1, 10}[random.nextInt(4)];
    double fraction = random.nextInt(3) == 0 ? 1 - random.nextDouble() : 1;
    options =
        options
            .withDamping(damping, random.nextBoolean())
            .withSeed(random.nextLong())
            .withMomentum(random.nextBoolean())
            .withSolve(solve(random))
            .withCurvature(options.curvature().withFraction(fraction));
    // The dual form divides by λ.
    boolean divides = options.solve() instanceof Solve.Dual;
    return divides && damping == 0 ? options.withDamping(1e-9, false) : options;
  }

  private static Solve solve(Random random) {
    return switch (random.nextInt(7)) {
      case 0 -> new Solve.Diagonal();
      case 1 -> new Solve.Kronecker(1, random.nextBoolean(), 1e-3, 2);
      case 2 -> new Solve.Dense();
      case 3 -> new Solve.Dual();
      default -> Solve.conjugateGradients();
    };
  }

  private static void checkAccepted(
      Trial trial, StepOutcome outcome, double[] before, double[] after, Bounded kl, double l2) {
    assertTrue(
        kl.value() - kl.error() <= outcome.epsilon(),
        () -> "KL " + kl + " exceeds ε in " + outcome);
    double was = trial.objective(before, l2);
    double is = trial.objective(after, l2);
    double slack = trial.objectiveError(before, l2) + trial.objectiveError(after, l2);
    assertTrue(is <= was + slack, () -> was + " rose to " + is + " in " + outcome);
  }

  /** The oracle must be able to resolve what it judges. */
  @Property(tries = 200)
  void theOracleResolvesTheSmallestBound(
      @ForAll long seed, @ForAll NaiveLikelihood likelihood, @ForAll KlOver over) {
    Trial trial = new Trial(seed, likelihood, Precision.F64);
    double[] moved = trial.theta.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += 1e-4 * trial.random.nextGaussian();
    }
    Bounded kl = trial.kl(trial.theta, moved, over);
    assertTrue(kl.value() >= -kl.error(), kl::toString);
    assertTrue(kl.error() <= 1e-6 * kl.value() + 1e-16, kl::toString);
  }
}
