package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.NaiveLikelihood;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Linear models, where the answer is known: the radius used up, least squares, Newton's method. */
class QuadraticProperties {
  private static final int[] LINEAR = {};
  private static final int SAMPLES = 40;
  private static final NaturalGradientOptions UNDAMPED =
      NaturalGradientOptions.within(1e12).withDamping(0, false).withConjugateGradient(60, 1e-15);

  /** With Gaussian outputs of a linear model the KL is its own quadratic model. */
  @Property(tries = 300)
  void theStepUsesUpTheRadius(@ForAll long seed) {
    Trial trial = linear(seed, NaiveLikelihood.GAUSSIAN, SAMPLES);
    for (double[] row : trial.y) {
      row[0] += 100;
    }
    double epsilon = Math.pow(10, -2 + 2 * trial.random.nextDouble());
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer =
          trial.natural(workspace, 0, NaturalGradientOptions.within(epsilon));
      StepOutcome outcome =
          optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
      double kl = trial.kl(trial.theta, optimizer.parameters().toArray(), KlOver.MEAN).value();
      assertEquals(StepStatus.ACCEPTED, outcome.status(), outcome::toString);
      assertTrue(kl <= epsilon, () -> kl + " of " + epsilon);
      assertEquals(epsilon, kl, 1e-10 * epsilon, outcome::toString);
    }
  }

  @Property(tries = 300)
  void oneUndampedStepSolvesLeastSquares(@ForAll long seed) {
    Trial trial = linear(seed, NaiveLikelihood.GAUSSIAN, SAMPLES);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, 0, UNDAMPED);
      StepOutcome outcome =
          optimizer.step(trial.mat(workspace, trial.x), trial.mat(workspace, trial.y));
      assertEquals(StepStatus.ACCEPTED, outcome.status(), outcome::toString);
      double[] theta = optimizer.parameters().toArray();
      int outputs = trial.model.outputs();
      double[][] a = weightedGram(trial, null);
      for (int k = 0; k < outputs; k++) {
        double[] b = new double[a.length];
        for (int i = 0; i < SAMPLES; i++) {
          for (int p = 0; p < b.length; p++) {
            b[p] += feature(trial, i, p) * trial.y[i][k];
          }
        }
        double[] solution = NaiveDense.solve(a, b);
        double size = NaiveDense.norm(solution) + NaiveDense.norm(trial.theta);
        double tolerance = solverError(a) * size;
        for (int p = 0; p < b.length; p++) {
          assertEquals(solution[p], theta[p * outputs + k], tolerance);
        }
      }
    }
  }

  @Property(tries = 100)
  void undampedStepsAreNewtonsOnLogisticRegression(@ForAll long seed) {
    Trial trial = linear(seed, NaiveLikelihood.BERNOULLI, 4 * SAMPLES);
    if (trial.model.outputs() != 1) {
      return;
    }
    double[] newton = trial.theta.clone();
    java.util.Arrays.fill(newton, 0);
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, 0, UNDAMPED);
      optimizer.parameters().copyFrom(newton, 0);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      double tolerance = 0;
      while (true) {
        double[] before = newton.clone();
        tolerance += newtonStep(trial, newton);
        if (NaiveDense.norm(NaiveDense.minus(newton, before)) < 1e-6) {
          // Converged: rounding decides whether the objective still falls.
          break;
        }
        StepOutcome outcome = optimizer.step(x, y);
        assertEquals(StepStatus.ACCEPTED, outcome.status(), outcome::toString);
        double[] theta = optimizer.parameters().toArray();
        for (int p = 0; p < newton.length; p++) {
          assertEquals(newton[p], theta[p], tolerance, outcome::toString);
        }
      }
    }
  }

  /** θ ← θ + (XᵀRX)⁻¹Xᵀ(y − p), R = diag(p(1 − p)); returns what two ways may differ by. */
  private static double newtonStep(Trial trial, double[] theta) {
    int n = theta.length;
    double[] weights = new double[trial.x.length];
    double[] b = new double[n];
    for (int i = 0; i < weights.length; i++) {
      double z = 0;
      for (int p = 0; p < n; p++) {
        z += feature(trial, i, p) * theta[p];
      }
      double probability = 1 / (1 + Math.exp(-z));
      weights[i] = probability * (1 - probability);
      for (int p = 0; p < n; p++) {
        b[p] += feature(trial, i, p) * (trial.y[i][0] - probability);
      }
    }
    double[][] a = weightedGram(trial, weights);
    double[] step = NaiveDense.solve(a, b);
    for (int p = 0; p < n; p++) {
      theta[p] += step[p];
    }
    return solverError(a) * (NaiveDense.norm(step) + NaiveDense.norm(theta));
  }

  private static Trial linear(long seed, NaiveLikelihood likelihood, int samples) {
    int inputs = 1 + (int) Math.floorMod(seed, 3L);
    return new Trial(seed, likelihood, Precision.F64, inputs, LINEAR, null, samples);
  }

  /** The inputs and a constant 1 for the bias. */
  private static double feature(Trial trial, int sample, int p) {
    return p < trial.x[sample].length ? trial.x[sample][p] : 1;
  }

  private static double[][] weightedGram(Trial trial, double[] weights) {
    int n = trial.x[0].length + 1;
    double[][] a = new double[n][n];
    for (int i = 0; i < trial.x.length; i++) {
      for (int p = 0; p < n; p++) {
        for (int q = 0; q < n; q++) {
          double w = weights == null ? 1 : weights[i];
          a[p][q] += w * feature(trial, i, p) * feature(trial, i, q);
        }
      }
    }
    return a;
  }

  /**
   * κ·γ: sums over the samples, products with a handful of parameters and at most 60 iterations,
   * each perturbing the system by its own rounding.
   */
  private static double solverError(double[][] a) {
    int n = a.length;
    double inverse = 0;
    double norm = 0;
    for (int p = 0; p < n; p++) {
      double[] unit = new double[n];
      unit[p] = 1;
      inverse += NaiveDense.dot(NaiveDense.solve(a, unit), NaiveDense.solve(a, unit));
      norm += NaiveDense.dot(a[p], a[p]);
    }
    double operations = (4.0 * SAMPLES + n + 60) * 0x1p-53;
    return Math.sqrt(inverse * norm) * 2 * operations / (1 - operations);
  }
}
