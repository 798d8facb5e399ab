package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Mlp;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The recommended recipe for few parameters where F is singular at every point. */
class NullSpaceTest {
  private static final int SAMPLES = 80;
  private static final int STEPS = 200;

  /** As the estimate that is orthogonal to the null space, some 0.5, with room. */
  private static final double ESTIMATE = 2;

  /**
   * Along a null direction a step moves by the rounding of g, a few u of its terms, over λ = √u or,
   * right after a refusal, more: a few √u. Some 600 and 10⁴ to 10¹¹ before.
   */
  @ParameterizedTest
  @CsvSource({"F32, 0", "F32, 1", "F32, 2", "F64, 0", "F64, 1", "F64, 2"})
  void stepsDoNotDriftAlongTheNullSpace(Precision precision, int which) {
    OutputDistribution distribution =
        which == 0 ? new Categorical(3) : which == 1 ? new Bernoulli(1) : new Gaussian(1);
    double most = ESTIMATE + STEPS * 8 * Math.sqrt(precision.unitRoundoff());
    for (int seed = 0; seed < 4; seed++) {
      double[] theta = fit(distribution, precision, seed, which > 0);
      for (double t : theta) {
        assertTrue(Math.abs(t) <= most, distribution.name() + " of seed " + seed + ": " + t);
      }
    }
  }

  /** Steps the recipe on one batch; with groups, indicators of three of them beside a constant. */
  private static double[] fit(
      OutputDistribution distribution, Precision precision, int seed, boolean groups) {
    Random random = new Random(seed);
    try (Workspace w = Workspace.create()) {
      Mlp model = Mlp.linear(4, distribution.outputs(), true);
      Problem problem = new Problem(model, distribution, SAMPLES, precision, 0);
      NaturalGradient natural =
          new NaturalGradient(w, problem, NaturalGradientOptions.recommended(problem));
      Mat x = Mat.allocate(w, SAMPLES, 4, precision);
      Mat y = Mat.allocate(w, SAMPLES, distribution.targets(), precision);
      for (int i = 0; i < SAMPLES; i++) {
        int group = random.nextInt(3);
        for (int j = 0; j < 4; j++) {
          double value = random.nextGaussian();
          x.set(i, j, groups && j < 3 ? (j == group ? 1 : 0) : value);
        }
        if (distribution instanceof Categorical) {
          y.set(i, random.nextInt(3), 1);
        } else {
          y.set(i, 0, random.nextInt(2));
        }
      }
      for (int step = 0; step < STEPS; step++) {
        natural.step(x, y);
      }
      return natural.parameters().toArray();
    }
  }

  /** F that only rounding keeps from being singular is damped by √u; any other as was asked. */
  @ParameterizedTest
  @CsvSource({"F32, true", "F64, true", "F32, false", "F64, false"})
  void onlyASingularMatrixIsDampedMore(Precision precision, boolean groups) {
    try (Workspace w = Workspace.create()) {
      Problem problem = new Problem(Mlp.linear(2, 1, true), new Gaussian(1), 4, precision, 0);
      NaturalGradient natural =
          new NaturalGradient(w, problem, NaturalGradientOptions.recommended(problem));
      Mat x = Mat.allocate(w, 4, 2, precision);
      Mat y = Mat.allocate(w, 4, 1, precision);
      for (int i = 0; i < 4; i++) {
        x.set(i, 0, i % 2);
        x.set(i, 1, groups ? 1 - i % 2 : i / 2);
        y.set(i, 0, i);
      }
      double u = precision.unitRoundoff();
      double lambda = natural.step(x, y).lambda();
      assertEquals(groups ? Math.sqrt(u) : 16 * u, lambda);
    }
  }
}
