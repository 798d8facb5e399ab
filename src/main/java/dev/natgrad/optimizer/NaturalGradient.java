package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.BudgetMeter.Part;
import dev.natgrad.solver.CgStatus;
import dev.natgrad.state.State;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The natural gradient (Amari 1998) with a KL bound that is measured, not hoped for.
 *
 * <p>One step on a batch: g = ∇f; d ≈ (F + W + l2·I)⁻¹g by the way that {@link
 * NaturalGradientOptions#solve} names; W is the damping, λ·tr(F)/P·I or λ·diag(F); s = −βd with
 *
 * <pre>  β = min(√(2ε/dᵀFd), gᵀd/dᵀ(F + l2·I)d)</pre>
 *
 * <p>so that the quadratic model of KL(P_θ‖P_θ+s), ½sᵀFs with the undamped F, is ε, or less where
 * the quadratic model of the objective has its minimum before; where F is not the objective's
 * curvature ({@link dev.natgrad.objective.Objective#fisherIsCurvature}) only l2 is in that model.
 * With momentum, d is first combined with the previous step so as to minimise the damped quadratic
 * model over both. Then the KL of the batch is measured at the parameters as stored, and the length
 * is changed until KL plus its rounding bound is at most ε and, where the radius is what limits the
 * step and there is no momentum under an adapting radius, at least 0.9·ε, and the objective does
 * not rise (but by its rounding, where the decrease foreseen is below that and the slope at the new
 * point does not point upward); or the step is undone bit for bit. λ follows the reduction ratio ρ
 * (Levenberg–Marquardt), and with {@link NaturalGradientOptions#automatic()} ε does too.
 *
 * <p>Under a {@link StepBudget} the solver is cut short, then replaced by the scaled gradient, then
 * the step is left out; what is made is measured all the same.
 *
 * <p>Thread rule: the owner of its workspace. A step allocates nothing once its batch size has been
 * seen, and with it every part that the curvature takes turns with. The same batches, options and
 * start give the same bits, but where a budget in time is what decides.
 */
public final class NaturalGradient implements Optimizer {
  /** How often λ is raised within a step before its direction is cut as short as must be. */
  private static final int MOST_RAISES = 6;

  private final Objective objective;
  private final CurvatureBatch batch;
  private final CurvatureScale scale;
  private final Direction direction;
  private final Direction scaledGradient;
  private final StepModel model;
  private final StepSearch search;
  private final StepMeasure measure;
  private final RadiusAndDamping control;
  private final BudgetMeter meter;
  private final StepOutcome outcome = new StepOutcome();
  private final Vec theta;
  private final Vec g;
  private final Vec d;
  private Mat lastX;
  private Mat lastY;
  private boolean again;

  /** Whether the time ran out before the model along d could be taken. */
  private boolean late;

  /**
   * Takes the buffers of the natural gradient; budgets in time are measured by {@link
   * System#nanoTime}.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param options how to step
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public NaturalGradient(Workspace workspace, Problem problem, NaturalGradientOptions options) {
    this(workspace, problem, options, System::nanoTime);
  }

  /**
   * Takes the buffers of the natural gradient.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param options how to step
   * @param nanoClock the time in nanoseconds, from any origin, for budgets and {@link
   *     StepOutcome#nanos}
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public NaturalGradient(
      Workspace workspace,
      Problem problem,
      NaturalGradientOptions options,
      LongSupplier nanoClock) {
    int parameters = problem.model().parameters();
    this.meter = new BudgetMeter(Objects.requireNonNull(nanoClock, "nanoClock"), parameters);
    this.objective = new Objective(workspace, problem);
    this.theta = Vec.allocate(workspace, parameters, problem.precision());
    this.g = Vec.allocate(workspace, parameters, problem.precision());
    this.d = Vec.allocate(workspace, parameters, problem.precision());
    this.batch = new CurvatureBatch(workspace, problem, objective, options);
    this.scale = new CurvatureScale(workspace, problem, options);
    this.scaledGradient = new DiagonalDirection(scale);
    this.model = new StepModel(workspace, problem, batch, scale, options.momentum());
    this.search = new StepSearch(workspace, problem, objective, options, meter);
    this.measure = search.measure();
    this.direction =
        new Directions(workspace, problem, batch, scale, meter, model, measure.work(), options)
            .create(scaledGradient);
    this.control = new RadiusAndDamping(options, problem.precision());
  }

  /**
   * Returns the off-heap memory it takes: the objective's buffers, those of the curvature's batch
   * (the exact Fisher matrix's one batch of outputs; more for a sampled one, for a part of the
   * batch of a model that is not layered and for momentum), three vectors of P for θ, g, d, one for
   * the curvature's scale, those of the direction (four for conjugate gradients), one for momentum,
   * and the search's vector of P and batch of outputs.
   *
   * @param problem what is to be minimised
   * @param options how to step
   * @return bytes
   */
  public static long bytes(Problem problem, NaturalGradientOptions options) {
    return Objective.bytes(problem)
        + 3 * Vec.bytes(problem.model().parameters(), problem.precision())
        + CurvatureBatch.bytes(problem, options)
        + CurvatureScale.bytes(problem)
        + Directions.bytes(problem, options)
        + StepModel.bytes(problem, options.momentum())
        + StepSearch.bytes(problem);
  }

  @Override
  public String name() {
    return "natural-gradient";
  }

  /**
   * Bounds ε from the next step on, beside the options: for a budget that spans several steps. An
   * adapted radius is not forgotten, only held below.
   *
   * @param cap the largest ε, in nats, above 0; infinity for no bound beside the options
   * @throws IllegalArgumentException if the cap is not above 0
   */
  public void capEpsilon(double cap) {
    if (!(cap > 0)) {
      throw new IllegalArgumentException("cap is " + cap + "; it must be > 0");
    }
    control.cap(cap);
  }

  @Override
  public Vec parameters() {
    return theta;
  }

  /** {@inheritDoc} The times that budgets go by are not among it: they are measured anew. */
  @Override
  public void exchange(State state) {
    state.vector("theta", theta);
    state.vector("direction", d);
    batch.exchange(state.part("curvature"));
    scale.exchange(state.part("scale"));
    direction.exchange(state.part("solve"));
    model.exchange(state.part("momentum"));
    control.exchange(state.part("control"));
    search.exchange(state.part("search"));
    measure.moved();
  }

  @Override
  public StepOutcome step(Mat x, Mat y) {
    return step(x, y, StepBudget.UNLIMITED);
  }

  /**
   * Makes one step on a batch within a budget.
   *
   * @param x X, B×inputs, B between 1 and the largest batch
   * @param y Y, B×outputs
   * @param budget what the step may cost
   * @return what the step did; overwritten by the next step
   * @throws IllegalArgumentException if a shape, a precision or a target does not fit; nothing has
   *     changed then
   */
  public StepOutcome step(Mat x, Mat y, StepBudget budget) {
    outcome.clear();
    late = false;
    if (!again) {
      objective.check(x, y);
      // Before anything can end the step: what was measured is of another batch.
      measure.moved();
    }
    lastX = x;
    lastY = y;
    meter.begin(budget, x.rows());
    outcome.epsilon = control.epsilon();
    outcome.lambda = control.lambda();
    outcome.status = attempt(x, y);
    if (!outcome.status.accepted()) {
      outcome.lossAfter = outcome.lossBefore;
    }
    outcome.nanos = meter.elapsed();
    return outcome;
  }

  private StepStatus attempt(Mat x, Mat y) {
    StepStatus failure = differentiate(x, y);
    if (failure != null) {
      control.skipped();
      return failure;
    }
    if (!meter.fits(Part.POINT)) {
      control.skipped();
      return StepStatus.BUDGET_SPENT;
    }
    batch.setPoint(theta, x, y, control.steps());
    meter.record(Part.POINT, 1);
    if (!direction.takesDiagonal()) {
      scale.probe(batch.fisher(), measure.work(), meter);
    }
    scale.damp(control.lambda(), objective.l2);
    boolean degraded = !direction.affordable();
    boolean found = !degraded && findDirection();
    if (!found && !late && (degraded || outcome.source == null)) {
      // The budget, or what the way asked for says of itself, leaves the scaled gradient.
      degraded |= outcome.cgStatus == CgStatus.BUDGET_SPENT;
      found = scaledGradient.solve(g, d, outcome) && takeModel(scaledGradient);
    }
    if (late) {
      control.skipped();
      return StepStatus.BUDGET_SPENT;
    }
    if (!found) {
      Blas.fill(0, d);
      model.rejected();
      control.failed();
      return StepStatus.NON_POSITIVE_CURVATURE;
    }
    StepStatus status = findLength(x, y);
    if (status.accepted()) {
      model.accepted(outcome.beta, d);
    } else {
      model.rejected();
    }
    if (degraded || status == StepStatus.BUDGET_SPENT) {
      control.skipped();
    } else {
      control.learn(status, outcome, search.boundary());
    }
    meter.record(Part.END, 1);
    return degraded && status.accepted() ? StepStatus.DEGRADED : status;
  }

  @Override
  public StepOutcome stepAgain(Mat x, Mat y) {
    again = measure.evaluated() && lastX == x && lastY == y && objective.unchanged();
    try {
      return step(x, y, StepBudget.UNLIMITED);
    } finally {
      again = false;
    }
  }

  /** Objective and gradient at θ; why there can be no step, or null. */
  private StepStatus differentiate(Mat x, Mat y) {
    if (!meter.fits(Part.EVALUATE)) {
      return StepStatus.BUDGET_SPENT;
    }
    if (again) {
      batch.leave();
      outcome.lossBefore = measure.value();
    } else {
      outcome.lossBefore = objective.value(theta, x, y);
    }
    if (!Double.isFinite(outcome.lossBefore)) {
      return StepStatus.NON_FINITE;
    }
    measure.begin();
    meter.record(Part.EVALUATE, again ? 0 : 1);
    if (!meter.fits(Part.GRADIENT)) {
      return StepStatus.BUDGET_SPENT;
    }
    objective.gradient(theta, y, g);
    outcome.gradientNorm = norm(g);
    if (!Double.isFinite(outcome.gradientNorm)) {
      return StepStatus.NON_FINITE;
    }
    if (outcome.gradientNorm == 0) {
      return StepStatus.ZERO_GRADIENT;
    }
    double resolution = measure.resolution();
    control.resolve(resolution);
    outcome.epsilon = control.epsilon();
    meter.record(Part.GRADIENT, 1);
    return resolution < control.epsilon() ? null : StepStatus.BELOW_RESOLUTION;
  }

  /**
   * ‖g‖₂; squares of floats cannot leave the range of double, so they need no second, scaled sum.
   */
  private static double norm(Vec g) {
    return g.precision() == Precision.F32 ? Math.sqrt(Blas.dsdot(g, g)) : Blas.nrm2(g);
  }

  /** Solves for d and takes the model along it; false if there is no descent or no curvature. */
  private boolean findDirection() {
    return solve() && takeModel(direction)
        || !late && direction.solveAfresh(g, d, outcome) && takeModel(direction);
  }

  /** Solves for d, with more damping where otherwise rounding would move the parameters. */
  private boolean solve() {
    boolean solved = direction.solve(g, d, outcome);
    if (direction.singular() && direction.affordable() && control.keepFromNull()) {
      outcome.lambda = control.lambda();
      scale.damp(control.lambda(), objective.l2);
      solved = direction.solve(g, d, outcome);
    }
    return solved;
  }

  /**
   * Tries lengths along −d. Where the objective has curvature along weak directions that F does not
   * know of, a step is far too long in those alone, and cutting all of it crawls: λ is raised then
   * and d solved for again (Levenberg 1944, Marquardt 1963).
   */
  private StepStatus findLength(Mat x, Mat y) {
    for (int raised = 0; ; raised++) {
      outcome.alpha = model.alpha();
      outcome.mu = model.mu();
      search.model(
          model.slope(), model.curvature(), objective.curvature(model, d), control.epsilon());
      boolean redirects =
          raised < MOST_RAISES
              && control.adaptsLambda()
              && outcome.source == direction.source()
              && direction.solvesAgain();
      int before = outcome.trials;
      StepStatus status = search.run(theta, d, x, y, redirects, outcome);
      outcome.trials += before;
      if (!search.overshot()) {
        return status;
      }
      control.overshot();
      outcome.lambda = control.lambda();
      scale.damp(control.lambda(), objective.l2);
      // The curvature along d is taken at the curvature's point, not where lengths were measured.
      batch.back();
      if (!findDirection()) {
        return status;
      }
    }
  }

  /** Also false where the time left does not allow it; {@link #late} says so. */
  private boolean takeModel(Direction from) {
    outcome.source = from.source();
    late = !meter.fits(Part.TANGENT);
    if (late) {
      return false;
    }
    if (!(Blas.dsdot(g, d) > 0)) {
      return false;
    }
    boolean taken = model.take(g, d, objective.l2, from.exact(), measure.work());
    meter.record(Part.TANGENT, 1);
    return taken;
  }
}
