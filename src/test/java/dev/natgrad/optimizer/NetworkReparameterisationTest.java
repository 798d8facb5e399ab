package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.NaiveFisher;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Undamped steps of networks with more samples than parameters, by θ = Aφ and by other inputs. */
class NetworkReparameterisationTest {
  private static final int INPUTS = 2;
  private static final int HIDDEN = 2;
  private static final int ROWS = 120;
  private static final int STEPS = 3;
  private static final double U = 0x1p-53;

  /** A tangled point is left out: what is asserted there would be next to nothing. */
  private static final double MOST_KAPPA = 1e6;

  private static final NaturalGradientOptions UNDAMPED =
      NaturalGradientOptions.within(1e-3).withDamping(0, false).withSolve(new Solve.Dense());

  private static Trial trial(int seed) {
    return new Trial(
        seed,
        NaiveLikelihood.GAUSSIAN,
        Precision.F64,
        INPUTS,
        new int[] {HIDDEN},
        Activation.TANH,
        ROWS);
  }

  private static double[][] fisher(Trial trial, double[] theta, double[][] rows) {
    int outputs = trial.model.outputs();
    NaiveFisher oracle = new NaiveFisher(INPUTS, HIDDEN, outputs, theta);
    double[][][] jacobians = new double[rows.length][][];
    double[][][] fishers = new double[rows.length][][];
    for (int i = 0; i < rows.length; i++) {
      jacobians[i] = oracle.jacobian(rows[i]);
      fishers[i] =
          NaiveFisher.outputFisher("gaussian", oracle.outputs(rows[i]), NaiveLikelihood.VARIANCE);
    }
    return NaiveFisher.average(jacobians, fishers);
  }

  /** ‖F‖‖F⁻¹‖ in Frobenius' norm. */
  private static double kappa(double[][] f) {
    double norm = 0;
    double inverse = 0;
    for (int i = 0; i < f.length; i++) {
      double[] unit = new double[f.length];
      unit[i] = 1;
      double[] column = NaiveDense.solve(f, unit);
      norm += NaiveDense.dot(f[i], f[i]);
      inverse += NaiveDense.dot(column, column);
    }
    return Math.sqrt(norm * inverse);
  }

  /** AᵀFA. */
  private static double[][] congruent(double[][] a, double[][] f) {
    int n = f.length;
    double[][] result = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          for (int l = 0; l < n; l++) {
            result[i][j] += a[k][i] * f[k][l] * a[l][j];
          }
        }
      }
    }
    return result;
  }

  /**
   * Both ways solve F⁻¹g with a relative error of κ times what its assembly (rows·outputs terms),
   * the product with A and Cholesky's factors (3P) round; the point itself, of the size of θ, is
   * rounded on the way to φ and moves F by as much.
   */
  private static double tolerance(Trial trial, double kappa, double[] theta, double[] step) {
    int p = theta.length;
    double roundings = p * (4.0 * p + ROWS * trial.model.outputs() + 64);
    return 2 * kappa * roundings * U * (NaiveDense.norm(step) + NaiveDense.norm(theta));
  }

  private static double[] step(
      Trial trial, double[][] a, double[] c, double[] theta, double[][] rows) {
    return ReparameterisationTest.after(
        trial.model, a, c, trial.distribution(), UNDAMPED, theta, rows, trial.y, 1);
  }

  @Test
  void anyInvertibleMapLeavesUndampedStepsTheSame() {
    int compared = 0;
    for (int seed = 0; seed < 12; seed++) {
      Trial trial = trial(seed);
      double[] theta = trial.theta;
      int p = theta.length;
      Random random = new Random(seed);
      for (int step = 0; step < STEPS; step++) {
        double[][] f = fisher(trial, theta, trial.x);
        double[][] a = ReparameterisationTest.invertible(p, random);
        double[] c = NaiveDense.gaussian(p, random);
        double kappa = Math.max(kappa(f), kappa(congruent(a, f)));
        if (kappa > MOST_KAPPA) {
          break;
        }
        double[][] i = ReparameterisationTest.identity(p);
        double[] plain = step(trial, i, new double[p], theta, trial.x);
        double[] other = step(trial, a, c, theta, trial.x);
        double[] moved = NaiveDense.minus(plain, theta);
        double apart = NaiveDense.norm(NaiveDense.minus(plain, other));
        double bound = tolerance(trial, kappa, theta, moved);
        assertTrue(apart <= bound, apart + " above " + bound + ", seed " + seed);
        assertTrue(bound <= 0.01 * NaiveDense.norm(moved), "the bound says something: " + bound);
        theta = plain;
        compared++;
      }
    }
    assertTrue(compared >= 12, compared + " steps compared");
  }

  /** xM + m in place of x, and the first layer that undoes it. */
  @Test
  void affineInputsLeaveUndampedStepsTheSame() {
    int compared = 0;
    for (int seed = 0; seed < 12; seed++) {
      Trial trial = trial(seed);
      Random random = new Random(seed);
      double[][] m = ReparameterisationTest.invertible(INPUTS, random);
      double[] shift = NaiveDense.gaussian(INPUTS, random);
      double[][] rows = new double[ROWS][INPUTS];
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < INPUTS; j++) {
          rows[i][j] = shift[j];
          for (int k = 0; k < INPUTS; k++) {
            rows[i][j] += trial.x[i][k] * m[k][j];
          }
        }
      }
      double[] theta = trial.theta;
      int p = theta.length;
      double[][] i = ReparameterisationTest.identity(p);
      for (int step = 0; step < STEPS; step++) {
        double[] changed = undo(theta, m, shift);
        double kappa =
            Math.max(kappa(fisher(trial, theta, trial.x)), kappa(fisher(trial, changed, rows)));
        if (kappa > MOST_KAPPA) {
          break;
        }
        double[] plain = step(trial, i, new double[p], theta, trial.x);
        double[] other = redo(step(trial, i, new double[p], changed, rows), m, shift);
        double[] moved = NaiveDense.minus(plain, theta);
        double apart = NaiveDense.norm(NaiveDense.minus(plain, other));
        // Back to x by ‖M‖ and 1 + ‖m‖.
        double back = 2 + NaiveDense.norm(shift);
        double bound = back * tolerance(trial, kappa, theta, moved);
        assertTrue(apart <= bound, apart + " above " + bound + ", seed " + seed);
        theta = plain;
        compared++;
      }
    }
    assertTrue(compared >= 12, compared + " steps compared");
  }

  /** W′ = M⁻¹W and b′ = b − mW′. */
  private static double[] undo(double[] theta, double[][] m, double[] shift) {
    double[] changed = theta.clone();
    for (int h = 0; h < HIDDEN; h++) {
      double[] column = new double[INPUTS];
      for (int k = 0; k < INPUTS; k++) {
        column[k] = theta[k * HIDDEN + h];
      }
      double[] solved = NaiveDense.solve(m, column);
      for (int k = 0; k < INPUTS; k++) {
        changed[k * HIDDEN + h] = solved[k];
        changed[INPUTS * HIDDEN + h] -= shift[k] * solved[k];
      }
    }
    return changed;
  }

  /** W = MW′ and b = b′ + mW′. */
  private static double[] redo(double[] changed, double[][] m, double[] shift) {
    double[] theta = changed.clone();
    for (int h = 0; h < HIDDEN; h++) {
      for (int j = 0; j < INPUTS; j++) {
        theta[j * HIDDEN + h] = 0;
        for (int k = 0; k < INPUTS; k++) {
          theta[j * HIDDEN + h] += m[j][k] * changed[k * HIDDEN + h];
        }
        theta[INPUTS * HIDDEN + h] += shift[j] * changed[j * HIDDEN + h];
      }
    }
    return theta;
  }
}
