package dev.natgrad.bench.race;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;

/** natgrad as it comes: no setting depends on the problem. */
final class NatgradEntrant implements Entrant {
  private final RaceProblem problem;
  private final Workspace workspace = Workspace.create();
  private final NaturalGradient optimizer;

  NatgradEntrant(RaceProblem problem) {
    this.problem = problem;
    this.optimizer =
        new NaturalGradient(
            workspace,
            new Problem(
                problem.model(),
                problem.distribution(),
                problem.samples(),
                problem.x().precision(),
                0),
            NaturalGradientOptions.automatic());
    Blas.copy(problem.start(), optimizer.parameters());
  }

  @Override
  public void step(double seconds) {
    optimizer.step(problem.x(), problem.y());
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
