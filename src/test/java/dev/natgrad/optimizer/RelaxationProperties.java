package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Mlp;
import dev.natgrad.training.Checkpoint;
import dev.natgrad.training.CheckpointFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps beyond the minimum of the objective's model where the likelihood falls as e⁻ᵗ. */
class RelaxationProperties {
  private static final int SAMPLES = 30;

  private static final long SEPARABLE = 2;
  private static final long NOT_SEPARABLE = 30;

  private static final NaturalGradientOptions OPTIONS =
      NaturalGradientOptions.automatic(1)
          .withSolve(new Solve.Dense())
          .withDamping(1e-6, false)
          .withMomentum(true);

  /** Two clouds, which a plane separates where they are narrow. */
  private static final class Clouds {
    private final Mat x;
    private final Mat y;

    Clouds(Workspace workspace, Precision precision, long seed) {
      Random random = new Random(seed);
      x = Mat.allocate(workspace, SAMPLES, 2, precision);
      y = Mat.allocate(workspace, SAMPLES, 1, precision);
      double width = 0.1 + random.nextDouble();
      for (int i = 0; i < SAMPLES; i++) {
        x.set(i, 0, (i % 2 == 0 ? 1 : -1) + width * random.nextGaussian());
        x.set(i, 1, random.nextGaussian());
        y.set(i, 0, 1 - i % 2);
      }
    }
  }

  private static NaturalGradient optimizer(Workspace workspace, Precision precision) {
    Mlp model = Mlp.linear(2, 1, true);
    Problem problem = new Problem(model, new Bernoulli(1), SAMPLES, precision, 0);
    return new NaturalGradient(workspace, problem, OPTIONS);
  }

  @ParameterizedTest
  @EnumSource
  void separableTailsAreDescendedInStepsOfTwice(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Clouds data = new Clouds(workspace, precision, SEPARABLE);
      NaturalGradient optimizer = optimizer(workspace, precision);
      int relaxed = 0;
      double last = Double.NaN;
      for (int step = 0; step < 12; step++) {
        StepOutcome outcome = optimizer.step(data.x, data.y);
        assertTrue(outcome.status().accepted(), outcome.toString());
        assertTrue(outcome.kl() <= outcome.epsilon(), outcome.toString());
        relaxed += outcome.beta() > 1.9 ? 1 : 0;
        last = outcome.lossAfter();
      }
      // Newton's steps alone would leave ln 2·e⁻¹² = 4e-6.
      assertTrue(last < 1e-6, last + " after 12 steps");
      assertTrue(relaxed >= 4, relaxed + " of 12 steps were relaxed");
    }
  }

  /** Towards a loss that is not zero the tail ends; the step that tries once more is taken back. */
  @Test
  void whereTheTailEndsAStepGoesToTheMinimumOfItsModel() {
    try (Workspace workspace = Workspace.create()) {
      Clouds data = new Clouds(workspace, Precision.F64, NOT_SEPARABLE);
      NaturalGradient optimizer = optimizer(workspace, Precision.F64);
      StepOutcome outcome = optimizer.step(data.x, data.y);
      boolean relaxed = false;
      for (int step = 0; step < 20 && !(relaxed && outcome.beta() < 1.9); step++) {
        outcome = optimizer.step(data.x, data.y);
        relaxed |= outcome.beta() > 1.9;
      }
      assertTrue(relaxed);
      assertEquals(StepStatus.ACCEPTED, outcome.status());
      assertEquals(2, outcome.trials(), outcome.toString());
      assertEquals(1, outcome.beta(), 1e-9, outcome.toString());
      assertEquals(1, optimizer.step(data.x, data.y).trials());
    }
  }

  /** Whatever is tried, θ is at the length reported and the objective does not rise. */
  @Property
  void theParametersAreThoseReported(
      @ForAll long seed,
      @ForAll Precision precision,
      @ForAll boolean deadline,
      @ForAll @IntRange(min = 1, max = 200) int micros) {
    StepBudget budget = deadline ? StepBudget.ofNanos(micros * 1000L) : StepBudget.UNLIMITED;
    // The loss falls as e⁻ᶻ, so its relative rounding is the absolute one of the logits z, at both
    // ends of the step: 2γ₄(|w|ᵀ|x| + |b|) ≤ 8u·1000.
    double rounding = 8e3 * precision.unitRoundoff();
    try (Workspace workspace = Workspace.create()) {
      Clouds data = new Clouds(workspace, precision, seed);
      NaturalGradient optimizer = optimizer(workspace, precision);
      double last = Double.NaN;
      for (int step = 0; step < 15; step++) {
        StepOutcome outcome = optimizer.step(data.x, data.y, budget);
        if (Double.isNaN(outcome.lossBefore())) {
          continue; // no time to look at it
        }
        if (!Double.isNaN(last)) {
          assertEquals(last, outcome.lossBefore(), outcome.toString());
        }
        last = outcome.lossAfter();
        if (outcome.status().accepted()) {
          assertTrue(outcome.kl() <= outcome.epsilon(), outcome.toString());
          assertTrue(last <= outcome.lossBefore() * (1 + rounding), outcome.toString());
        }
      }
    }
  }

  @Test
  void aCheckpointKeepsIt(@TempDir Path folder) {
    Path file = folder.resolve("checkpoint");
    try (Workspace workspace = Workspace.create()) {
      Clouds data = new Clouds(workspace, Precision.F64, SEPARABLE);
      NaturalGradient one = optimizer(workspace, Precision.F64);
      for (int step = 0; step < 8; step++) {
        one.step(data.x, data.y);
      }
      new CheckpointFile(file).write(Map.of(), Map.of("optimizer", one));
      NaturalGradient other = optimizer(workspace, Precision.F64);
      try (Checkpoint checkpoint = Checkpoint.open(file)) {
        checkpoint.restore(Map.of(), Map.of("optimizer", other));
      }
      StepOutcome outcome = one.step(data.x, data.y);
      assertTrue(outcome.beta() > 1.9, outcome.toString());
      assertEquals(outcome.toString(), other.step(data.x, data.y).toString());
      assertArrayEquals(Trial.bits(one.parameters()), Trial.bits(other.parameters()));
    }
  }
}
