package dev.natgrad.optimizer;

import dev.natgrad.fisher.DenseFisher;
import dev.natgrad.fisher.Fisher;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Updates;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
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

  /** (D + W + l2)⁻¹. */
  private final LinearOperator inverse = new Inverse();

  private final Damping.Scale scaling;
  private final long seed;

  /** Whether only the trace is used: a probe estimates it to a few percent, and it moves slowly. */
  private final boolean rarely;

  private boolean finite = true;
  private long calls;
  private long probes;
  private double lambda;

  /** W + l2 = multiple·D + shift. */
  private double multiple;

  private double shift;

  CurvatureScale(Workspace workspace, Problem problem, NaturalGradientOptions options) {
    int parameters = problem.model().parameters();
    this.diagonal = Vec.allocate(workspace, parameters, problem.precision());
    this.seed = options.seed();
    this.scaling = options.damping().scale();
    this.rarely = scaling == Damping.Scale.IDENTITY && KroneckerState.factored(options.solve());
  }

  /** A vector of P: W and the preconditioner are never stored. */
  static long bytes(Problem problem) {
    return Vec.bytes(problem.model().parameters(), problem.precision());
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
    boolean identity = scaling == Damping.Scale.IDENTITY;
    multiple = identity ? 0 : lambda;
    shift = identity ? lambda * mean() + l2 : l2;
  }

  /** λ as last damped with. */
  double lambda() {
    return lambda;
  }

  /** The estimate of tr(F)/P. */
  double mean() {
    return Blas.sum(diagonal) / diagonal.length();
  }

  /** The least entry of W + l2, which it has for a parameter without curvature. */
  double leastDamping() {
    return shift;
  }

  /** Whether W + l2 has entries above 0. */
  boolean damped() {
    return shift > 0 || multiple * mean() > 0;
  }

  /** y ← y + α(W + l2)x. */
  void addDamping(double alpha, Vec x, Vec y) {
    if (multiple != 0) {
      Maps.hadamard(alpha * multiple, diagonal, x, 1, y);
    }
    if (shift != 0) {
      Blas.axpy(alpha * shift, x, y);
    }
  }

  /** The same with α = 1, and the products of x and the new y. */
  void addDampingAndDot(Vec x, Vec y, double[] products) {
    KrylovUpdates.shiftedCurvature(multiple, diagonal, shift, x, y, products);
  }

  /** out ← (W + l2)x. */
  void dampingTimes(Vec x, Vec out) {
    Blas.axpby(shift, x, 0, out);
    if (multiple != 0) {
      Maps.hadamard(multiple, diagonal, x, 1, out);
    }
  }

  /** out ← Dx, D the estimate of diag(F). */
  void diagonalTimes(Vec x, Vec out) {
    Maps.hadamard(1, diagonal, x, 0, out);
  }

  /** out ← W + l2, a diagonal. */
  void damping(Vec out) {
    Blas.fill(shift, out);
    if (multiple != 0) {
      Blas.axpy(multiple, diagonal, out);
    }
  }

  /** out ← 1/(W + l2 + least). */
  void inverseDamping(double least, Vec out) {
    Updates.invertDiagonal(multiple, diagonal, shift + least, out);
  }

  /** out ← 1/(D + W + l2). */
  void inverse(Vec out) {
    Updates.invertDiagonal(1 + multiple, diagonal, shift, out);
  }

  /** (D + W + l2)⁻¹, as of the last damping. */
  LinearOperator inverse() {
    return inverse;
  }

  private final class Inverse implements LinearOperator {
    @Override
    public int size() {
      return diagonal.length();
    }

    @Override
    public Precision precision() {
      return diagonal.precision();
    }

    @Override
    public void apply(double alpha, Vec x, double beta, Vec y) {
      if (alpha != 1 || beta != 0) {
        throw new UnsupportedOperationException("the preconditioner is only ever applied alone");
      }
      applyAndDot(x, y);
    }

    @Override
    public double applyAndDot(Vec x, Vec y) {
      return KrylovUpdates.precondition(1 + multiple, diagonal, shift, x, y);
    }
  }

  /** The running estimate; damping and preconditioner follow from it at the next step. */
  void exchange(State state) {
    state.vector("diagonal", diagonal);
    finite = Double.isFinite(Blas.sum(diagonal));
    probes = state.whole("probes", probes);
    calls = state.whole("calls", calls);
  }
}
