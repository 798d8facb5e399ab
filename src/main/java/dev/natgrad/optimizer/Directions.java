package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;

/**
 * Which {@link Direction} a {@link Solve} asks for, and what it takes.
 *
 * @param workspace the owner of its memory
 * @param problem what is to be minimised
 * @param batch the rows of the curvature
 * @param scale its scale
 * @param meter what it may cost
 * @param model the quadratic model along it
 * @param work scratch of length P
 * @param options how to step
 */
record Directions(
    Workspace workspace,
    Problem problem,
    CurvatureBatch batch,
    CurvatureScale scale,
    BudgetMeter meter,
    StepModel model,
    Vec work,
    NaturalGradientOptions options) {

  /** The direction that the options name; {@code scaledGradient} where that is the one. */
  Direction create(Direction scaledGradient) {
    Solve.Kronecker kronecker = kronecker(options);
    KroneckerState state =
        kronecker == null
            ? null
            : new KroneckerState(workspace, problem, batch, scale, meter, options, kronecker);
    if (options.solve() instanceof Solve.ConjugateGradients cg) {
      return new ConjugateGradientDirection(
          workspace, problem, batch, scale, meter, state, work, cg, options.seed());
    } else if (options.solve() instanceof Solve.Minres minres) {
      return new MinresDirection(workspace, problem, batch, scale, meter, minres);
    } else if (options.solve() instanceof Solve.EigenKronecker eigen) {
      return new EigenKroneckerDirection(workspace, problem, batch, scale, meter, options, eigen);
    } else if (options.solve() instanceof Solve.Kronecker) {
      return new KroneckerDirection(state, scale, model, work);
    } else if (options.solve() instanceof Solve.Diagonal) {
      return scaledGradient;
    }
    return new DirectDirection(workspace, problem, batch, scale, meter, work, options);
  }

  /** The Kronecker factors that the direction or its preconditioner is made of; null for none. */
  private static Solve.Kronecker kronecker(NaturalGradientOptions options) {
    if (options.solve() instanceof Solve.Kronecker kronecker) {
      return kronecker;
    }
    boolean preconditioner =
        options.solve() instanceof Solve.ConjugateGradients cg
            && cg.preconditioner() == Solve.Preconditioner.KRONECKER;
    return preconditioner ? Solve.Kronecker.standard() : null;
  }

  /** The off-heap memory that the direction takes. */
  static long bytes(Problem problem, NaturalGradientOptions options) {
    Solve.Kronecker kronecker = kronecker(options);
    long factors = kronecker == null ? 0 : KroneckerState.bytes(problem, options, kronecker);
    if (options.solve() instanceof Solve.ConjugateGradients cg) {
      return factors + ConjugateGradientDirection.bytes(problem, cg);
    } else if (options.solve() instanceof Solve.Minres) {
      return MinresDirection.bytes(problem);
    } else if (options.solve() instanceof Solve.EigenKronecker) {
      return EigenKroneckerDirection.bytes(problem, options);
    }
    boolean direct =
        options.solve() instanceof Solve.Dense
            || options.solve() instanceof Solve.Dual
            || options.solve() instanceof Solve.Blocks;
    return direct ? DirectDirection.bytes(problem, options) : factors;
  }
}
