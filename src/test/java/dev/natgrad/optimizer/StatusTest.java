package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.objective.NegativeLogLikelihood;
import dev.natgrad.objective.Objective;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a step ends where there is nothing, or nothing safe, to do: by a status, θ untouched. */
class StatusTest {
  private static final NaturalGradientOptions DEFAULT = NaturalGradientOptions.within(0.01);

  private static Problem linear(OutputDistribution distribution, Precision precision, double l2) {
    Mlp model = Mlp.of(2, List.of(), Activation.TANH, distribution.outputs());
    return new Problem(model, distribution, 8, precision, l2);
  }

  private static StepStatus unchanged(
      Problem problem,
      double[] theta,
      double[][] x,
      double[][] y,
      BiFunction<Workspace, Problem, Optimizer> kind) {
    try (Workspace workspace = Workspace.create()) {
      Optimizer optimizer = kind.apply(workspace, problem);
      optimizer.parameters().copyFrom(theta, 0);
      long[] before = Trial.bits(optimizer.parameters());
      StepOutcome outcome =
          optimizer.step(
              Trial.mat(workspace, x, problem.precision()),
              Trial.mat(workspace, y, problem.precision()));
      assertArrayEquals(before, Trial.bits(optimizer.parameters()));
      assertFalse(outcome.status().accepted(), outcome::toString);
      return outcome.status();
    }
  }

  private static NaturalGradient natural(Workspace workspace, Problem problem) {
    return new NaturalGradient(workspace, problem, DEFAULT);
  }

  private static Adam adam(Workspace workspace, Problem problem) {
    return new Adam(workspace, problem, 0.1);
  }

  /** A likelihood that a user's objective takes for infinite where an output is large. */
  private record Bottomless(NegativeLogLikelihood loss) implements Objective {
    @Override
    public void check(Mat y) {
      loss.check(y);
    }

    @Override
    public double value(Mat z, Mat y) {
      return z.get(0, 0) > 0.1 ? Double.NEGATIVE_INFINITY : loss.value(z, y);
    }

    @Override
    public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
      loss.gradient(alpha, z, m, y, u);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInfiniteObjectiveIsNoDecrease(Precision precision) {
    Gaussian distribution = new Gaussian(1);
    Objective objective = new Bottomless(new NegativeLogLikelihood(distribution));
    Mlp model = Mlp.of(1, List.of(), Activation.TANH, 1);
    Problem problem = new Problem(model, distribution, objective, 1, precision, 0);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(0.1));
      Mat x = Trial.mat(workspace, new double[][] {{1}}, precision);
      Mat y = Trial.mat(workspace, new double[][] {{3}}, precision);
      StepOutcome outcome = optimizer.step(x, y);
      assertTrue(outcome.status().accepted(), outcome::toString);
      assertTrue(Double.isFinite(outcome.lossAfter()), outcome::toString);
    }
  }

  /** −e^z: its values, and the squares of its gradients sooner, leave the range of double. */
  private record Exponential() implements Objective {
    @Override
    public void check(Mat y) {}

    @Override
    public double value(Mat z, Mat y) {
      return -Math.exp(z.get(0, 0));
    }

    @Override
    public boolean fisherIsCurvature() {
      return false;
    }

    @Override
    public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
      u.set(0, 0, -alpha * Math.exp(z.get(0, 0)));
    }
  }

  /** Where the rounding bound of the objective overflows too. */
  @Test
  void anInfiniteObjectiveIsNotWithinAnInfiniteRoundingBound() {
    Mlp model = Mlp.linear(1, 1, false);
    Problem problem = new Problem(model, new Gaussian(1), new Exponential(), 1, Precision.F64, 0);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(1e5));
      Mat x = Trial.mat(workspace, new double[][] {{1}}, Precision.F64);
      Mat y = Trial.mat(workspace, new double[][] {{0}}, Precision.F64);
      assertTrue(optimizer.step(x, y).lossAfter() < -1e190);
      StepOutcome outcome = optimizer.step(x, y);
      // KL allows a step by 447, to e^885, which is above the largest double.
      assertTrue(outcome.lossAfter() <= outcome.lossBefore(), outcome::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anExactFitHasNoGradient(Precision precision) {
    Problem problem = linear(new Gaussian(1), precision, 0);
    double[] theta = {1, 2, 3};
    double[][] x = {{1, 1}, {2, -1}};
    double[][] y = {{6}, {3}};
    assertEquals(StepStatus.ZERO_GRADIENT, unchanged(problem, theta, x, y, StatusTest::natural));
    assertEquals(StepStatus.ZERO_GRADIENT, unchanged(problem, theta, x, y, StatusTest::adam));
  }

  @ParameterizedTest
  @CsvSource({"NaN,RELU", "Infinity,RELU", "-Infinity,RELU", "NaN,TANH", "Infinity,TANH"})
  void inputsThatAreNotFiniteAreReported(double value, Activation activation) {
    for (Precision precision : Precision.values()) {
      Mlp model = Mlp.of(2, List.of(3), activation, 2);
      Problem problem = new Problem(model, new Categorical(2), 4, precision, 0);
      double[] theta = new double[model.parameters()];
      for (int p = 0; p < theta.length; p++) {
        theta[p] = p % 3 - 0.75;
      }
      double[][] x = {{1, 2}, {0.5, value}};
      double[][] y = {{1, 0}, {0, 1}};
      assertEquals(StepStatus.NON_FINITE, unchanged(problem, theta, x, y, StatusTest::natural));
      assertEquals(StepStatus.NON_FINITE, unchanged(problem, theta, x, y, StatusTest::adam));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void parametersThatAreNotFiniteStayAsTheyAre(double value) {
    Problem problem = linear(new Bernoulli(1), Precision.F32, 0.1);
    double[] theta = {1, value, 3};
    double[][] x = {{1, 1}};
    double[][] y = {{1}};
    assertEquals(StepStatus.NON_FINITE, unchanged(problem, theta, x, y, StatusTest::natural));
    assertEquals(StepStatus.NON_FINITE, unchanged(problem, theta, x, y, StatusTest::adam));
  }

  /** A saturated softmax has no curvature left, though it is wrong and has a gradient. */
  @ParameterizedTest
  @CsvSource({"F32,0", "F64,0", "F32,0.1", "F64,0.1"})
  void withoutCurvatureNoLengthIsDefined(Precision precision, double l2) {
    Problem problem = linear(new Categorical(2), precision, l2);
    double[] theta = {1e4, -1e4, 0, 0, 0, 0};
    double[][] x = {{1, 0}};
    double[][] y = {{0, 1}};
    assertEquals(
        StepStatus.NON_POSITIVE_CURVATURE, unchanged(problem, theta, x, y, StatusTest::natural));
  }

  /** As a float λ·tr(F)/P is 0, which the dual form would divide by. */
  @ParameterizedTest
  @EnumSource
  void aDampingThatRoundsToZeroLeavesTheScaledGradient(Precision precision) {
    Problem problem = linear(new Gaussian(1, 1e38), precision, 0);
    NaturalGradientOptions options = DEFAULT.withSolve(new Solve.Dual()).withDamping(1e-8, false);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      Mat x = Trial.mat(workspace, new double[][] {{1, 0.5}, {0.5, -1}}, precision);
      Mat y = Trial.mat(workspace, new double[][] {{1}, {2}}, precision);
      StepOutcome outcome = optimizer.step(x, y);
      assertEquals(
          precision == Precision.F32 ? DirectionSource.SCALED_GRADIENT : DirectionSource.DUAL,
          outcome.source(),
          outcome::toString);
      for (double entry : optimizer.parameters().toArray()) {
        assertTrue(Double.isFinite(entry), outcome::toString);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e3, 1e4, 1e5})
  void extremeLogitsNeverMakeTheParametersNotFinite(double size) {
    for (Precision precision : Precision.values()) {
      for (OutputDistribution distribution : List.of(new Categorical(2), new Bernoulli(2))) {
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient optimizer = natural(workspace, linear(distribution, precision, 0));
          optimizer.parameters().copyFrom(new double[] {size, -size, -size, size, 0, 0}, 0);
          Mat x = Trial.mat(workspace, new double[][] {{1, 0}, {0, 1}, {1e-4, 0}}, precision);
          Mat y = Trial.mat(workspace, new double[][] {{0, 1}, {0, 1}, {1, 0}}, precision);
          for (int step = 0; step < 10; step++) {
            StepOutcome outcome = optimizer.step(x, y);
            assertTrue(Double.isFinite(outcome.lossAfter()), outcome::toString);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void boundsBelowTheRoundingOfTheKlAreReported(Precision precision) {
    double tooSmall = precision == Precision.F32 ? 1e-13 : 1e-31;
    Problem problem = linear(new Bernoulli(1), precision, 0);
    StepStatus status =
        unchanged(
            problem,
            new double[] {1, 2, 3},
            new double[][] {{1, 1}},
            new double[][] {{0}},
            (workspace, p) ->
                new NaturalGradient(workspace, p, NaturalGradientOptions.within(tooSmall)));
    assertEquals(StepStatus.BELOW_RESOLUTION, status);
  }

  /** Squares of these derivatives overflow though the derivatives do not. */
  @ParameterizedTest
  @CsvSource({"F32,1e25", "F64,1e200"})
  void curvatureThatOverflowsIsAStatusToo(Precision precision, double size) {
    Problem problem = linear(new Gaussian(1), precision, 0);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = natural(workspace, problem);
      Mat x = Trial.mat(workspace, new double[][] {{size, 1}}, precision);
      Mat y = Trial.mat(workspace, new double[][] {{1}}, precision);
      StepOutcome outcome = optimizer.step(x, y);
      assertFalse(outcome.status().accepted(), outcome::toString);
      assertArrayEquals(new double[3], optimizer.parameters().toArray());
      x.set(0, 0, 1);
      optimizer.step(x, y);
      assertTrue(outcome.status().accepted(), outcome::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSingleSampleInABatchOfOneIsLearned(Precision precision) {
    Problem problem =
        new Problem(Mlp.of(1, List.of(2), Activation.TANH, 1), new Gaussian(1), 1, precision, 0);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = natural(workspace, problem);
      Mat x = Trial.mat(workspace, new double[][] {{1}}, precision);
      Mat y = Trial.mat(workspace, new double[][] {{2}}, precision);
      double loss = Double.POSITIVE_INFINITY;
      for (int step = 0; step < 60; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        assertTrue(outcome.lossAfter() <= loss, outcome::toString);
        loss = outcome.lossAfter();
      }
      assertEquals(0.5 * Math.log(2 * Math.PI), loss, 1e-6, "the fit is perfect");
    }
  }

  /** Below the smallest normal number, in inputs, parameters, targets and so in gradients. */
  @ParameterizedTest
  @CsvSource({
    "F32,1e-40,1", "F32,1,1e-40", "F32,1e-40,1e-40", "F32,1e-45,1e-20", "F32,1e-20,1e-20",
    "F64,1e-310,1", "F64,1,1e-310", "F64,1e-310,1e-310", "F64,5e-324,1e-160", "F64,1e-160,1e-160"
  })
  void denormalNumbersEndInFiniteParameters(Precision precision, double input, double parameter) {
    for (OutputDistribution distribution :
        List.of(new Categorical(2), new Bernoulli(2), new Gaussian(2))) {
      for (NaturalGradientOptions options :
          List.of(
              DEFAULT,
              DEFAULT.withSolve(new Solve.Dense()),
              DEFAULT.withSolve(new Solve.Dual()),
              DEFAULT.withSolve(new Solve.Diagonal()))) {
        try (Workspace workspace = Workspace.create()) {
          NaturalGradient optimizer =
              new NaturalGradient(workspace, linear(distribution, precision, 0), options);
          double[] theta = {1, -1, -1, 1, 1, 0};
          for (int p = 0; p < theta.length; p++) {
            theta[p] *= parameter;
          }
          optimizer.parameters().copyFrom(theta, 0);
          Mat x = Trial.mat(workspace, new double[][] {{input, 0}, {0, -input}, {1, 1}}, precision);
          double small = distribution instanceof Gaussian ? input : 0;
          Mat y = Trial.mat(workspace, new double[][] {{small, 1}, {0, 1}, {1, 0}}, precision);
          double loss = Double.POSITIVE_INFINITY;
          int accepted = 0;
          for (int step = 0; step < 5; step++) {
            StepOutcome outcome = optimizer.step(x, y);
            assertTrue(outcome.lossAfter() <= loss, outcome::toString);
            assertTrue(Double.isFinite(outcome.gradientNorm()), outcome::toString);
            assertTrue(outcome.kl() >= 0 && outcome.kl() <= 0.01, outcome::toString);
            for (double value : optimizer.parameters().toArray()) {
              assertTrue(Double.isFinite(value), outcome::toString);
            }
            loss = outcome.lossAfter();
            accepted += outcome.status().accepted() ? 1 : 0;
          }
          assertTrue(accepted > 0, "the third row has a gradient of order 1");
        }
      }
    }
  }
}
