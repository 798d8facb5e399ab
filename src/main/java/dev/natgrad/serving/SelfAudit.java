package dev.natgrad.serving;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.operator.Shifted;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import dev.natgrad.solver.CgOptions;
import dev.natgrad.solver.ConjugateGradient;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;

/**
 * Checks the numerics on the data at hand, with buffers of its own: what holds of every Fisher
 * matrix, solve and divergence must hold of these. It finds a broken user's model, kernel or
 * machine, not a bad fit.
 *
 * <p>u and v are vectors of random signs, a function of the seed and the number of the audit alone;
 * η is the unit roundoff. √η is far above the rounding of a product and far below what a wrong one
 * is off by. σ = n·max (Ju)², n the number of outputs, stands for ‖J‖²/B: where a distribution is
 * almost certain, F is the small difference of terms of that size.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen.
 */
public final class SelfAudit implements Stateful {
  /** What is checked. */
  public enum Check {
    /** No parameter is infinite or NaN. */
    FINITE_PARAMETERS,
    /** |uᵀFv − vᵀFu| ≤ √η(‖u‖‖Fv‖ + ‖v‖‖Fu‖) + 8η√P·σ. */
    SYMMETRY,
    /** uᵀFu ≥ −√η‖u‖‖Fu‖ − 8η√P·σ. */
    POSITIVE_CURVATURE,
    /** |uᵀFu − ‖BᵀJu‖²| ≤ √η‖u‖‖Fu‖ + 8η√P·σ: a product and a sum of squares agree. */
    CURVATURE,
    /**
     * The residual of (F + λI)d = v, computed anew, is that of the solver within 8(k + 1)η√P(2‖Fu‖
     * + λ + σ)‖d‖ + 8ηP, by the bound of Greenbaum (1997) after k iterations.
     */
    SOLVER_RESIDUAL,
    /**
     * ρ(t), the mean of KL(θ‖θ ± tFu) over its quadratic model κ = ½t²(Fu)ᵀF(Fu), tends to 1. t is
     * halved, from one at which to first order no output moves by more than 0.1, until ρ and both
     * of its parts are within 0.04 of 1 twice in a row, beside their rounding bound, or that bound
     * is above κ/64. The check fails where ρ is then more than 0.05 and the bound from 1, and no
     * longer moves with t. Nothing is said of a model that still bends there, whose slopes differ
     * on both sides of θ, or of which fewer than two lengths can be measured.
     */
    KL_MODEL
  }

  private static final Check[] CHECKS = Check.values();
  private static final int ITERATIONS = 20;

  private final OutputDistribution distribution;
  private final int maxBatch;
  private final long seed;
  private final Linearization linearization;
  private final ExactFisher fisher;
  private final Shifted damped;
  private final ConjugateGradient solver;
  private final KlModelCheck klModel;
  private final BatchViews<Outputs> outputs;
  private final Vec u;
  private final Vec v;
  private final Vec fu;
  private final Vec fv;
  private final Vec d;
  private final double rootEta;
  private final double rounding;
  private Events events = Events.NONE;
  private int failed;
  private long made;

  /** One batch size's rows of the buffers. */
  private record Outputs(Mat z, Mat mean, Mat moved) {}

  /**
   * Takes the buffers of the audits.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem the model and its distribution
   * @param seed the seed of the vectors of signs
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public SelfAudit(Workspace workspace, Problem problem, long seed) {
    int parameters = problem.model().parameters();
    int width = problem.model().outputs();
    this.distribution = problem.distribution();
    Precision precision = problem.precision();
    this.maxBatch = problem.maxBatch();
    this.seed = seed;
    this.rootEta = Math.sqrt(precision.unitRoundoff());
    this.rounding = 8 * precision.unitRoundoff() * Math.sqrt(parameters);
    this.linearization = problem.model().linearize(workspace, maxBatch, precision);
    this.fisher =
        new ExactFisher(workspace, linearization, distribution, parameters, maxBatch, precision);
    this.damped = new Shifted(fisher, 1);
    this.solver =
        new ConjugateGradient(
            workspace,
            parameters,
            precision,
            false,
            CgOptions.defaults().withIterationLimit(ITERATIONS));
    this.klModel = new KlModelCheck(linearization, distribution, precision.unitRoundoff());
    Mat z = Mat.allocate(workspace, maxBatch, width, precision);
    Mat mean = Mat.allocate(workspace, maxBatch, width, precision);
    Mat moved = Mat.allocate(workspace, maxBatch, width, precision);
    this.outputs =
        new BatchViews<>(
            maxBatch, rows -> new Outputs(z.top(rows), mean.top(rows), moved.top(rows)));
    this.u = Vec.allocate(workspace, parameters, precision);
    this.v = Vec.allocate(workspace, parameters, precision);
    this.fu = Vec.allocate(workspace, parameters, precision);
    this.fv = Vec.allocate(workspace, parameters, precision);
    this.d = Vec.allocate(workspace, parameters, precision);
  }

  /**
   * Returns the off-heap memory it takes: a linearisation, the Fisher matrix's and the solver's
   * buffers, three batches of outputs and five vectors of P.
   *
   * @param problem the model and its distribution
   * @return bytes
   */
  public static long bytes(Problem problem) {
    int parameters = problem.model().parameters();
    int width = problem.model().outputs();
    Precision precision = problem.precision();
    int batch = problem.maxBatch();
    return problem.model().linearizationBytes(batch, precision)
        + ExactFisher.bytes(batch, width, precision)
        + ConjugateGradient.bytes(parameters, precision, false)
        + 3 * Mat.bytes(batch, width, precision)
        + 5 * Vec.bytes(parameters, precision);
  }

  /**
   * Makes every check at a point.
   *
   * @param theta θ, unchanged
   * @param x a batch, 1 to the problem's largest, unchanged
   * @return true if all hold
   * @throws IllegalArgumentException if θ or the batch does not fit the problem
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public boolean run(Vec theta, Mat x) {
    return run(theta, x, Events.NONE);
  }

  boolean run(Vec theta, Mat x, Events events) {
    this.events = events;
    failed = 0;
    made++;
    if (x.rows() < 1 || x.rows() > maxBatch) {
      throw new IllegalArgumentException(
          "x has " + x.rows() + " rows; the batch of an audit has 1 to " + maxBatch);
    }
    double largest = Norms.largestAbsolute(theta);
    if (!check(Check.FINITE_PARAMETERS, largest, Double.MAX_VALUE)) {
      return false;
    }
    Outputs at = outputs.of(x.rows());
    linearization.evaluate(theta, x, at.z);
    distribution.mean(at.z, at.mean);
    fisher.setPoint(at.mean);
    signs(0, u);
    signs(1, v);
    fisher.apply(1, u, 0, fu);
    fisher.apply(1, v, 0, fv);
    linearization.jvp(u, at.moved);
    double move = Norms.largestAbsolute(at.moved);
    double sigma = distribution.outputs() * move * move;
    products(rounding * sigma);
    solve(sigma);
    klModel(theta, x, at);
    return failed == 0;
  }

  private void signs(int which, Vec target) {
    for (int i = 0; i < target.length(); i++) {
      long bits = Philox.bits(seed, Streams.AUDIT + made, 2L * i + which);
      target.set(i, bits < 0 ? -1 : 1);
    }
  }

  /** NaN fails every check. */
  private boolean check(Check check, double value, double bound) {
    if (value <= bound) {
      return true;
    }
    failed |= 1 << check.ordinal();
    events.auditFailed(check.name(), value, bound);
    return false;
  }

  private void products(double noise) {
    double norm = Math.sqrt(u.length());
    double normFu = Blas.nrm2(fu);
    double normFv = Blas.nrm2(fv);
    double curvature = Blas.dsdot(u, fu);
    double asymmetry = Math.abs(Blas.dsdot(u, fv) - Blas.dsdot(v, fu));
    check(Check.SYMMETRY, asymmetry, rootEta * norm * (normFu + normFv) + noise);
    check(Check.POSITIVE_CURVATURE, -curvature, rootEta * norm * normFu + noise);
    double difference = Math.abs(curvature - fisher.curvature(u));
    check(Check.CURVATURE, difference, rootEta * norm * normFu + noise);
  }

  private void solve(double sigma) {
    double rootP = Math.sqrt(u.length());
    // ‖Fu‖² has ‖F‖²_F as its mean, so λ is the root mean square of the eigenvalues: κ ≤ 1 + √P.
    // Not by u alone, which may be all but orthogonal to F's only direction while v is not.
    double norm = Math.max(Blas.nrm2(fu), Blas.nrm2(fv));
    double lambda = norm > 0 && norm <= Double.MAX_VALUE ? norm / rootP : 1;
    damped.setShift(lambda);
    solver.solve(damped, v, d, false);
    damped.apply(1, d, 0, fv);
    Blas.axpy(-1, v, fv);
    double products = (solver.iterations() + 1) * (2 * norm + lambda + sigma) * Blas.nrm2(d);
    double bound = rounding * (products + rootP);
    check(Check.SOLVER_RESIDUAL, Math.abs(Blas.nrm2(fv) - solver.residualNorm()), bound);
  }

  private void klModel(Vec theta, Mat x, Outputs at) {
    double curvature = 0.5 * fisher.curvature(fu);
    if (!klModel.holds(theta, x, at.z, at.moved, fu, curvature, u)) {
      check(Check.KL_MODEL, klModel.difference(), klModel.bound());
    }
  }

  /**
   * Tells whether a check failed in the last audit. One that could not be made counts as held.
   *
   * @param check which
   * @return true if it failed
   */
  public boolean failed(Check check) {
    return (failed & 1 << check.ordinal()) != 0;
  }

  /**
   * Returns how many audits were begun.
   *
   * @return a count ≥ 0
   */
  public long made() {
    return made;
  }

  /** {@inheritDoc} The number of the next audit, by which its directions are drawn. */
  @Override
  public void exchange(State state) {
    made = state.whole("made", made);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("audit " + made + ":");
    for (Check check : CHECKS) {
      text.append(failed(check) ? " FAILED " + check : "");
    }
    return text.append(failed == 0 ? " all checks held" : "").toString();
  }
}
