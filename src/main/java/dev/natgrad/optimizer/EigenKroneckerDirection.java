package dev.natgrad.optimizer;

import dev.natgrad.fisher.EigenKroneckerFisher;
import dev.natgrad.fisher.KroneckerFactors;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.state.State;
import java.util.List;

/** The gradient divided by damped second moments in the eigenvectors of the Kronecker factors. */
final class EigenKroneckerDirection implements Direction {
  private final CurvatureBatch batch;
  private final CurvatureScale scale;
  private final BudgetMeter meter;
  private final Curvature curvature;
  private final Solve.EigenKronecker options;
  private final double l2;
  private final long seed;
  private final KroneckerFactors factors;
  private final EigenKroneckerFisher eigen;
  private long steps;
  private final int parameters;
  private boolean usable;
  private boolean due;

  EigenKroneckerDirection(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      NaturalGradientOptions options,
      Solve.EigenKronecker eigenOptions) {
    KroneckerState.layers(problem);
    this.batch = batch;
    this.scale = scale;
    this.meter = meter;
    this.curvature = options.curvature();
    this.options = eigenOptions;
    this.l2 = problem.l2();
    this.seed = options.seed();
    this.parameters = problem.model().parameters();
    int rows = curvature.rows(problem.maxBatch());
    LayeredLinearization layered = KroneckerState.layered(batch, problem);
    this.factors =
        new KroneckerFactors(
            workspace,
            layered,
            batch.distribution(),
            problem.model().parameters(),
            rows,
            problem.precision());
    this.eigen = new EigenKroneckerFisher(workspace, factors, layered, batch.distribution(), rows);
  }

  /** The factors, and their eigenvectors with the moments. */
  static long bytes(Problem problem, NaturalGradientOptions options) {
    List<DenseLayer> layers = KroneckerState.layers(problem);
    int outputs = problem.model().outputs();
    int rows = options.curvature().rows(problem.maxBatch());
    return KroneckerFactors.bytes(layers, problem.distribution(), rows, problem.precision())
        + EigenKroneckerFisher.bytes(layers, outputs, rows, problem.precision());
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    update();
    if (!usable) {
      return false;
    }
    double least = options.floor() * Math.max(scale.mean(), Double.MIN_NORMAL);
    double damping = Math.max(scale.lambda() * scale.mean() + l2, least);
    if (!Double.isFinite(damping)) {
      // The scale forgets this batch at the next step.
      return false;
    }
    eigen.solve(Math.max(damping, Double.MIN_NORMAL), g, d);
    return true;
  }

  /** Nothing learns while a renewal waits for time: some layers' moments are in an old basis. */
  private void update() {
    if (eigen.partsLeft() == 0 || factors.updates() == 0) {
      steps++;
      due |= Renewal.due(steps, options.every());
      if (meter.fitsRefresh(2 * KroneckerState.LEARNING * batch.mean().rows() * parameters)) {
        learn();
        meter.record(BudgetMeter.Part.REFRESH, 1);
      }
    }
    if (due && factors.updates() > 0) {
      eigen.startRefresh();
      due = false;
    }
    renew();
  }

  /** The factors first: what the moments then learn is in the eigenvectors as they are. */
  private void learn() {
    Mat mean = batch.mean();
    switch (curvature.kind()) {
      case EXACT -> {
        factors.updateSigns(mean, 1, seed, steps);
        if (usable) {
          eigen.updateSigns(mean, 1, seed, steps);
        }
      }
      case SAMPLED -> {
        factors.updateSampled(mean, curvature.draws(), seed, steps);
        if (usable) {
          eigen.updateSampled(mean, curvature.draws(), seed, steps);
        }
      }
      case EMPIRICAL -> {
        factors.updateEmpirical(mean, batch.targets());
        if (usable) {
          eigen.updateEmpirical(mean, batch.targets());
        }
      }
    }
  }

  private void renew() {
    while (factors.updates() > 0 && eigen.partsLeft() > 0) {
      double flops = eigen.nextPartFlops();
      if (!meter.fitsPiece(flops)) {
        return;
      }
      if (!eigen.refreshPart()) {
        factors.reset();
        usable = false;
        due = true;
        return;
      }
      meter.record(BudgetMeter.Part.PIECE, flops);
      usable |= eigen.partsLeft() == 0;
    }
  }

  @Override
  public boolean solveAfresh(Vec g, Vec d, StepOutcome outcome) {
    return false;
  }

  @Override
  public boolean affordable() {
    return true;
  }

  @Override
  public DirectionSource source() {
    return DirectionSource.EIGEN_KRONECKER;
  }

  @Override
  public void exchange(State state) {
    factors.exchange(state.part("factors"));
    eigen.exchange(state.part("eigenvectors"));
    steps = state.whole("steps", steps);
    usable = state.flag("usable", usable);
    due = state.flag("due", due);
  }
}
