package dev.natgrad.optimizer;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.fisher.EmpiricalFisher;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.fisher.Fisher;
import dev.natgrad.fisher.SampledFisher;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowViews;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredModel;
import dev.natgrad.model.Linearization;
import dev.natgrad.state.State;

/**
 * The rows of a batch that the curvature is taken on, the model linearised there, and the Fisher
 * matrices at that point: the one the direction is solved with and the exact one, in which lengths
 * are measured.
 *
 * <p>A part of the batch lies side by side in it, from step to step further on. A layered model
 * keeps enough of the objective's own evaluation for it; of others the part is evaluated again.
 */
final class CurvatureBatch {
  private final Objective objective;
  private final Curvature options;
  private final Linearization linearization;

  /** P(y | z) of the rows, with their weights where there are some. */
  private final OutputDistribution distribution;

  private final Fisher fisher;
  private final ExactFisher metric;

  /** Null where nothing is evaluated but the whole batch. */
  private final BatchViews<Mat> parts;

  /** The objective's linearisation where a part of its rows is used; else null. */
  private final LayeredLinearization shared;

  private final RowViews rowViews = new RowViews();
  private final boolean isPart;

  /** Null without momentum. */
  private final BatchViews<Tangents> tangents;

  private int start;
  private int rows;
  private Mat mean;
  private Mat targets;
  private Vec theta;
  private Mat x;
  private Mat y;
  private double first;
  private double mixed;
  private double second;

  /** Two batches of tangents as matrices and, without gaps, as vectors. */
  private record Tangents(Mat a, Vec allOfA, Mat b, Vec allOfB) {}

  CurvatureBatch(
      Workspace workspace, Problem problem, Objective objective, NaturalGradientOptions options) {
    this.objective = objective;
    this.options = options.curvature();
    int most = this.options.rows(problem.maxBatch());
    int parameters = problem.model().parameters();
    Precision precision = problem.precision();
    this.isPart = isPart(options);
    if (evaluates(problem, options)) {
      Mat outputs = Mat.allocate(workspace, most, problem.model().outputs(), precision);
      this.parts = new BatchViews<>(most, outputs::top);
      this.linearization = problem.model().linearize(workspace, most, precision);
      this.shared = null;
    } else {
      this.parts = null;
      this.linearization = objective.linearization;
      this.shared = isPart ? (LayeredLinearization) linearization : null;
    }
    this.distribution = distribution(workspace, problem, most);
    this.metric =
        new ExactFisher(workspace, linearization, distribution, parameters, most, precision);
    this.fisher = makesFisher(options) ? fisher(workspace, problem, options, most) : metric;
    this.tangents = options.momentum() ? tangents(workspace, problem, most) : null;
  }

  private OutputDistribution distribution(Workspace workspace, Problem problem, int most) {
    return isPart && problem.distribution() instanceof Weighted whole
        ? new Weighted(workspace, whole.base(), most, problem.precision())
        : problem.distribution();
  }

  private static BatchViews<Tangents> tangents(Workspace workspace, Problem problem, int most) {
    int outputs = problem.model().outputs();
    Vec a = Vec.allocate(workspace, Math.multiplyExact(most, outputs), problem.precision());
    Vec b = Vec.allocate(workspace, Math.multiplyExact(most, outputs), problem.precision());
    return new BatchViews<>(
        most,
        n ->
            new Tangents(
                a.asMat(n, outputs),
                a.slice(0, n * outputs),
                b.asMat(n, outputs),
                b.slice(0, n * outputs)));
  }

  /** The Kronecker factors learn by themselves. */
  private static boolean makesFisher(NaturalGradientOptions options) {
    return options.curvature().kind() != Curvature.Kind.EXACT
        && !KroneckerState.factored(options.solve());
  }

  private Fisher fisher(
      Workspace workspace, Problem problem, NaturalGradientOptions options, int most) {
    int parameters = problem.model().parameters();
    if (options.curvature().kind() == Curvature.Kind.EMPIRICAL) {
      return new EmpiricalFisher(
          workspace, linearization, distribution, parameters, most, problem.precision());
    }
    return new SampledFisher(
        workspace,
        linearization,
        distribution,
        parameters,
        most,
        options.curvature().draws(),
        options.seed(),
        problem.precision());
  }

  /** The columns of a sample's factor of the F that the direction is solved with. */
  static int factorColumns(Problem problem, NaturalGradientOptions options) {
    return switch (options.curvature().kind()) {
      case EXACT -> problem.model().outputs();
      case SAMPLED -> options.curvature().draws();
      case EMPIRICAL -> 1;
    };
  }

  private static boolean isPart(NaturalGradientOptions options) {
    return options.curvature().fraction() < 1;
  }

  /** Whether a part of the batch has to be evaluated again. */
  private static boolean evaluates(Problem problem, NaturalGradientOptions options) {
    return isPart(options) && !(problem.model() instanceof LayeredModel);
  }

  /**
   * The exact Fisher matrix and, where it is another, the one to solve with; for a part of the
   * batch its weights and, unless the model is layered, its outputs and a linearisation; with
   * momentum two batches of tangents.
   */
  static long bytes(Problem problem, NaturalGradientOptions options) {
    Curvature curvature = options.curvature();
    Precision precision = problem.precision();
    int rows = curvature.rows(problem.maxBatch());
    int outputs = problem.model().outputs();
    long bytes = ExactFisher.bytes(rows, outputs, precision);
    if (makesFisher(options)) {
      bytes +=
          curvature.kind() == Curvature.Kind.SAMPLED
              ? SampledFisher.bytes(rows, outputs, curvature.draws(), precision)
              : EmpiricalFisher.bytes(rows, outputs, precision);
    }
    if (options.momentum()) {
      bytes += 2 * Mat.bytes(rows, outputs, precision);
    }
    if (evaluates(problem, options)) {
      bytes +=
          Mat.bytes(rows, outputs, precision) + problem.model().linearizationBytes(rows, precision);
    }
    if (isPart(options) && problem.distribution() instanceof Weighted) {
      bytes += Weighted.bytes(rows, precision);
    }
    return bytes;
  }

  /**
   * Goes to θ, where the objective was just evaluated and differentiated; k is the step's number.
   */
  void setPoint(Vec newTheta, Mat newX, Mat newY, long step) {
    theta = newTheta;
    x = newX;
    y = newY;
    start = 0;
    rows = x.rows();
    if (isPart) {
      rows = options.rows(x.rows());
      int turns = Math.ceilDiv(x.rows(), rows);
      if (distribution instanceof Weighted weighted) {
        takeTurn(weighted, (Weighted) objective.distribution, turns, step);
      } else {
        start = firstRow((int) (step % turns));
      }
    }
    targets = rowViews.of(y, start, rows);
    if (parts == null) {
      mean = rowViews.of(objective.m(), start, rows);
      startThere();
    } else {
      mean = parts.of(rows);
      linearization.evaluate(theta, rowViews.of(x, start, rows), mean);
      distribution.mean(mean, mean);
    }
    metric.setPoint(mean);
    if (fisher instanceof EmpiricalFisher empirical) {
      empirical.setPoint(mean, targets);
    } else if (fisher != metric) {
      fisher.setPoint(mean);
    }
  }

  /** Where a turn's part begins. */
  private int firstRow(int turn) {
    // The last part may overlap the one before it: every row has its turn.
    return (int) Math.min((long) turn * rows, x.rows() - rows);
  }

  /**
   * Goes to the part whose turn it is, and takes its weights. Parts that are all masked, on which F
   * is 0, have no turn; the others' F is reduced by as much as they are taken more often, so that
   * in the mean it remains the batch's.
   */
  private void takeTurn(Weighted weighted, Weighted all, int turns, long step) {
    int counting = 0;
    for (int turn = 0; turn < turns; turn++) {
      counting += all.counts(firstRow(turn), rows) ? 1 : 0;
    }
    // Of a chunk of a larger batch every row may be masked.
    int turn = 0;
    long before = counting == 0 ? 0 : step % counting;
    while (counting > 0 && (before > 0 || !all.counts(firstRow(turn), rows))) {
      before -= all.counts(firstRow(turn), rows) ? 1 : 0;
      turn++;
    }
    start = firstRow(turn);
    weighted.setRows(all, start, rows, Math.max(1, counting) / (double) turns);
  }

  /** Returns to all of the batch, where the last step ended without an evaluation at its point. */
  void leave() {
    if (shared != null) {
      shared.startAt(0);
    }
  }

  private void startThere() {
    if (shared != null) {
      shared.startAt(start);
    }
  }

  /** The draws made so far, where the direction's curvature is sampled. */
  void exchange(State state) {
    if (fisher instanceof SampledFisher sampled) {
      sampled.exchange(state);
    }
  }

  /**
   * The objective at θ − βd, in place of the parameters; {@link #back} has to follow before F or
   * the model is used again.
   */
  double valueAt(double beta, Vec d, Vec scratch) {
    Blas.copy(theta, scratch);
    Blas.axpy(-beta, d, scratch);
    return objective.valueAgain(scratch, x, y);
  }

  /** Returns to the point. */
  void back() {
    if (parts == null) {
      objective.valueAgain(theta, x, y);
      startThere();
    }
  }

  /** The model at the point. */
  Linearization linearization() {
    return linearization;
  }

  /** P(y | z) at the point. */
  OutputDistribution distribution() {
    return distribution;
  }

  /** The mean parameters at the point. */
  Mat mean() {
    return mean;
  }

  /** The targets of the rows. */
  Mat targets() {
    return targets;
  }

  /** F as the direction is solved with it. */
  Fisher fisher() {
    return fisher;
  }

  /** vᵀFv with the exact F. */
  double curvature(Vec v) {
    return metric.curvature(v);
  }

  /** Measures the exact F in the plane of v and w, by a tangent product each; w may be null. */
  void plane(Vec v, Vec w) {
    Tangents t = tangents.of(rows);
    tangent(v, t.a);
    first = Blas.dsdot(t.allOfA, t.allOfA) / rows;
    mixed = 0;
    second = 0;
    if (w != null) {
      tangent(w, t.b);
      mixed = Blas.dsdot(t.allOfA, t.allOfB) / rows;
      second = Blas.dsdot(t.allOfB, t.allOfB) / rows;
    }
  }

  private void tangent(Vec v, Mat t) {
    linearization.jvp(v, t);
    distribution.fisherFactorTranspose(1, mean, t, t);
  }

  /** vᵀFv of the last plane. */
  double first() {
    return first;
  }

  /** vᵀFw of the last plane. */
  double mixed() {
    return mixed;
  }

  /** wᵀFw of the last plane. */
  double second() {
    return second;
  }
}
