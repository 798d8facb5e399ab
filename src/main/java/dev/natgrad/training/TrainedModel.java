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
import dev.natgrad.model.LayeredFreeOutputs;
import dev.natgrad.model.LayeredModel;
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
 * @param parameters θ, in the order of the network's layout, and after it the outputs that are
 *     parameters; in F32 every number is a float
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
   * @throws DataException if the network's inputs are not the encoder's, its outputs not those of
   *     the targets that are functions of the inputs, there are other targets than the features
   *     leave out, or more or fewer parameters than it has, or one is not finite or no float where
   *     the precision is F32
   */
  public TrainedModel {
    require(network.inputs(), features.width(), "inputs", "the columns give");
    int functions = targets.outputs() - targets.freeOutputs();
    require(network.outputs(), functions, "outputs", "the target needs");
    int own = parameters.length - targets.freeOutputs();
    require(network.parameters(), own, "parameters", "there are");
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

  /**
   * Returns the name of the targets' distribution, which tells a Gaussian whose rows share their
   * log-variances from one whose rows have their own.
   *
   * @param targets the targets
   * @return such as {@code categorical}
   */
  public static String distributionName(TargetEncoder targets) {
    return targets.freeOutputs() > 0 ? targets.kind().spelling() : distribution(targets).name();
  }

  private static void require(int network, int given, String what, String source) {
    if (network != given) {
      throw new DataException(
          "the network has " + network + " " + what + " and " + source + " " + given);
    }
  }

  /**
   * Returns the network with the outputs that are parameters.
   *
   * @return the model that {@link #parameters} are of
   */
  public LayeredModel model() {
    return model(network, targets);
  }

  /**
   * Returns a network with the outputs that are parameters.
   *
   * @param network what the targets' other outputs are
   * @param targets the targets
   * @return the network itself where there are none
   */
  public static LayeredModel model(Mlp network, TargetEncoder targets) {
    int free = targets.freeOutputs();
    return free == 0 ? network : new LayeredFreeOutputs(network, free);
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
      case DIAGONAL_GAUSSIAN, SHARED_GAUSSIAN -> new DiagonalGaussian(targets.width());
      case POISSON -> new Poisson(targets.outputs());
      case NEGATIVE_BINOMIAL -> new NegativeBinomial(targets.outputs(), targets.parameter());
      case GAMMA -> new Gamma(targets.outputs(), targets.parameter());
      case AUTO -> throw new IllegalArgumentException("targets has no kind; fit it to a target");
    };
  }
}
