package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
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

  /** Null without the low-rank preconditioner. */
  private final NystromState nystrom;

  /** Null where the last iterate is taken. */
  private final IterateChoice choice;

  private final ConjugateGradient solver;

  ConjugateGradientDirection(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      KroneckerState kronecker,
      Vec work,
      Solve.ConjugateGradients options,
      long seed) {
    this.meter = meter;
    this.damped = new DampedFisher(batch.fisher(), scale);
    this.diagonal = scale.inverse();
    this.kronecker = kronecker;
    this.nystrom =
        options.preconditioner() == Solve.Preconditioner.NYSTROM
            ? new NystromState(workspace, problem, batch, scale, meter, work, options, seed)
            : null;
    this.choice =
        options.candidates() == 0
            ? null
            : new IterateChoice(workspace, problem, batch, work, options);
    this.solver =
        new ConjugateGradient(
            workspace,
            problem.model().parameters(),
            problem.precision(),
            true,
            CgOptions.defaults()
                .withIterationLimit(options.iterations())
                .withRelativeTolerance(options.tolerance()));
    if (choice != null) {
      solver.setStoredIterates(choice.stored());
    }
  }

  /** The solver's vectors, the low-rank preconditioner and the iterates to choose from. */
  static long bytes(Problem problem, Solve.ConjugateGradients options) {
    boolean lowRank = options.preconditioner() == Solve.Preconditioner.NYSTROM;
    return ConjugateGradient.bytes(problem.model().parameters(), problem.precision(), true)
        + (lowRank ? NystromState.bytes(problem, options) : 0)
        + IterateChoice.bytes(problem, options);
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
    LinearOperator preconditioner = preconditioner(warm, outcome);
    solver.setBudget(meter.products());
    outcome.cgStatus = solver.solve(damped, preconditioner, g, d, warm);
    meter.record(BudgetMeter.Part.PRODUCT, solver.products());
    outcome.cgIterations += solver.iterations();
    outcome.products += solver.products();
    if (choice != null && solver.iterations() > 0 && !meter.timed()) {
      choice.choose(solver, g, d, outcome);
    }
    return outcome.cgStatus != CgStatus.BUDGET_SPENT || solver.iterations() > 0;
  }

  private LinearOperator preconditioner(boolean renew, StepOutcome outcome) {
    if (kronecker != null && (renew ? kronecker.update() : kronecker.usable())) {
      return kronecker.inverse();
    }
    boolean lowRank = nystrom != null && (renew ? nystrom.update(outcome) : nystrom.usable());
    return lowRank ? nystrom.inverse() : diagonal;
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
    if (nystrom != null) {
      nystrom.exchange(state.part("nystrom"));
    }
  }
}
