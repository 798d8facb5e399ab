package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What optimisers take: off heap exactly what they foretold, and nothing in a step. */
class StepMemoryTest {
  private static final int MAX_BATCH = 24;
  private static final Mlp MODEL = Mlp.of(5, List.of(9), Activation.TANH, 3);
  private static final NaturalGradientOptions EXACT = NaturalGradientOptions.automatic(0.01);
  private static final NaturalGradientOptions SAMPLED = EXACT.withSampledFisher(3);

  /** How to build an optimiser, and the bytes it says it takes. */
  private record Kind(
      String name, Function<Workspace, Optimizer> build, long bytes, Precision precision) {
    @Override
    public String toString() {
      return name + " " + precision;
    }
  }

  static Stream<Arguments> kinds() {
    return Stream.of(Precision.values()).flatMap(StepMemoryTest::kinds).map(Arguments::of);
  }

  private static Stream<Kind> kinds(Precision precision) {
    Problem p = new Problem(MODEL, new Categorical(3), MAX_BATCH, precision, 1e-3);
    return Stream.of(
        new Kind(
            "exact",
            w -> new NaturalGradient(w, p, EXACT),
            NaturalGradient.bytes(p, EXACT),
            precision),
        new Kind(
            "sampled",
            w -> new NaturalGradient(w, p, SAMPLED),
            NaturalGradient.bytes(p, SAMPLED),
            precision),
        new Kind(
            "gradient descent",
            w -> new GradientDescent(w, p, 0.1),
            GradientDescent.bytes(p),
            precision),
        new Kind("momentum", w -> new Momentum(w, p, 0.1, 0.9), Momentum.bytes(p), precision),
        new Kind("adam", w -> new Adam(w, p, 0.01), Adam.bytes(p), precision));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void bytesAreExactlyThoseForetold(Kind kind) {
    try (Workspace workspace = Workspace.create()) {
      long before = workspace.bytesUsed();
      kind.build.apply(workspace);
      assertEquals(kind.bytes, workspace.bytesUsed() - before);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stepsOfChangingBatchSizesAllocateNothing(Kind kind) {
    try (Workspace workspace = Workspace.create()) {
      Optimizer optimizer = kind.build.apply(workspace);
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      Random random = new Random(2);
      Mat x = Mat.allocate(workspace, MAX_BATCH, 5, kind.precision);
      Mat y = Mat.allocate(workspace, MAX_BATCH, 3, kind.precision);
      for (int i = 0; i < MAX_BATCH; i++) {
        for (int j = 0; j < 5; j++) {
          x.set(i, j, random.nextGaussian());
        }
        y.set(i, random.nextInt(3), 1);
      }
      Mat[] xs = {x, x.top(7), x.top(16)};
      Mat[] ys = {y, y.top(7), y.top(16)};
      Runnable steps =
          () -> {
            for (int i = 0; i < xs.length; i++) {
              StepOutcome outcome = optimizer.step(xs[i], ys[i]);
              assertNotEquals(StepStatus.NON_FINITE, outcome.status());
            }
          };
      steps.run();
      long used = workspace.bytesUsed();
      Allocation.assertNone(kind.toString(), steps);
      assertEquals(used, workspace.bytesUsed());
    }
  }
}
