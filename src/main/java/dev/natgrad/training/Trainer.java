package dev.natgrad.training;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.FirstOrderOptimizer;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Schedule;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Trains until a limit, until the validation loss stops falling, or until the objective does, and
 * leaves the best parameters seen.
 *
 * <p>Without validation samples "best" means last. Batches smaller than the data are drawn by
 * shuffling all samples anew in every epoch; the last, shorter rest of an epoch is left out.
 *
 * <p>Thread rule: the owner of the workspace.
 */
public final class Trainer implements Stateful {
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
     * by more than its rounding, or the gradient is zero. Steps without a gradient on a part of the
     * samples do not count.
     */
    CONVERGED,
    /** The same, but some of those steps had no length whose KL could be shown to be within ε. */
    BELOW_RESOLUTION,
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
  private final Stalling stalling;
  private Consumer<Batches> batchListener = ignored -> {};
  private Checkpointing checkpointing = Checkpointing.NONE;

  /** Null without averaging. */
  private IterateAverage average;

  /** Null where the optimiser's own rate stays. */
  private Schedule learningRate;

  private TrainingHistory history = new TrainingHistory();
  private long step;

  private boolean diverged;
  private boolean converged;
  private double secondsBefore;
  private long start;
  private double bestLoss;
  private int sinceBest;
  private long bestStep;

  /** Whether the best parameters are an average. */
  private boolean bestIsAverage;

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
    this.stalling = new Stalling(training.x().precision().unitRoundoff());
    this.batches = new Batches(workspace, training, options.batches(), options.seed());
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
   * Has the runs from now on leave checkpoints.
   *
   * @param newCheckpointing where and how often
   */
  public void setCheckpointing(Checkpointing newCheckpointing) {
    checkpointing = Objects.requireNonNull(newCheckpointing, "checkpointing");
  }

  /**
   * Has the runs from now on average the parameters: at every evaluation the average is evaluated
   * too, and kept where it is better. Without validation samples the last average is kept where its
   * training loss is lower than that of the last parameters.
   *
   * @param newAverage the average, of as many parameters; null for none
   */
  public void setAverage(IterateAverage newAverage) {
    average = newAverage;
  }

  /**
   * Has the runs from now on tell of every batch before the step on it, so that an objective or a
   * distribution can be told what it needs of it. A step after anything was told (see {@link
   * dev.natgrad.objective.Objective#told()}) begins with the objective as it is then.
   *
   * @param listener given the batches, which are at the one to come; null for none
   */
  public void setBatchListener(Consumer<Batches> listener) {
    batchListener = listener == null ? ignored -> {} : listener;
  }

  /**
   * Has the runs from now on set the learning rate before every step.
   *
   * @param schedule η by step, &gt; 0 at every step; null to leave the optimiser its own
   */
  public void setLearningRate(Schedule schedule) {
    learningRate = schedule;
  }

  /**
   * Trains from the start. The optimiser's parameters are the start and, afterwards, the best
   * found.
   *
   * @param optimizer the optimiser; a {@link FirstOrderOptimizer} where there is a schedule of
   *     learning rates
   * @param listener told of every step
   * @return what happened
   * @throws IllegalArgumentException if the optimiser has another number of parameters, or no
   *     learning rate to set
   */
  public TrainingRun train(Optimizer optimizer, Listener listener) {
    check(optimizer);
    start = System.nanoTime();
    begin(optimizer.parameters());
    return run(optimizer, listener);
  }

  /**
   * Goes on with a run whose state was restored to this trainer and to the optimiser, with the bits
   * of one that never stopped. Its limits count from the start of the first.
   *
   * @param optimizer the optimiser
   * @param listener told of every step
   * @return what happened, before the stop too
   * @throws IllegalArgumentException as {@link #train}
   */
  public TrainingRun resume(Optimizer optimizer, Listener listener) {
    check(optimizer);
    start = System.nanoTime();
    return run(optimizer, listener);
  }

  private void check(Optimizer optimizer) {
    int parameters = optimizer.parameters().length();
    if (parameters != best.length()) {
      throw new IllegalArgumentException(
          "optimizer has "
              + parameters
              + " parameters; the trainer was built for "
              + best.length());
    }
    if (learningRate != null && !(optimizer instanceof FirstOrderOptimizer)) {
      throw new IllegalArgumentException(
          "optimizer is "
              + optimizer.name()
              + ", which has no learning rate; give a FirstOrderOptimizer, or setLearningRate(null)");
    }
  }

  private TrainingRun run(Optimizer optimizer, Listener listener) {
    Vec theta = optimizer.parameters();
    checkpointing.begin(seconds());
    StopReason reason = stop(seconds());
    while (reason == null) {
      batches.next();
      batchListener.accept(batches);
      if (learningRate != null) {
        ((FirstOrderOptimizer) optimizer).setLearningRate(learningRate.at(step));
      }
      Samples batch = batches.current();
      StepOutcome outcome =
          batches.same()
              ? optimizer.stepAgain(batch.x(), batch.y())
              : optimizer.step(batch.x(), batch.y());
      step++;
      double seconds = seconds();
      history.add(outcome, seconds);
      stalling.add(outcome, batch == training);
      diverged = outcome.status() == StepStatus.NON_FINITE;
      converged = outcome.status() == StepStatus.ZERO_GRADIENT && batches.whole();
      if (average != null && !diverged) {
        average.add(theta, step);
      }
      if (step % options.evaluateEvery() == 0) {
        evaluate(theta, seconds);
      }
      boolean goOn = listener.onStep(outcome, history, seconds);
      reason = stop(seconds());
      if (reason != StopReason.DIVERGED
          && checkpointing.due(step, seconds(), reason != null || !goOn)) {
        checkpointing.save(this, optimizer, seconds());
      }
      boolean limited = reason == StopReason.STEP_LIMIT || reason == StopReason.TIME_LIMIT;
      if (!goOn && (reason == null || limited)) {
        reason = StopReason.STOPPED;
      }
    }
    return finish(theta, reason, seconds());
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - start) * 1e-9;
  }

  private void begin(Vec theta) {
    history = new TrainingHistory();
    bestIsAverage = false;
    if (average != null) {
      average.clear();
    }
    bestLoss = Double.POSITIVE_INFINITY;
    bestStep = 0;
    sinceBest = 0;
    step = 0;
    stalling.begin();
    diverged = false;
    converged = false;
    secondsBefore = 0;
    batches.restart();
    evaluate(theta, 0);
  }

  /** Why the run ends here, or null; by the state alone, so that a resumed run ends there too. */
  private StopReason stop(double seconds) {
    boolean evaluated = step % options.evaluateEvery() == 0;
    if (diverged) {
      return StopReason.DIVERGED;
    } else if (converged || stalling.steps() >= STALLED_STEPS) {
      return converged ? StopReason.CONVERGED : history.stalled();
    } else if (evaluated && step > 0 && validation != null && sinceBest >= options.patience()) {
      return StopReason.EARLY_STOPPING;
    } else if (step >= options.maxSteps()) {
      return StopReason.STEP_LIMIT;
    }
    return seconds >= options.maxSeconds() ? StopReason.TIME_LIMIT : null;
  }

  /**
   * {@inheritDoc} To be called between steps, or before a run that is to go on.
   *
   * @throws IllegalArgumentException if what is restored is no order of the training samples
   */
  @Override
  public void exchange(State state) {
    batches.exchange(state.part("batches"));
    step = state.whole("step", step);
    stalling.exchange(state);
    diverged = state.flag("diverged", diverged);
    converged = state.flag("converged", converged);
    secondsBefore = state.number("seconds", seconds());
    start = System.nanoTime();
    bestLoss = state.number("best_loss", bestLoss);
    sinceBest = (int) state.whole("since_best", sinceBest);
    bestStep = state.whole("best_step", bestStep);
    state.vector("best", best);
    bestIsAverage = state.flag("best_is_average", bestIsAverage);
    if (average != null) {
      average.exchange(state.part("average"));
    }
    history.exchange(state.part("history"));
  }

  private TrainingRun finish(Vec theta, StopReason reason, double seconds) {
    if (step % options.evaluateEvery() != 0) {
      evaluate(theta, seconds);
    }
    if (validation == null || bestLoss == Double.POSITIVE_INFINITY) {
      // Nothing to choose by, or no evaluation was finite.
      bestStep = step;
      keepBetterAverage(theta);
    } else {
      Blas.copy(best, theta);
    }
    return new TrainingRun(history, reason, step, seconds, bestStep);
  }

  private void evaluate(Vec theta, double seconds) {
    Evaluation onTraining = evaluator.evaluate(theta, training);
    Evaluation onValidation = validation == null ? null : evaluator.evaluate(theta, validation);
    history.add(new TrainingHistory.Point(step, seconds, onTraining, onValidation));
    sinceBest++;
    if (onValidation != null && onValidation.loss() < bestLoss) {
      keep(theta, onValidation.loss(), false);
    }
    if (onValidation != null && average != null && average.count() > 0) {
      double loss = evaluator.evaluate(average.value(), validation).loss();
      if (loss < bestLoss) {
        keep(average.value(), loss, true);
      }
    }
  }

  private void keep(Vec theta, double loss, boolean isAverage) {
    bestLoss = loss;
    Blas.copy(theta, best);
    bestIsAverage = isAverage;
    bestStep = step;
    sinceBest = 0;
  }

  /** Where there are no validation samples. */
  private void keepBetterAverage(Vec theta) {
    bestIsAverage = false;
    if (validation == null && average != null && average.count() > 0) {
      double last = evaluator.evaluate(theta, training).loss();
      bestIsAverage = evaluator.evaluate(average.value(), training).loss() < last;
      if (bestIsAverage) {
        Blas.copy(average.value(), theta);
      }
    }
  }

  /**
   * Returns the steps made so far by this run, what was restored included.
   *
   * @return at least 0
   */
  public long steps() {
    return step;
  }

  /**
   * Tells what the last run left as the best parameters.
   *
   * @return true if they are an average of those of several steps
   */
  public boolean keptAverage() {
    return bestIsAverage;
  }
}
