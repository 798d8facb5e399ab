package dev.natgrad.bench.race;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.*;
import dev.natgrad.training.*;

/** natgrad as it comes: no setting depends on the problem. */
final class NatgradEntrant implements Entrant {
  private final RaceProblem problem;
  private final Workspace workspace = Workspace.create();
  private final NaturalGradient optimizer;
  private final Batches batches;
  private StepOutcome outcome;

  static double d(String n, double v) {
    return Double.parseDouble(System.getProperty(n, "" + v));
  }

  NatgradEntrant(RaceProblem problem) {
    this.problem = problem;
    Problem p =
        new Problem(
            problem.model(), problem.distribution(), problem.samples(), problem.x().precision(), 0);
    double eps = d("eps", Math.max(0.5, problem.model().outputs() / 64.0));
    long size = (long) problem.samples() * problem.model().parameters();
    BatchSchedule schedule =
        size < d("afford", 1e8)
            ? BatchSchedule.constant(problem.samples())
            : new BatchSchedule((int) d("first", 300), d("growth", 1.02));
    this.batches = new Batches(workspace, new Samples(problem.x(), problem.y()), schedule, 1);
    NaturalGradientOptions o =
        NaturalGradientOptions.recommended(p, Radius.adaptive(eps, Double.POSITIVE_INFINITY));
    if (o.momentum()) {
      o =
          o.withDamping(
              Damping.adaptive(d("lam", 3)).withPace(5, d("lamf", 0.774), d("lamfl", 1e-4)));
      o =
          o.withSolve(
              new Solve.Kronecker(
                  d("gam", 3),
                  !Boolean.getBoolean("noadapt"),
                  d("gamfl", 1e-3),
                  (int) d("every", 20)));
      o = o.withCurvature(Curvature.exact().withFraction(d("frac", o.curvature().fraction())));
    }
    this.optimizer = new NaturalGradient(workspace, p, o);
    Blas.copy(problem.start(), optimizer.parameters());
  }

  @Override
  public void step(double seconds) {
    batches.next();
    Samples b = batches.current();
    outcome = batches.same() ? optimizer.stepAgain(b.x(), b.y()) : optimizer.step(b.x(), b.y());
  }

  StepOutcome outcome() {
    return outcome;
  }

  int batch() {
    return batches.current().count();
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
