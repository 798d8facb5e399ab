package dev.natgrad.training;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;

/**
 * Trains until a limit, until the validation loss stops falling, or until the objective does, and
 * leaves the best parameters seen.
 *
 * <p>Without validation samples "best" means last. Batches smaller than the data are drawn by
 * shuffling all samples anew in every epoch; the last, shorter rest of an epoch is left out.
 *
 * <p>Thread rule: the owner of the workspace.
 */
public final class Trainer {
  /** Why a run ended. */
  public enum StopReason {
    /** The number of steps was reached. */
    STEP_LIMIT,
    /** The time was up. */
    TIME_LIMIT,
    /** The validation loss has not fallen for {@link TrainingOptions#patience()} evaluations. */
    EARLY_STOPPING,
    /**
     * The last {@link Trainer#STALLED_STEPS} steps were all refused or did not lower the objective
     * by more than its rounding, or the gradient is zero.
     */
    CONVERGED,
    /** The objective became infinite or NaN. */
    DIVERGED,
    /** The listener asked for it. */
    STOPPED
  }

  /** Steps without a gain in a row after which nothing more is to be gained. */
  public static final int STALLED_STEPS = 10;

  /** Told of every step. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Called after every step.
     *
     * @param outcome the step's outcome, valid during the call
     * @param history everything so far
     * @param seconds the time since the start of the run
     * @return false to stop training
     */
    boolean onStep(StepOutcome outcome, TrainingHistory history, double seconds);
  }

  private final Evaluator evaluator;
  private final Vec best;
  private final TrainingOptions options;
  private final Samples training;
  private final Samples validation;
  private final Batches batches;

  /** Whether every step uses all samples. */
  private final boolean whole;

  private double bestLoss;
  private int sinceBest;
  private long bestStep;

  /**
   * Takes a copy of the parameters and, where batches are smaller than the data, one batch.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param evaluator evaluates on training and validation samples
   * @param parameters the number of parameters
   * @param training the training samples, at least one
   * @param validation the validation samples, or null
   * @param options how long and in which batches
   * @throws IllegalArgumentException if there is no training sample
   */
  public Trainer(
      Workspace workspace,
      Evaluator evaluator,
      int parameters,
      Samples training,
      Samples validation,
      TrainingOptions options) {
    if (training.count() == 0) {
      throw new IllegalArgumentException("training is empty; at least one sample is needed");
    }
    this.evaluator = evaluator;
    this.options = options;
    this.training = training;
    this.validation = validation;
    this.best = Vec.allocate(workspace, parameters, training.x().precision());
    this.batches = new Batches(workspace, training, options.batches(), options.seed());
    this.whole = options.batches().mostRows(training.count()) == 0;
  }

  /**
   * Returns the off-heap memory a trainer takes: a vector of P and, where the batch is smaller than
   * the data, a batch of inputs and targets.
   *
   * @param parameters the number of parameters
   * @param training the training samples
   * @param batch the samples of a step
   * @return bytes
   */
  public static long bytes(int parameters, Samples training, int batch) {
    return Vec.bytes(parameters, training.x().precision())
        + Batches.bytes(training, BatchSchedule.constant(batch));
  }

  /**
   * Trains. The optimiser's parameters are the start and, afterwards, the best found.
   *
   * @param optimizer the optimiser
   * @param listener told of every step
   * @return what happened
   */
  public TrainingRun train(Optimizer optimizer, Listener listener) {
    final long start = System.nanoTime();
    final TrainingHistory history = new TrainingHistory();
    Vec theta = optimizer.parameters();
    bestLoss = Double.POSITIVE_INFINITY;
    sinceBest = 0;
    batches.restart();
    evaluate(theta, history, 0, 0);
    StopReason reason = null;
    int refused = 0;
    long step = 0;
    while (reason == null) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      if (step >= options.maxSteps()) {
        reason = StopReason.STEP_LIMIT;
      } else if (seconds >= options.maxSeconds()) {
        reason = StopReason.TIME_LIMIT;
      } else {
        StepOutcome outcome = step(optimizer);
        step++;
        seconds = (System.nanoTime() - start) * 1e-9;
        history.add(outcome, seconds);
        refused = stalled(outcome) ? refused + 1 : 0;
        if (outcome.status() == StepStatus.NON_FINITE) {
          reason = StopReason.DIVERGED;
        } else if (refused >= STALLED_STEPS
            || outcome.status() == StepStatus.ZERO_GRADIENT && whole) {
          reason = StopReason.CONVERGED;
        }
        if (step % options.evaluateEvery() == 0) {
          evaluate(theta, history, step, seconds);
          if (reason == null && sinceBest >= options.patience() && validation != null) {
            reason = StopReason.EARLY_STOPPING;
          }
        }
        if (!listener.onStep(outcome, history, seconds) && reason == null) {
          reason = StopReason.STOPPED;
        }
      }
    }
    return finish(theta, history, reason, step, (System.nanoTime() - start) * 1e-9);
  }

  /** Refused, or so short that the objective fell by no more than its rounding. */
  private boolean stalled(StepOutcome outcome) {
    double fall = outcome.lossBefore() - outcome.lossAfter();
    double rounding = 4 * best.precision().unitRoundoff() * Math.abs(outcome.lossBefore());
    return !outcome.status().accepted() || fall <= rounding;
  }

  private TrainingRun finish(
      Vec theta, TrainingHistory history, StopReason reason, long step, double seconds) {
    if (step % options.evaluateEvery() != 0) {
      evaluate(theta, history, step, seconds);
    }
    if (validation == null || bestLoss == Double.POSITIVE_INFINITY) {
      // Nothing to choose by, or no evaluation was finite.
      bestStep = step;
    } else {
      Blas.copy(best, theta);
    }
    return new TrainingRun(history, reason, step, seconds, bestStep);
  }

  private StepOutcome step(Optimizer optimizer) {
    batches.next();
    Samples batch = batches.current();
    return batches.same()
        ? optimizer.stepAgain(batch.x(), batch.y())
        : optimizer.step(batch.x(), batch.y());
  }

  private void evaluate(Vec theta, TrainingHistory history, long step, double seconds) {
    Evaluation onTraining = evaluator.evaluate(theta, training);
    Evaluation onValidation = validation == null ? null : evaluator.evaluate(theta, validation);
    history.add(new TrainingHistory.Point(step, seconds, onTraining, onValidation));
    sinceBest++;
    if (onValidation != null && onValidation.loss() < bestLoss) {
      bestLoss = onValidation.loss();
      Blas.copy(theta, best);
      bestStep = step;
      sinceBest = 0;
    }
  }
}
