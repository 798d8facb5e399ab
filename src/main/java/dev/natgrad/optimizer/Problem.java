package dev.natgrad.optimizer;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.memory.Precision;
import dev.natgrad.model.Model;
import dev.natgrad.objective.NegativeLogLikelihood;
import dev.natgrad.objective.Objective;
import java.util.Objects;

/**
 * What is to be minimised, and in which size and precision: an objective of the outputs, such as
 * the mean over the batch of −log P(y | f(θ, x)), plus ½·l2·‖θ‖².
 *
 * <p>Immutable; the thread rules of its parts apply.
 *
 * @param model f, from parameters and inputs to the distribution's outputs z
 * @param distribution P(y | z), whose Fisher matrix and KL divergence measure steps
 * @param objective the function of the outputs
 * @param maxBatch the largest number of samples in a step, at least 1
 * @param precision the format of parameters, inputs, targets and all work
 * @param l2 the weight of the penalty, finite and ≥ 0
 */
public record Problem(
    Model model,
    OutputDistribution distribution,
    Objective objective,
    int maxBatch,
    Precision precision,
    double l2) {
  /**
   * The problem of maximum likelihood.
   *
   * @param model f, from parameters and inputs to the distribution's outputs z
   * @param distribution P(y | z), whose mean negative log-likelihood is the objective
   * @param maxBatch the largest number of samples in a step, at least 1
   * @param precision the format of parameters, inputs, targets and all work
   * @param l2 the weight of the penalty, finite and ≥ 0
   */
  public Problem(
      Model model, OutputDistribution distribution, int maxBatch, Precision precision, double l2) {
    this(model, distribution, new NegativeLogLikelihood(distribution), maxBatch, precision, l2);
  }

  /**
   * Checks that the parts fit.
   *
   * @throws IllegalArgumentException if the model's outputs are not the distribution's, the batch
   *     is below 1 or l2 is negative or not finite
   */
  public Problem {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(distribution, "distribution");
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(precision, "precision");
    if (model.outputs() != distribution.outputs()) {
      throw new IllegalArgumentException(
          "the model has "
              + model.outputs()
              + " outputs; the distribution "
              + distribution.name()
              + " needs "
              + distribution.outputs());
    }
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + "; it must be ≥ 1");
    }
    if (!(l2 >= 0) || l2 > Double.MAX_VALUE) {
      throw new IllegalArgumentException("l2 is " + l2 + "; it must be finite and ≥ 0");
    }
  }
}
