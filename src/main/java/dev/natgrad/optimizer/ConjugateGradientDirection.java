package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.solver.CgOptions;
import dev.natgrad.solver.CgStatus;
import dev.natgrad.solver.ConjugateGradient;
import dev.natgrad.state.State;

/**
 * Conjugate gradients from the last direction, preconditioned by the damped diagonal. Cut short
 * they still give a direction of descent, since from zero every iterate is.
 */
final class ConjugateGradientDirection implements Direction {
  /** The fewest products for which the one that a warm start costs is worth it. */
  private static final int LEAST_FOR_WARM = 4;

  private final BudgetMeter meter;
  private final DampedFisher damped;
  private final LinearOperator diagonal;

  /** Null without the Kronecker preconditioner. */
  private final KroneckerState kronecker;

  private final ConjugateGradient solver;

  ConjugateGradientDirection(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      KroneckerState kronecker,
      Solve.ConjugateGradients options) {
    this.meter = meter;
    this.damped = new DampedFisher(batch.fisher(), new Diagonal(scale.damping()));
    this.diagonal = new Diagonal(scale.inverse());
    this.kronecker = kronecker;
    this.solver =
        new ConjugateGradient(
            workspace,
            problem.model().parameters(),
            problem.precision(),
            true,
            CgOptions.defaults()
                .withIterationLimit(options.iterations())
                .withRelativeTolerance(options.tolerance()));
  }

  /** The solver's vectors. */
  static long bytes(Problem problem) {
    return ConjugateGradient.bytes(problem.model().parameters(), problem.precision(), true);
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    return run(g, d, meter.productsLeft() >= LEAST_FOR_WARM, outcome);
  }

  /**
   * The last direction can point uphill for this batch and, where few iterations are allowed, keep
   * doing so; from zero the solution never does.
   */
  @Override
  public boolean solveAfresh(Vec g, Vec d, StepOutcome outcome) {
    return run(g, d, false, outcome);
  }

  private boolean run(Vec g, Vec d, boolean warm, StepOutcome outcome) {
    boolean factored = kronecker != null && (warm ? kronecker.update() : kronecker.usable());
    LinearOperator preconditioner = factored ? kronecker.inverse() : diagonal;
    solver.setBudget(meter.products());
    outcome.cgStatus = solver.solve(damped, preconditioner, g, d, warm);
    meter.record(BudgetMeter.Part.PRODUCT, solver.products());
    outcome.cgIterations += solver.iterations();
    outcome.products += solver.products();
    return outcome.cgStatus != CgStatus.BUDGET_SPENT || solver.iterations() > 0;
  }

  @Override
  public boolean affordable() {
    return meter.productsLeft() > 0;
  }

  @Override
  public DirectionSource source() {
    return DirectionSource.CONJUGATE_GRADIENTS;
  }

  @Override
  public void exchange(State state) {
    if (kronecker != null) {
      kronecker.exchange(state.part("kronecker"));
    }
  }
}
