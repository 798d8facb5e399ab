package dev.natgrad.bench.race;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.FirstOrderOptimizer;
import dev.natgrad.optimizer.Momentum;
import dev.natgrad.optimizer.Problem;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A first-order method with its settings.
 *
 * @param momentum μ of Nesterov's method, or NaN for Adam
 * @param rate the learning rate
 * @param batch the samples of a step
 * @param horizon training seconds over which the rate falls linearly to a hundredth; infinite for a
 *     constant rate
 */
record Baseline(double momentum, double rate, int batch, double horizon) {
  private static final double LAST = 0.01;

  static Baseline adam(double rate, int batch) {
    return new Baseline(Double.NaN, rate, batch, Double.POSITIVE_INFINITY);
  }

  static Baseline nesterov(double momentum, double rate, int batch) {
    return new Baseline(momentum, rate, batch, Double.POSITIVE_INFINITY);
  }

  Baseline decayed(double seconds) {
    return new Baseline(momentum, rate, batch, seconds);
  }

  String method() {
    return Double.isNaN(momentum) ? "Adam" : "Nesterov";
  }

  @Override
  public String toString() {
    return method()
        + (Double.isNaN(momentum) ? "" : " μ " + momentum)
        + " rate "
        + String.format(Locale.ROOT, "%.3g", rate)
        + " batch "
        + batch
        + (Double.isInfinite(horizon)
            ? ""
            : String.format(Locale.ROOT, " decayed over %.3g s", horizon));
  }

  Entrant enter(RaceProblem problem) {
    return new Run(this, problem);
  }

  private static final class Run implements Entrant {
    private final Baseline settings;
    private final RaceProblem problem;
    private final Workspace workspace = Workspace.create();
    private final FirstOrderOptimizer optimizer;
    private final Mat x;
    private final Mat y;
    private final int[] order;
    private final SplittableRandom random = new SplittableRandom(1);
    private int used;

    Run(Baseline settings, RaceProblem problem) {
      this.settings = settings;
      this.problem = problem;
      int batch = Math.min(settings.batch, problem.samples());
      Precision precision = problem.x().precision();
      Problem p = new Problem(problem.model(), problem.distribution(), batch, precision, 0);
      this.optimizer =
          Double.isNaN(settings.momentum)
              ? new Adam(workspace, p, settings.rate)
              : new Momentum(workspace, p, settings.rate, settings.momentum);
      Blas.copy(problem.start(), optimizer.parameters());
      this.x = Mat.allocate(workspace, batch, problem.x().cols(), precision);
      this.y = Mat.allocate(workspace, batch, problem.y().cols(), precision);
      this.order = new int[problem.samples()];
      for (int i = 0; i < order.length; i++) {
        order[i] = i;
      }
      this.used = order.length;
    }

    @Override
    public void step(double seconds) {
      if (used + x.rows() > order.length) {
        shuffle();
      }
      problem.x().gatherRows(order, used, x);
      problem.y().gatherRows(order, used, y);
      used += x.rows();
      if (!Double.isInfinite(settings.horizon)) {
        double left = Math.max(LAST, 1 - seconds / settings.horizon);
        optimizer.setLearningRate(settings.rate * left);
      }
      optimizer.step(x, y);
    }

    private void shuffle() {
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swap = order[i];
        order[i] = order[j];
        order[j] = swap;
      }
      used = 0;
    }

    @Override
    public Vec parameters() {
      return optimizer.parameters();
    }

    @Override
    public void close() {
      workspace.close();
    }
  }
}
