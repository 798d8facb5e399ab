package dev.natgrad.optimizer;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.random.Philox;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole steps of the families that MemoryTest does not know, exact in F64 and sampled in F32, and
 * of a residual network so deep that noise measures its rounding.
 */
final class FamilyStepAllocationTest {
  private static final int ROWS = 12;

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void wholeStepsAllocateNothing(Precision precision) {
    for (OutputDistribution distribution :
        List.of(
            new Poisson(3),
            new NegativeBinomial(3, 0.5),
            new Gamma(3, 2),
            new DiagonalGaussian(2),
            new Categoricals(3, 2))) {
      // The kernels are the same whichever matrix they serve: one of the two in each precision.
      NaturalGradientOptions options = NaturalGradientOptions.within(0.01);
      boolean sampled = precision == Precision.F32;
      Mlp model = Mlp.of(4, List.of(5), Activation.TANH, distribution.outputs());
      assertNone(model, distribution, precision, sampled ? options.withSampledFisher(2) : options);
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void stepsOfResidualNetworksAllocateNothing(Precision precision) {
    Mlp model = Mlp.residual(4, 8, 12, Activation.GELU, 3);
    NaturalGradientOptions options = NaturalGradientOptions.within(0.01);
    assertNone(model, new Categorical(3), precision, options);
  }

  private static void assertNone(
      Mlp model,
      OutputDistribution distribution,
      Precision precision,
      NaturalGradientOptions options) {
    try (Workspace workspace = Workspace.create()) {
      Vec start = normal(workspace, model.parameters(), 1, 0.3, precision);
      Mat x = normal(workspace, 4 * ROWS, 2, 1, precision).asMat(ROWS, 4);
      Mat z = Mat.allocate(workspace, ROWS, distribution.outputs(), precision);
      Mat y = Mat.allocate(workspace, ROWS, distribution.targets(), precision);
      Linearization at = model.linearize(workspace, ROWS, precision);
      at.evaluate(normal(workspace, model.parameters(), 3, 0.4, precision), x, z);
      distribution.mean(z, z);
      distribution.sample(z, 3, 0, y);
      NaturalGradient optimizer =
          new NaturalGradient(
              workspace, new Problem(model, distribution, ROWS, precision, 1e-3), options);
      Mat few = x.top(7);
      Mat fewY = y.top(7);
      int[] steps = new int[1];
      Allocation.assertNone(
          "a step on " + distribution,
          () -> {
            if (steps[0]++ % 8 == 0) {
              Blas.copy(start, optimizer.parameters());
            }
            optimizer.step(x, y);
            optimizer.step(few, fewY);
          });
    }
  }

  private static Vec normal(
      Workspace workspace, int n, long stream, double deviation, Precision precision) {
    Vec v = Vec.allocate(workspace, n, precision);
    for (int i = 0; i < n; i++) {
      v.set(i, deviation * Philox.normal(5, stream, i));
    }
    return v;
  }
}
