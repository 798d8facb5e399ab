package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.solver.ConjugateGradient;
import dev.natgrad.solver.StoredIterates;

/**
 * Chooses among the iterates of conjugate gradients by the objective at the step along each: from
 * the newest back for as long as it falls (Martens 2010, section 4.6). The last iterate is the best
 * of the quadratic model, but may have fitted what the model does not know of the objective.
 */
final class IterateChoice {
  private final CurvatureBatch batch;
  private final StoredIterates stored;
  private final double l2;
  private final boolean fisherIsCurvature;
  private final Vec work;
  private final double[] lengths;
  private double value;

  /** {@code work} is scratch of length P. */
  IterateChoice(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      Vec work,
      Solve.ConjugateGradients options) {
    this.batch = batch;
    this.l2 = problem.l2();
    this.fisherIsCurvature = problem.objective().fisherIsCurvature();
    this.work = work;
    this.lengths = new double[options.candidates()];
    this.stored =
        new StoredIterates(
            workspace, problem.model().parameters(), problem.precision(), options.candidates());
  }

  /** The iterates. */
  static long bytes(Problem problem, Solve.ConjugateGradients options) {
    return StoredIterates.bytes(
        problem.model().parameters(), problem.precision(), options.candidates());
  }

  StoredIterates stored() {
    return stored;
  }

  /** d, the last iterate of the solver, becomes the best one; tells the outcome which. */
  void choose(ConjugateGradient solver, Vec g, Vec d, StepOutcome outcome) {
    outcome.chosenIteration = solver.iterations();
    // All lengths before the first evaluation, which leaves the point they are measured at.
    double last = length(g, d, outcome.epsilon);
    for (int back = 0; back < stored.count(); back++) {
      lengths[back] = length(g, stored.iterate(back), outcome.epsilon);
    }
    double best = evaluate(last, d) ? value : Double.POSITIVE_INFINITY;
    Vec chosen = null;
    for (int back = 0; back < stored.count(); back++) {
      if (stored.iteration(back) == solver.iterations()) {
        continue;
      }
      if (evaluate(lengths[back], stored.iterate(back)) && value < best) {
        best = value;
        chosen = stored.iterate(back);
        outcome.chosenIteration = stored.iteration(back);
      } else if (best < Double.POSITIVE_INFINITY) {
        break;
      }
    }
    batch.back();
    if (chosen != null) {
      Blas.copy(chosen, d);
    }
  }

  /** The length that the quadratic models foresee along −x; NaN if they foresee no fall. */
  private double length(Vec g, Vec x, double epsilon) {
    double slope = Blas.dsdot(g, x);
    double curvature = batch.curvature(x);
    if (!(slope > 0 && curvature > 0)) {
      return Double.NaN;
    }
    double bend = (fisherIsCurvature ? curvature : 0) + (l2 == 0 ? 0 : l2 * Blas.dsdot(x, x));
    return Math.min(Math.sqrt(2 * epsilon / curvature), slope / bend);
  }

  /** Sets the value at the end of a step; false if there is none. */
  private boolean evaluate(double length, Vec x) {
    if (!Double.isFinite(length)) {
      return false;
    }
    value = batch.valueAt(length, x, work);
    return Double.isFinite(value);
  }
}
