package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Scaled;
import dev.natgrad.solver.CgStatus;
import dev.natgrad.solver.Minres;
import dev.natgrad.solver.MinresStatus;
import dev.natgrad.state.State;

/**
 * MINRES on S(F + W)S·y = S·g, d = S·y, with S the root of the diagonal preconditioner: it has no
 * preconditioner of its own, and the residual is judged in the same norm as that of conjugate
 * gradients. Every iterate is a direction of descent where F + W is positive definite.
 */
final class MinresDirection implements Direction {
  private final CurvatureScale scale;
  private final BudgetMeter meter;
  private final Scaled scaled;
  private final Minres solver;
  private final RootOf root;
  private final Vec s;
  private final Vec b;

  MinresDirection(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      Solve.Minres options) {
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    this.scale = scale;
    this.meter = meter;
    this.s = Vec.allocate(workspace, parameters, precision);
    this.b = Vec.allocate(workspace, parameters, precision);
    this.root = new RootOf(s);
    DampedFisher damped = new DampedFisher(batch.fisher(), scale);
    this.scaled = new Scaled(workspace, damped, s);
    this.solver =
        new Minres(workspace, parameters, precision, options.tolerance(), options.iterations());
  }

  /** The solver's vectors, those of the scaled operator, S and S·g. */
  static long bytes(Problem problem) {
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    return Minres.bytes(parameters, precision)
        + Scaled.bytes(parameters, precision)
        + 2 * Vec.bytes(parameters, precision);
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    scale.inverse(s);
    root.take();
    Maps.hadamard(1, s, g, 0, b);
    solver.setBudget(meter.products());
    MinresStatus status = solver.solve(scaled, b, d);
    meter.record(BudgetMeter.Part.PRODUCT, solver.products());
    Maps.hadamard(1, s, d, 0, b);
    Blas.copy(b, d);
    outcome.cgStatus = like(status);
    outcome.cgIterations += solver.iterations();
    outcome.products += solver.products();
    return solver.iterations() > 0;
  }

  /** What conjugate gradients would call it. */
  private static CgStatus like(MinresStatus status) {
    return switch (status) {
      case CONVERGED -> CgStatus.CONVERGED;
      case LEAST_SQUARES -> CgStatus.RELATIVE_PROGRESS;
      case ITERATION_LIMIT -> CgStatus.ITERATION_LIMIT;
      case BUDGET_SPENT -> CgStatus.BUDGET_SPENT;
      case NON_FINITE -> CgStatus.NON_FINITE;
    };
  }

  @Override
  public boolean solveAfresh(Vec g, Vec d, StepOutcome outcome) {
    return false;
  }

  @Override
  public boolean affordable() {
    return meter.productsLeft() > 0;
  }

  @Override
  public DirectionSource source() {
    return DirectionSource.MINRES;
  }

  @Override
  public void exchange(State state) {
    // Every solve starts from zero.
  }
}
