package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * What a step must not depend on. The tiny networks let conjugate gradients finish, so that random
 * probes, which see rows in order, steer only the path there.
 */
class InvarianceProperties {
  private static final double L2 = 0.1;
  private static final NaturalGradientOptions UNDAMPED =
      NaturalGradientOptions.within(0.01).withDamping(0, false).withConjugateGradient(40, 1e-15);

  /** Few enough that rounding in the null space of F, along which units rescale, stays small. */
  private static final int FEW_ITERATIONS = 5;

  private static Trial tiny(long seed, NaiveLikelihood likelihood) {
    return new Trial(seed, likelihood, Precision.F64, 2, new int[0], null, 7);
  }

  /** θ after one step, and how long it was. */
  private record Stepped(double[] theta, double beta, int trials) {}

  private static Stepped step(
      Trial trial, double[] theta, double[][] x, double[][] y, double l2, int maxBatch) {
    try (Workspace workspace = Workspace.create()) {
      Problem problem =
          new Problem(trial.model, trial.distribution(), maxBatch, trial.precision, l2);
      NaturalGradientOptions options =
          l2 == 0 ? UNDAMPED.withConjugateGradient(FEW_ITERATIONS, 0) : UNDAMPED;
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options);
      optimizer.parameters().copyFrom(theta, 0);
      StepOutcome outcome = optimizer.step(trial.mat(workspace, x), trial.mat(workspace, y));
      assertTrue(outcome.status().accepted(), outcome::toString);
      return new Stepped(optimizer.parameters().toArray(), outcome.beta(), outcome.trials());
    }
  }

  private static void assertSameStep(Trial trial, Stepped one, Stepped other) {
    double[] expected = one.theta;
    double[] actual = other.theta;
    // κ of F + l2·I is at most (tr F + l2)/l2; the trace is at most that of inputs and a constant 1
    // under output curvatures of at most 1/σ².
    double trace = 0;
    for (double[] row : trial.x) {
      trace += trial.model.outputs() * (1 + row[0] * row[0] + row[1] * row[1]) * 2 / 7;
    }
    double kappa = (trace + L2) / L2;
    double operations = (40.0 + trial.theta.length + 14) * 0x1p-53;
    double size = 0;
    for (int p = 0; p < expected.length; p++) {
      size += Math.abs(expected[p] - trial.theta[p]) + 0x1p-52 * Math.abs(expected[p]);
    }
    double tolerance = size * (kappa * 8 * operations + Divergences.RELATIVE_ERROR);
    for (int p = 0; p < expected.length; p++) {
      assertEquals(expected[p], actual[p], tolerance);
    }
  }

  @Property(tries = 300)
  void everySampleTwiceIsTheSameStep(@ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    Trial trial = tiny(seed, likelihood);
    double[][] x = new double[14][];
    double[][] y = new double[14][];
    for (int i = 0; i < 14; i++) {
      x[i] = trial.x[i / 2];
      y[i] = trial.y[i / 2];
    }
    Stepped once = step(trial, trial.theta, trial.x, trial.y, L2, 7);
    assertSameStep(trial, once, step(trial, trial.theta, x, y, L2, 14));
  }

  @Property(tries = 300)
  void theOrderOfTheSamplesDoesNotMatter(@ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    Trial trial = tiny(seed, likelihood);
    double[][] x = new double[7][];
    double[][] y = new double[7][];
    for (int i = 0; i < 7; i++) {
      x[i] = trial.x[(3 * i + 2) % 7];
      y[i] = trial.y[(3 * i + 2) % 7];
    }
    Stepped straight = step(trial, trial.theta, trial.x, trial.y, L2, 7);
    assertSameStep(trial, straight, step(trial, trial.theta, x, y, L2, 7));
  }

  /** A larger buffer than the batch needs changes no bit. */
  @Property(tries = 200)
  void theLargestBatchDoesNotMatter(@ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    Trial trial = tiny(seed, likelihood);
    Stepped exact = step(trial, trial.theta, trial.x, trial.y, L2, 7);
    Stepped larger = step(trial, trial.theta, trial.x, trial.y, L2, 100);
    assertArrayEquals(exact.theta, larger.theta);
  }

  @Property(tries = 300)
  void unitsOfTheFeaturesDoNotMatter(@ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    Trial trial = new Trial(seed, likelihood, Precision.F64, 3, new int[] {4}, null, 30);
    Random random = new Random(seed);
    double[][] x = new double[trial.x.length][];
    double[] theta = trial.theta.clone();
    for (int i = 0; i < x.length; i++) {
      x[i] = trial.x[i].clone();
    }
    for (int j = 0; j < 3; j++) {
      int power = random.nextInt(13) - 6;
      for (double[] row : x) {
        row[j] = Math.scalb(row[j], power);
      }
      for (int k = 0; k < 4; k++) {
        theta[j * 4 + k] = Math.scalb(theta[j * 4 + k], -power);
      }
    }
    Stepped plain = step(trial, trial.theta, trial.x, trial.y, 0, 30);
    Stepped scaled = step(trial, theta, x, trial.y, 0, 30);
    for (int j = 0; j < 3; j++) {
      for (int k = 0; k < 4; k++) {
        scaled.theta[j * 4 + k] *=
            theta[j * 4 + k] == 0 ? 1 : trial.theta[j * 4 + k] / theta[j * 4 + k];
      }
    }
    assertSamePredictions(trial, errorBound(trial, theta, x), plain, scaled);
  }

  @Property(tries = 300)
  void theScaleOfReluUnitsDoesNotMatter(@ForAll long seed, @ForAll NaiveLikelihood likelihood) {
    int hidden = 4;
    Trial trial =
        new Trial(seed, likelihood, Precision.F64, 3, new int[] {hidden}, Activation.RELU, 30);
    Random random = new Random(seed);
    int outputs = trial.model.outputs();
    double[] theta = trial.theta.clone();
    for (int k = 0; k < hidden; k++) {
      int power = random.nextInt(9) - 4;
      for (int i = 0; i <= 3; i++) {
        theta[i * hidden + k] = Math.scalb(theta[i * hidden + k], power);
      }
      for (int o = 0; o < outputs; o++) {
        int at = 4 * hidden + k * outputs + o;
        theta[at] = Math.scalb(theta[at], -power);
      }
    }
    assertSamePredictions(
        trial,
        errorBound(trial, theta, trial.x),
        step(trial, trial.theta, trial.x, trial.y, 0, 30),
        step(trial, theta, trial.x, trial.y, 0, 30));
  }

  /** The larger of the model's own bounds in the plain and in the scaled units. */
  private static double errorBound(Trial trial, double[] theta, double[][] x) {
    try (Workspace workspace = Workspace.create()) {
      Objective objective = new Objective(workspace, trial.problem(0));
      Vec v = Vec.allocate(workspace, theta.length, trial.precision);
      v.copyFrom(trial.theta, 0);
      objective.value(v, trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
      double plain = objective.linearization.outputErrorBound();
      v.copyFrom(theta, 0);
      objective.value(v, trial.mat(workspace, x), trial.mat(workspace, trial.y));
      return Math.max(plain, objective.linearization.outputErrorBound());
    }
  }

  /**
   * Powers of two change no rounding on the way to the direction; the length depends on the scale
   * only by the rounding bound of the KL, which the norms of the layers enter.
   */
  private static void assertSamePredictions(
      Trial trial, double outputError, Stepped expected, Stepped actual) {
    double bound;
    try (Workspace workspace = Workspace.create()) {
      Mat z = trial.mat(workspace, trial.y);
      bound = trial.distribution().klErrorBound(z, z, KlOver.MEAN, 0.01, 2 * outputError) / 0.01;
    }
    if (expected.trials == 1 && actual.trials == 1) {
      // Later trials follow the differences of measured divergences, which magnify their rounding;
      // then only the direction can be compared.
      assertEquals(expected.beta, actual.beta, 2 * bound * expected.beta);
    }
    double change = Math.abs(actual.beta / expected.beta - 1) + 16 * 0x1p-53;
    double[] longer = expected.theta.clone();
    for (int p = 0; p < longer.length; p++) {
      longer[p] += change * (expected.theta[p] - trial.theta[p]);
    }
    Bounded[][] a = trial.outputs(expected.theta, 0x1p-53);
    Bounded[][] b = trial.outputs(actual.theta, 0x1p-53);
    Bounded[][] c = trial.outputs(longer, 0x1p-53);
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        double moved = Math.abs(c[i][j].value() - a[i][j].value());
        double tolerance = 2 * (a[i][j].error() + b[i][j].error() + c[i][j].error() + moved);
        assertEquals(a[i][j].value(), b[i][j].value(), tolerance);
      }
    }
  }
}
