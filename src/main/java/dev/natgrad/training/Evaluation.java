package dev.natgrad.training;

/**
 * How a model does on a set of samples.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param loss the mean negative log-likelihood in nats, without any penalty
 * @param accuracy the share of samples whose most probable class is the target's, over all choices
 *     where a sample makes several; NaN where the targets are not classes
 * @param rmse the root of the mean squared error of the mean prediction, over samples and outputs,
 *     in the units of the encoded targets
 */
public record Evaluation(double loss, double accuracy, double rmse) {}
