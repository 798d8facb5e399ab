package dev.natgrad.training;

/**
 * A finished training run. Thread rule: the history's.
 *
 * @param history every step and evaluation
 * @param stopReason why it ended
 * @param steps the steps made
 * @param seconds the time it took, evaluations included
 * @param bestStep the number of steps after which the parameters that were kept had been reached
 */
public record TrainingRun(
    TrainingHistory history,
    Trainer.StopReason stopReason,
    long steps,
    double seconds,
    long bestStep) {}
