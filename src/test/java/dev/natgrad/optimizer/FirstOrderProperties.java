package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.oracle.NaiveMlp;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The controls against their formulas on arrays, with the gradient of an independent network. */
class FirstOrderProperties {
  private static final int STEPS = 50;
  private static final double RATE = 0.01;
  private static final double MU = 0.9;
  private static final double L2 = 0.01;

  private enum Rule {
    GRADIENT_DESCENT,
    MOMENTUM,
    ADAM
  }

  /** The state that a rule keeps; every step starts at the θ the optimiser has stored. */
  private static final class Oracle {
    final double[] first;
    final double[] second;
    int steps;

    Oracle(int parameters) {
      first = new double[parameters];
      second = new double[parameters];
    }

    /** What is added to θ_p. */
    double change(Rule rule, int p, double g) {
      switch (rule) {
        case GRADIENT_DESCENT:
          return -RATE * g;
        case MOMENTUM:
          first[p] = MU * first[p] - RATE * g;
          return MU * first[p] - RATE * g;
        default:
          first[p] = 0.9 * first[p] + 0.1 * g;
          second[p] = 0.999 * second[p] + 0.001 * g * g;
          double m = first[p] / (1 - Math.pow(0.9, steps));
          double v = second[p] / (1 - Math.pow(0.999, steps));
          return -RATE * m / (Math.sqrt(v) + 1e-8);
      }
    }
  }

  private static Optimizer of(Rule rule, Workspace workspace, Problem problem) {
    return switch (rule) {
      case GRADIENT_DESCENT -> new GradientDescent(workspace, problem, RATE);
      case MOMENTUM -> new Momentum(workspace, problem, RATE, MU);
      case ADAM -> new Adam(workspace, problem, RATE);
    };
  }

  /** P = 6·hidden + (hidden + 1)·outputs … so that most are no multiple of the lanes. */
  @Property(tries = 150)
  void fiftyStepsFollowTheFormula(
      @ForAll long seed, @ForAll NaiveLikelihood likelihood, @ForAll Rule rule) {
    int hidden = 1 + (int) Math.floorMod(seed, 5L);
    Trial trial =
        new Trial(seed, likelihood, Precision.F64, 3, new int[] {hidden}, Activation.TANH, 4);
    try (Workspace workspace = Workspace.create()) {
      Optimizer optimizer = of(rule, workspace, trial.problem(L2));
      optimizer.parameters().copyFrom(trial.theta, 0);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      Oracle oracle = new Oracle(trial.theta.length);
      for (int step = 0; step < STEPS; step++) {
        double[] theta = optimizer.parameters().toArray();
        StepOutcome outcome = optimizer.step(x, y);
        assertEquals(StepStatus.ACCEPTED, outcome.status());
        oracle.steps++;
        double[] after = optimizer.parameters().toArray();
        Bounded[] g = gradient(trial, hidden, theta);
        for (int p = 0; p < theta.length; p++) {
          double gradient = g[p].value() + L2 * theta[p];
          double expected = theta[p] + oracle.change(rule, p, gradient);
          // Momenta are averages of gradients: the error of none is amplified but by Adam's √v,
          // which is at least a thirtieth of the newest gradient, and the rate.
          double error = g[p].error() + 64 * 0x1p-53 * (1 + Math.abs(gradient));
          double amplified =
              rule == Rule.ADAM ? error / (Math.sqrt(oracle.second[p]) + 1e-8) : error;
          double tolerance = 4 * 0x1p-53 * Math.abs(expected) + 40 * RATE * amplified;
          assertEquals(expected, after[p], tolerance, () -> rule + " " + outcome);
        }
      }
    }
  }

  private static Bounded[] gradient(Trial trial, int hidden, double[] theta) {
    NaiveMlp net =
        new NaiveMlp(
            3,
            new int[] {hidden, trial.model.outputs()},
            new String[] {"tanh", "identity"},
            0x1p-53);
    Bounded[][] z = net.evaluate(theta, trial.x);
    double variance = trial.likelihood == NaiveLikelihood.GAUSSIAN ? NaiveLikelihood.VARIANCE : 1;
    double[][] score = new double[z.length][];
    for (int i = 0; i < z.length; i++) {
      score[i] = trial.likelihood.mean(Trial.values(z[i]));
      for (int j = 0; j < score[i].length; j++) {
        score[i][j] = (score[i][j] - trial.y[i][j]) / variance / z.length;
      }
    }
    return net.vjp(theta, trial.x, score);
  }
}
