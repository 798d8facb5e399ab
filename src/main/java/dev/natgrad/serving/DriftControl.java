package dev.natgrad.serving;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Measures how far a model has moved from a reference on a reference batch, and says what is left
 * of a {@link DriftBudget}. Only the reference's outputs are kept, not its parameters. The rows of
 * the reference batch count alike, also where the problem's distribution takes weights.
 *
 * <p>Thread rule: the owner of its workspace. Allocates nothing after its first measurement.
 */
public final class DriftControl implements Stateful {
  private final DriftBudget budget;
  private final LongSupplier clock;
  private final Linearization linearization;
  private final OutputDistribution distribution;
  private final Mat x;
  private final Mat reference;
  private final Mat now;
  private double referenceError = Double.NaN;
  private double spent;
  private long windowStart;
  private long windowSteps;

  /**
   * Takes the outputs of the reference and of now, and a linearisation of the batch.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param problem the model and its distribution
   * @param x the reference batch, B×inputs, B ≥ 1, in the problem's precision; kept, not copied,
   *     and never changed by this
   * @param budget how far the model may move
   * @param nanoClock the time in nanoseconds, from any origin; such as {@link System#nanoTime}
   * @throws IllegalArgumentException if the batch does not fit the problem
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public DriftControl(
      Workspace workspace, Problem problem, Mat x, DriftBudget budget, LongSupplier nanoClock) {
    this.budget = Objects.requireNonNull(budget, "budget");
    this.clock = Objects.requireNonNull(nanoClock, "nanoClock");
    Model model = problem.model();
    if (x.rows() < 1 || x.cols() != model.inputs() || x.precision() != problem.precision()) {
      throw new IllegalArgumentException(
          "x is "
              + x
              + "; the reference batch must have at least 1 row, "
              + model.inputs()
              + " columns and precision "
              + problem.precision());
    }
    this.x = x;
    this.distribution =
        problem.distribution() instanceof Weighted w ? w.base() : problem.distribution();
    this.linearization = model.linearize(workspace, x.rows(), problem.precision());
    this.reference = Mat.allocate(workspace, x.rows(), model.outputs(), problem.precision());
    this.now = Mat.allocate(workspace, x.rows(), model.outputs(), problem.precision());
  }

  /**
   * Returns the off-heap memory it takes: a linearisation and two batches of outputs.
   *
   * @param problem the model and its distribution
   * @param batch the rows of the reference batch
   * @return bytes
   */
  public static long bytes(Problem problem, int batch) {
    return problem.model().linearizationBytes(batch, problem.precision())
        + 2 * Mat.bytes(batch, problem.model().outputs(), problem.precision());
  }

  /**
   * Makes a model the reference and begins a window.
   *
   * @param theta θ
   * @throws IllegalArgumentException if θ does not fit
   * @throws IllegalStateException if its outputs are not finite; the reference is as before then
   */
  public void anchor(Vec theta) {
    linearization.evaluate(theta, x, now);
    double error = linearization.outputErrorBound();
    if (!Double.isFinite(error)) {
      throw new IllegalStateException(
          "theta gives outputs that are not finite on the reference batch: it cannot be the"
              + " reference");
    }
    Blas.copy(now, reference);
    referenceError = error;
    spent = 0;
    windowSteps = 0;
    windowStart = clock.getAsLong();
  }

  /** Begins a window at θ if there is none or the last has ended; whether it did. */
  boolean renew(Vec theta) {
    boolean late =
        budget.windowNanos() > 0 && clock.getAsLong() - windowStart >= budget.windowNanos();
    boolean full = budget.windowSteps() > 0 && windowSteps >= budget.windowSteps();
    if (Double.isNaN(referenceError) || late || full) {
      anchor(theta);
      return true;
    }
    return false;
  }

  /** KL(reference‖θ) plus its rounding bound; not finite where θ's outputs are not. */
  double measure(Vec theta) {
    linearization.evaluate(theta, x, now);
    double kl = distribution.kl(reference, now, budget.over());
    double error = Math.max(referenceError, linearization.outputErrorBound());
    return kl + distribution.klErrorBound(reference, now, budget.over(), kl, error);
  }

  /** Takes note of an accepted step. */
  void accept(double drift) {
    spent = drift;
    windowSteps++;
  }

  /**
   * {@inheritDoc} The reference's outputs and what is left of the window: a window of time goes on
   * where it was left, whatever has passed since.
   */
  @Override
  public void exchange(State state) {
    state.matrix("reference", reference);
    referenceError = state.number("reference_error", referenceError);
    spent = state.number("spent", spent);
    windowSteps = state.whole("window_steps", windowSteps);
    long at = clock.getAsLong();
    windowStart = at - state.whole("window_nanos", at - windowStart);
  }

  /**
   * Returns the drift measured after the last accepted step of the window.
   *
   * @return KL(reference‖now) and its rounding bound, in nats; 0 at a window's start
   */
  public double spent() {
    return spent;
  }

  /**
   * Returns what is controlled.
   *
   * @return the budget
   */
  public DriftBudget budget() {
    return budget;
  }
}
