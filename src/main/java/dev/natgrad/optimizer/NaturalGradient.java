package dev.natgrad.optimizer;

import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.fisher.Fisher;
import dev.natgrad.fisher.SampledFisher;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.optimizer.NaturalGradientOptions.FisherKind;
import dev.natgrad.solver.CgOptions;
import dev.natgrad.solver.ConjugateGradient;

/**
 * The natural gradient (Amari 1998) with a KL bound that is measured, not hoped for.
 *
 * <p>One step on a batch: g = ∇f; d ≈ (F + W + l2·I)⁻¹g by conjugate gradients on products with F,
 * preconditioned by the diagonal; W is the damping, λ·tr(F)/P·I or λ·diag(F); s = −βd with
 *
 * <pre>  β = min(√(2ε/dᵀFd), gᵀd/dᵀ(F + l2·I)d)</pre>
 *
 * <p>so that the quadratic model of KL(P_θ‖P_θ+s), ½sᵀFs with the undamped F, is ε, or less where
 * the quadratic model of the objective has its minimum before. Then KL(old‖new) of the batch is
 * measured at the parameters as stored, and the step is shortened until KL plus its rounding bound
 * is at most ε and the objective does not rise, or undone bit for bit. λ follows the reduction
 * ratio ρ (Levenberg–Marquardt), and with {@link NaturalGradientOptions#automatic()} ε does too.
 *
 * <p>Thread rule: the owner of its workspace. A step allocates nothing once its batch size has been
 * seen. The same batches, options and start give the same bits.
 */
public final class NaturalGradient implements Optimizer {
  private final Objective objective;
  private final Fisher fisher;
  private final CurvatureScale scale;
  private final DampedFisher damped;
  private final Diagonal preconditioner;
  private final ConjugateGradient solver;
  private final StepSearch search;
  private final RadiusAndDamping control;
  private final StepOutcome outcome = new StepOutcome();
  private final Vec theta;
  private final Vec g;
  private final Vec d;

  /**
   * Takes the buffers of the natural gradient.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem what is to be minimised
   * @param options how to step
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public NaturalGradient(Workspace workspace, Problem problem, NaturalGradientOptions options) {
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    this.objective = new Objective(workspace, problem);
    this.theta = Vec.allocate(workspace, parameters, precision);
    this.g = Vec.allocate(workspace, parameters, precision);
    this.d = Vec.allocate(workspace, parameters, precision);
    this.fisher =
        options.fisher() == FisherKind.EXACT
            ? new ExactFisher(
                workspace,
                objective.linearization,
                problem.distribution(),
                parameters,
                problem.maxBatch(),
                precision)
            : new SampledFisher(
                workspace,
                objective.linearization,
                problem.distribution(),
                parameters,
                problem.maxBatch(),
                options.draws(),
                options.seed(),
                precision);
    this.scale = new CurvatureScale(workspace, problem, options);
    this.damped = new DampedFisher(fisher, new Diagonal(scale.damping()));
    this.preconditioner = new Diagonal(scale.inverse());
    this.solver =
        new ConjugateGradient(
            workspace,
            parameters,
            precision,
            true,
            CgOptions.defaults()
                .withIterationLimit(options.cgIterations())
                .withRelativeTolerance(options.cgTolerance()));
    this.search = new StepSearch(workspace, problem, objective, options.klOver());
    this.control = new RadiusAndDamping(options, precision);
  }

  /**
   * Returns the off-heap memory it takes: the objective's buffers, the Fisher matrix's, three
   * vectors of P for θ, g, d, three for the curvature's scale, the solver's, and the search's
   * vector of P and batch of outputs.
   *
   * @param problem what is to be minimised
   * @param options how to step
   * @return bytes
   */
  public static long bytes(Problem problem, NaturalGradientOptions options) {
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    int outputs = problem.model().outputs();
    long fisherBytes =
        options.fisher() == FisherKind.EXACT
            ? ExactFisher.bytes(problem.maxBatch(), outputs, precision)
            : SampledFisher.bytes(problem.maxBatch(), outputs, options.draws(), precision);
    return Objective.bytes(problem)
        + 3 * Vec.bytes(parameters, precision)
        + fisherBytes
        + CurvatureScale.bytes(problem)
        + ConjugateGradient.bytes(parameters, precision, true)
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

  @Override
  public StepOutcome step(Mat x, Mat y) {
    final long start = System.nanoTime();
    outcome.clear();
    objective.check(x, y);
    outcome.epsilon = control.epsilon();
    outcome.lambda = control.lambda();
    outcome.status = attempt(x, y);
    if (!outcome.status.accepted()) {
      outcome.lossAfter = outcome.lossBefore;
    }
    outcome.nanos = System.nanoTime() - start;
    return outcome;
  }

  private StepStatus attempt(Mat x, Mat y) {
    outcome.lossBefore = objective.value(theta, x, y);
    if (!Double.isFinite(outcome.lossBefore)) {
      return StepStatus.NON_FINITE;
    }
    objective.gradient(theta, y, g);
    outcome.gradientNorm = Blas.nrm2(g);
    if (!Double.isFinite(outcome.gradientNorm)) {
      return StepStatus.NON_FINITE;
    }
    if (outcome.gradientNorm == 0) {
      return StepStatus.ZERO_GRADIENT;
    }
    search.begin();
    control.resolve(search.resolution());
    outcome.epsilon = control.epsilon();
    if (search.resolution() >= control.epsilon()) {
      return StepStatus.BELOW_RESOLUTION;
    }
    fisher.setPoint(objective.m());
    StepStatus failure = direction();
    if (failure != null) {
      control.failed();
      return failure;
    }
    StepStatus status = search.run(theta, d, x, y, outcome);
    control.learn(status, outcome, search.boundary());
    return status;
  }

  /** Solves for d and measures its curvature; null on success. */
  private StepStatus direction() {
    scale.probe(fisher, search.work());
    scale.damp(control.lambda(), objective.l2);
    solve(true);
    double slope = Blas.dsdot(g, d);
    if (!(slope > 0)) {
      // The last direction can point uphill for this batch and, where few iterations are allowed,
      // keep doing so; from zero the solution never does.
      solve(false);
      slope = Blas.dsdot(g, d);
    }
    double curvature = fisher.curvature(d);
    if (!(slope > 0 && curvature > 0) || !Double.isFinite(slope) || !Double.isFinite(curvature)) {
      Blas.fill(0, d);
      return StepStatus.NON_POSITIVE_CURVATURE;
    }
    double penalty = objective.l2 == 0 ? 0 : objective.l2 * Blas.dsdot(d, d);
    search.model(slope, curvature, penalty, control.epsilon());
    return null;
  }

  private void solve(boolean warm) {
    outcome.cgStatus = solver.solve(damped, preconditioner, g, d, warm);
    outcome.cgIterations += solver.iterations();
  }
}
