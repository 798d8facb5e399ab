package dev.natgrad.serving;

import dev.natgrad.optimizer.StepOutcome;

/**
 * What one run of an {@link Updater} did. Each updater owns one and overwrites it at its next run;
 * read what you want to keep.
 *
 * <p>Thread rule: the thread that updates.
 */
public final class UpdateOutcome {
  UpdateStatus status = UpdateStatus.IDLE;
  StepOutcome step;
  PublishStatus publish;
  double drift;
  int samples;
  int attempts;

  UpdateOutcome() {}

  void clear() {
    status = UpdateStatus.IDLE;
    step = null;
    publish = null;
    drift = Double.NaN;
    samples = 0;
    attempts = 0;
  }

  /**
   * Returns what was done.
   *
   * @return the status; {@link UpdateStatus#IDLE} before the first run
   */
  public UpdateStatus status() {
    return status;
  }

  /**
   * Returns how the optimiser's last step ended, valid until the next.
   *
   * @return the outcome; null if no step was tried
   */
  public StepOutcome step() {
    return step;
  }

  /**
   * Returns how the publish ended.
   *
   * @return the status; null if this run published nothing
   */
  public PublishStatus publish() {
    return publish;
  }

  /**
   * Returns the measured drift of the last candidate, its rounding bound included.
   *
   * @return KL(reference‖now) in nats; NaN without drift control or if nothing was measured
   */
  public double drift() {
    return drift;
  }

  /**
   * Returns the samples of the step's batch.
   *
   * @return a count; 0 if no step was tried
   */
  public int samples() {
    return samples;
  }

  /**
   * Returns how many steps were tried, each undone but the last.
   *
   * @return a count; above 1 only where the drift budget made ε smaller
   */
  public int attempts() {
    return attempts;
  }

  @Override
  public String toString() {
    return status
        + ": "
        + attempts
        + " attempts, drift "
        + drift
        + ", publish "
        + publish
        + ", step "
        + step;
  }
}
