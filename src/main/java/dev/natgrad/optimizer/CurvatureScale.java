package dev.natgrad.optimizer;

import dev.natgrad.fisher.DenseFisher;
import dev.natgrad.fisher.Fisher;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Updates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;

/**
 * The scale of the curvature: a running estimate D of diag(F), the damping W it gives, λ·tr(F)/P·I
 * or λD, and the preconditioner (D + W + l2)⁻¹.
 *
 * <p>D is the mean of probes g∘g, E = diag(F) ({@link Fisher#probe}), with weight max(1/k, {@link
 * #LEAST_WEIGHT}) on the newest; a parameter that no sample depends on has D exactly 0. ΣD
 * estimates tr(F), so λ is a pure number whatever the scale of the loss, the batch or the features.
 */
final class CurvatureScale {
  /** So many that an entry's relative error is about ½: enough for a preconditioner. */
  static final int FIRST_PROBES = 8;

  /** Every how many steps a probe is added where only the trace is used. */
  static final int RARELY = 5;

  /** So that the estimate follows the parameters. */
  static final double LEAST_WEIGHT = 0.05;

  private final Vec diagonal;
  private final Vec damping;
  private final Vec inverse;
  private final Damping.Scale scaling;
  private final long seed;

  /** Whether only the trace is used: a probe estimates it to a few percent, and it moves slowly. */
  private final boolean rarely;

  private boolean finite = true;
  private long calls;
  private long probes;
  private double lambda;

  CurvatureScale(Workspace workspace, Problem problem, NaturalGradientOptions options) {
    int parameters = problem.model().parameters();
    this.diagonal = Vec.allocate(workspace, parameters, problem.precision());
    this.damping = Vec.allocate(workspace, parameters, problem.precision());
    this.inverse = Vec.allocate(workspace, parameters, problem.precision());
    this.seed = options.seed();
    this.scaling = options.damping().scale();
    this.rarely = scaling == Damping.Scale.IDENTITY && options.solve() instanceof Solve.Kronecker;
  }

  /** Three vectors of P. */
  static long bytes(Problem problem) {
    return 3 * Vec.bytes(problem.model().parameters(), problem.precision());
  }

  /**
   * Adds this step's probes, taken at the Fisher matrix's current point, as far as the budget
   * allows; {@code work} is scratch.
   */
  void probe(Fisher fisher, Vec work, BudgetMeter meter) {
    if (rarely && probes > 0 && ++calls % RARELY != 0 && finite) {
      return;
    }
    if (!finite) {
      // A batch whose squares overflowed must not outlive itself in the running mean.
      Blas.fill(0, diagonal);
      probes = 0;
    }
    int wanted = probes < FIRST_PROBES && !rarely ? FIRST_PROBES : 1;
    for (int i = 0; i < wanted && meter.fits(BudgetMeter.Part.PROBE); i++) {
      fisher.probe(seed, probes, work);
      probes++;
      double weight = Math.max(1.0 / probes, LEAST_WEIGHT);
      Updates.accumulateSquares(1 - weight, weight, work, diagonal);
      meter.record(BudgetMeter.Part.PROBE, 1);
    }
    finite = Double.isFinite(Blas.sum(diagonal));
  }

  /** Whether every parameter is damped by its own curvature, so that noise in it bends steps. */
  boolean perParameter() {
    return scaling == Damping.Scale.DIAGONAL;
  }

  /** Takes diag(F) itself instead of probes. */
  void exactly(DenseFisher matrix) {
    matrix.diagonal(diagonal);
    finite = Double.isFinite(Blas.sum(diagonal));
    probes = Math.max(probes, 1);
  }

  /** Whether a probe has been added. */
  boolean probed() {
    return probes > 0;
  }

  /** Sets the damping and the preconditioner with it. */
  void damp(double newLambda, double l2) {
    lambda = newLambda;
    if (scaling == Damping.Scale.IDENTITY) {
      double shift = lambda * mean() + l2;
      Blas.fill(shift, damping);
      Updates.invertDiagonal(1, diagonal, shift, inverse);
    } else {
      Blas.fill(l2, damping);
      Blas.axpy(lambda, diagonal, damping);
      Updates.invertDiagonal(1 + lambda, diagonal, l2, inverse);
    }
  }

  /** λ as last damped with. */
  double lambda() {
    return lambda;
  }

  /** The estimate of tr(F)/P. */
  double mean() {
    return Blas.sum(diagonal) / diagonal.length();
  }

  /** W + l2, a diagonal. */
  Vec damping() {
    return damping;
  }

  Vec inverse() {
    return inverse;
  }

  /** The running estimate; damping and preconditioner follow from it at the next step. */
  void exchange(State state) {
    state.vector("diagonal", diagonal);
    finite = Double.isFinite(Blas.sum(diagonal));
    probes = state.whole("probes", probes);
    calls = state.whole("calls", calls);
  }
}
