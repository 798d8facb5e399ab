package dev.natgrad.bench.race;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.training.BatchSchedule;
import dev.natgrad.training.Batches;
import dev.natgrad.training.Samples;

/** natgrad as it comes: no setting depends on more than the shape of the problem. */
final class NatgradEntrant implements Entrant {
  private static final long SEED = 1;

  private final Workspace workspace = Workspace.create();
  private final NaturalGradient optimizer;
  private final Batches batches;
  private StepOutcome outcome;

  NatgradEntrant(RaceProblem problem) {
    int samples = problem.samples();
    Problem p =
        new Problem(
            problem.model(), problem.distribution(), samples, problem.x().precision(), 0);
    this.optimizer =
        new NaturalGradient(workspace, p, NaturalGradientOptions.recommended(p));
    BatchSchedule schedule =
        BatchSchedule.standard(samples, problem.model().outputs(), problem.model().parameters());
    this.batches =
        new Batches(workspace, new Samples(problem.x(), problem.y()), schedule, SEED);
    Blas.copy(problem.start(), optimizer.parameters());
  }

  @Override
  public void step(double seconds) {
    batches.next();
    Samples batch = batches.current();
    outcome =
        batches.same()
            ? optimizer.stepAgain(batch.x(), batch.y())
            : optimizer.step(batch.x(), batch.y());
  }

  /** What the last step did. */
  StepOutcome outcome() {
    return outcome;
  }

  /** The samples of the last step. */
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
