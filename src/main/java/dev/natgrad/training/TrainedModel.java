package dev.natgrad.training;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.memory.Precision;
import dev.natgrad.model.Mlp;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network with its parameters and everything needed to apply it to a table. Immutable but for the
 * array of parameters, which is not copied; any thread may read it.
 *
 * @param network the network
 * @param precision the format it was trained in and is evaluated in
 * @param features columns to inputs
 * @param targets outputs to the targets
 * @param parameters θ, in the order of the network's layout; in F32 every number is a float
 * @param summary what training reported, as JSON values
 */
public record TrainedModel(
    Mlp network,
    Precision precision,
    FeatureEncoder features,
    TargetEncoder targets,
    double[] parameters,
    Map<String, Object> summary) {
  /**
   * Checks that the parts fit each other.
   *
   * @throws DataException if the network's inputs are not the encoder's, its outputs not the
   *     targets', there are other targets than the features leave out, or more or fewer parameters
   *     than it has, or one is not finite or no float where the precision is F32
   */
  public TrainedModel {
    require(network.inputs(), features.width(), "inputs", "the columns give");
    require(network.outputs(), targets.outputs(), "outputs", "the target needs");
    require(network.parameters(), parameters.length, "parameters", "there are");
    if (features.targets() != targets.columns().size()) {
      throw new DataException(
          "the features leave out "
              + features.targets()
              + " target columns and there are "
              + targets.columns().size());
    }
    for (int i = 0; i < parameters.length; i++) {
      boolean exact = precision == Precision.F64 || (float) parameters[i] == parameters[i];
      if (!Double.isFinite(parameters[i]) || !exact) {
        throw new DataException(
            "parameter "
                + i
                + " is "
                + parameters[i]
                + "; it must be a finite number of format "
                + precision);
      }
    }
    summary = Collections.unmodifiableMap(new LinkedHashMap<>(summary));
  }

  private static void require(int network, int given, String what, String source) {
    if (network != given) {
      throw new DataException(
          "the network has " + network + " " + what + " and " + source + " " + given);
    }
  }

  /**
   * Returns the distribution of the targets given a network's outputs.
   *
   * @param targets the targets
   * @return the distribution of its kind; Gaussian with variance 1 in standardised units
   */
  public static OutputDistribution distribution(TargetEncoder targets) {
    return switch (targets.kind()) {
      case CATEGORICAL ->
          targets.columns().size() == 1
              ? new Categorical(targets.outputs())
              : new Categoricals(targets.widths());
      case BERNOULLI -> new Bernoulli(targets.outputs());
      case GAUSSIAN -> new Gaussian(targets.outputs());
      case DIAGONAL_GAUSSIAN -> new DiagonalGaussian(targets.width());
      case POISSON -> new Poisson(targets.outputs());
      case NEGATIVE_BINOMIAL -> new NegativeBinomial(targets.outputs(), targets.parameter());
      case GAMMA -> new Gamma(targets.outputs(), targets.parameter());
      case AUTO -> throw new IllegalArgumentException("targets has no kind; fit it to a target");
    };
  }
}
