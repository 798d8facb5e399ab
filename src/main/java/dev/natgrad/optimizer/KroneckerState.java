package dev.natgrad.optimizer;

import dev.natgrad.fisher.KroneckerFactors;
import dev.natgrad.fisher.KroneckerInverse;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Chunked;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.model.LayeredModel;
import dev.natgrad.model.Model;
import dev.natgrad.state.State;
import java.util.List;

/**
 * Kronecker factors and their inverse, as they are kept from step to step: which step learns, which
 * inverts, and γ.
 */
final class KroneckerState {
  /** ω of the tries around γ. */
  private static final double TRY = 0.6;

  /** Operations for each parameter and row: a backward pass and products of half its size. */
  static final double LEARNING = 8;

  /** Rows that the factors remember, in units of the longest side of a factor. */
  private static final double REMEMBERED = 8;

  /** Below it the draws of one step would show. */
  private static final double LEAST_MEMORY = 0.8;

  private final CurvatureBatch batch;
  private final CurvatureScale scale;
  private final BudgetMeter meter;
  private final Curvature curvature;
  private final Solve.Kronecker options;
  private final long seed;
  private final int parameters;
  private final int longest;

  /** γ²/λ where γ follows λ; NaN where it is tried. */
  private final double followed;

  private final KroneckerFactors factors;
  private KroneckerInverse inverse;

  /** Null unless γ adapts. */
  private KroneckerInverse other;

  private double gamma;
  private long steps;
  private boolean usable;
  private boolean due;

  KroneckerState(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      NaturalGradientOptions options,
      Solve.Kronecker kronecker) {
    int side = 0;
    for (DenseLayer layer : layers(problem)) {
      side = Math.max(side, Math.max(layer.rows(), layer.outputs()));
    }
    this.longest = side;
    this.batch = batch;
    this.scale = scale;
    this.meter = meter;
    this.curvature = options.curvature();
    this.options = kronecker;
    this.seed = options.seed();
    this.followed = followed(options, kronecker);
    this.gamma = kronecker.gamma();
    this.parameters = problem.model().parameters();
    this.factors =
        new KroneckerFactors(
            workspace,
            layered(batch, problem),
            batch.distribution(),
            problem.model().parameters(),
            curvature.rows(problem.maxBatch()),
            problem.precision());
    this.inverse = new KroneckerInverse(workspace, factors);
    this.other = kronecker.adapt() ? new KroneckerInverse(workspace, factors) : null;
  }

  /** A preconditioner is to be close to F + W, so there γ² is λ itself. */
  private static double followed(NaturalGradientOptions options, Solve.Kronecker kronecker) {
    if (!(options.solve() instanceof Solve.Kronecker)) {
      return 1;
    }
    double first = options.damping().lambda().at(0);
    return kronecker.adapt() || first == 0 ? Double.NaN : kronecker.gamma() / first;
  }

  /** The factors, their inverse and, where γ adapts, another. */
  static long bytes(Problem problem, NaturalGradientOptions options, Solve.Kronecker kronecker) {
    List<DenseLayer> layers = layers(problem);
    return KroneckerFactors.bytes(
            layers,
            problem.distribution(),
            options.curvature().rows(problem.maxBatch()),
            problem.precision())
        + (kronecker.adapt() ? 2 : 1) * KroneckerInverse.bytes(layers, problem.precision());
  }

  /** The dense layers that a model must show for this. */
  static List<DenseLayer> layers(Problem problem) {
    Model model = Chunked.unwrap(problem.model());
    if (model instanceof LayeredModel layered) {
      return layered.denseLayers();
    }
    throw new IllegalArgumentException(
        "the model "
            + problem.model()
            + " shows no dense layers (LayeredModel), by which this solver cuts the parameters: use"
            + " Solve.conjugateGradients()");
  }

  /** The curvature's linearisation, which has all its rows at once. */
  static LayeredLinearization layered(CurvatureBatch batch, Problem problem) {
    if (batch.linearization() instanceof LayeredLinearization layered) {
      return layered;
    }
    throw new IllegalArgumentException(
        problem.model()
            + " takes the rows of the curvature in chunks, and Kronecker factors are learnt from"
            + " all of them at once: use Curvature.withFraction for rows of one chunk, a larger"
            + " chunk, or Solve.conjugateGradients()");
  }

  /**
   * Learns from the point and renews the inverse when it is due; false if there is none to use.
   * Nothing learns while a renewal waits for time, but after one that failed everything is anew.
   */
  boolean update() {
    if (inverse.partsLeft() == 0 || factors.updates() == 0) {
      steps++;
      due |= isDue();
      if (meter.fitsRefresh(LEARNING * batch.mean().rows() * parameters)) {
        learn();
        meter.record(BudgetMeter.Part.REFRESH, 1);
      }
    }
    return renew();
  }

  /** Whether a direction is made of factors, which learn from the point by themselves. */
  static boolean factored(Solve solve) {
    return solve instanceof Solve.Kronecker || solve instanceof Solve.EigenKronecker;
  }

  /** So long that the mean is over enough rows, and no longer: the network moves on. */
  private void learn() {
    double forgotten = batch.mean().rows() / (REMEMBERED * longest);
    double memory = Math.max(1 - forgotten, LEAST_MEMORY);
    factors.setMemory(Math.min(memory, KroneckerFactors.LONGEST_MEMORY));
    switch (curvature.kind()) {
      case EXACT -> factors.updateSigns(batch.mean(), 1, seed, steps);
      case SAMPLED -> factors.updateSampled(batch.mean(), curvature.draws(), seed, steps);
      case EMPIRICAL -> factors.updateEmpirical(batch.mean(), batch.targets());
    }
  }

  private boolean isDue() {
    return Renewal.due(steps, options.every());
  }

  private boolean renew() {
    if (due && factors.updates() > 0) {
      if (followed > 0) {
        gamma = Math.max(followed * scale.lambda(), options.floor());
      }
      if (!Double.isFinite(absolute(gamma))) {
        // The scale forgets this batch at the next step; until then no γ follows from it.
        return usable;
      }
      inverse.startRefresh(absolute(gamma));
      due = false;
    }
    while (factors.updates() > 0 && inverse.partsLeft() > 0) {
      double flops = inverse.nextPartFlops();
      if (!meter.fitsPiece(flops)) {
        return usable;
      }
      if (!inverse.refreshPart()) {
        factors.reset();
        usable = false;
        due = true;
        return false;
      }
      meter.record(BudgetMeter.Part.PIECE, flops);
      usable |= inverse.partsLeft() == 0;
    }
    return usable;
  }

  /** Whether γ should be tried around its value now: the inverse was just renewed. */
  boolean triesGamma() {
    return other != null
        && !meter.timed()
        && Renewal.settled(steps)
        && isDue()
        && !due
        && inverse.partsLeft() == 0;
  }

  /** Inverts with γ² by 0.36 less or more as an alternative; false where the floor forbids it. */
  boolean prepareOther(boolean less) {
    double candidate = tried(less);
    return candidate >= options.floor() && other.refresh(absolute(candidate));
  }

  private double tried(boolean less) {
    return less ? gamma * TRY * TRY : gamma / (TRY * TRY);
  }

  /** The alternative last prepared. */
  KroneckerInverse other() {
    return other;
  }

  /** Takes the alternative for the steps to come. */
  void keepOther(boolean less) {
    gamma = tried(less);
    KroneckerInverse kept = other;
    other = inverse;
    inverse = kept;
  }

  /** Whether there is an inverse. */
  boolean usable() {
    return usable;
  }

  KroneckerInverse inverse() {
    return inverse;
  }

  private double absolute(double relative) {
    return Math.sqrt(relative * Math.max(scale.mean(), Double.MIN_NORMAL));
  }

  /** The alternative is always inverted before it is used. */
  void exchange(State state) {
    factors.exchange(state.part("factors"));
    inverse.exchange(state.part("inverse"));
    gamma = state.number("gamma", gamma);
    steps = state.whole("steps", steps);
    usable = state.flag("usable", usable);
    due = state.flag("due", due);
  }
}
