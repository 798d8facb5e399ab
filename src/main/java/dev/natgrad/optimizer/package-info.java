/**
 * The natural gradient with a verified KL bound, and the first-order controls it is compared with.
 *
 * <p>Every optimiser minimises the same objective, the mean negative log-likelihood of a batch plus
 * ½·l2·‖θ‖², and reports each step as a {@link dev.natgrad.optimizer.StepOutcome}, never as NaN.
 */
package dev.natgrad.optimizer;
