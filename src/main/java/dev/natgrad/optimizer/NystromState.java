package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.Scaled;
import dev.natgrad.solver.Nystrom;
import dev.natgrad.solver.ProductBudget;
import dev.natgrad.state.State;

/**
 * The low-rank preconditioner as it is kept from step to step: with S = W^(−½) of the step that
 * renewed it, F + W ≈ S⁻¹(SFS + μI)S⁻¹, and μ = mean(S²W) follows the damping since.
 */
final class NystromState {
  /** Steps between two renewals once settled. */
  private static final int EVERY = 20;

  private final CurvatureBatch batch;
  private final CurvatureScale scale;
  private final BudgetMeter meter;
  private final int rank;
  private final long seed;
  private final Vec s;
  private final Vec work;
  private final RootOf root;
  private final Scaled scaledFisher;
  private final Nystrom nystrom;
  private final Scaled inverse;
  private long steps;
  private boolean due;
  private boolean usable;

  /** {@code work} is scratch of length P. */
  NystromState(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      Vec work,
      Solve.ConjugateGradients options,
      long seed) {
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    this.batch = batch;
    this.scale = scale;
    this.meter = meter;
    this.seed = seed;
    this.work = work;
    this.rank = rank(problem, options);
    this.s = Vec.allocate(workspace, parameters, precision);
    this.root = new RootOf(s);
    this.scaledFisher = new Scaled(workspace, batch.fisher(), s);
    this.nystrom = new Nystrom(workspace, parameters, precision, rank, 1);
    this.inverse = new Scaled(workspace, nystrom, s);
  }

  private static int rank(Problem problem, Solve.ConjugateGradients options) {
    return Math.min(options.rank(), problem.model().parameters());
  }

  /** The approximation, S and the vectors of two scaled operators. */
  static long bytes(Problem problem, Solve.ConjugateGradients options) {
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    return Nystrom.bytes(parameters, precision, rank(problem, options))
        + 2 * Scaled.bytes(parameters, precision)
        + Vec.bytes(parameters, precision);
  }

  /** Renews it when that is due and affordable; false if there is none to use. */
  boolean update(StepOutcome outcome) {
    steps++;
    due |= Renewal.due(steps, EVERY);
    if (due && scale.mean() > 0 && scale.damped() && granted()) {
      refresh();
      meter.record(BudgetMeter.Part.PRODUCT, rank);
      outcome.products += rank;
    }
    return follow();
  }

  /** All its products, and one to go on with. */
  private boolean granted() {
    if (meter.productsLeft() <= rank) {
      return false;
    }
    ProductBudget products = meter.products();
    for (int i = 0; i < rank; i++) {
      if (!products.take()) {
        return false;
      }
    }
    return true;
  }

  private void refresh() {
    // Entries without damping get what rounding of the whole leaves them.
    double least = batch.fisher().precision().unitRoundoff() * scale.mean();
    scale.inverseDamping(least, s);
    root.take();
    usable = nystrom.refresh(scaledFisher, seed + steps);
    due = false;
  }

  /** μ of the damping now. */
  private boolean follow() {
    if (!usable) {
      return false;
    }
    scale.dampingTimes(s, work);
    double mu = Blas.dsdot(work, s) / s.length();
    boolean damped = mu > 0 && Double.isFinite(mu);
    if (damped) {
      nystrom.setDamping(mu);
    }
    return damped;
  }

  /** Whether there is one. */
  boolean usable() {
    return usable;
  }

  /** About (F + W)⁻¹, but for a factor. */
  LinearOperator inverse() {
    return inverse;
  }

  void exchange(State state) {
    state.vector("units", s);
    nystrom.exchange(state.part("approximation"));
    steps = state.whole("steps", steps);
    due = state.flag("due", due);
    usable = state.flag("usable", usable);
  }
}
