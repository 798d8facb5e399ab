package dev.natgrad.cli;

import dev.natgrad.training.OptimizerKind;
import dev.natgrad.training.TargetEncoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What decided a run, by the names of the options: what was given, or what held in its place; null
 * where there was no limit or the option had no meaning. The options of the natural gradient are
 * not among them, see {@link NaturalSettings#json}.
 */
final class SettingsJson {
  private SettingsJson() {}

  static Map<String, Object> of(TrainSettings settings, TrainingSetup setup) {
    boolean natural = settings.optimizer == OptimizerKind.NATURAL_GRADIENT;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("header", setup.data.table().hasHeader() ? "yes" : "no");
    json.put("target", settings.target);
    json.put("ignore", settings.ignore);
    json.put("distribution", distribution(setup.data.targets()));
    json.put("objective", objective(settings.objective));
    network(json, settings.network);
    json.put("optimizer", settings.optimizer.spelling());
    json.put("epsilon", natural ? orAuto(settings.epsilon) : null);
    json.put("learning_rate", setup.learningRate);
    json.put("decay", settings.decay);
    json.put(
        "batch", settings.batch == TrainSettings.GROW ? "grow" : (Object) setup.options.batch());
    json.put("chunk", settings.chunk == 0 ? null : settings.chunk);
    json.put("seconds", settings.seconds);
    json.put("steps", limit(settings.steps));
    json.put("epochs", limit(settings.epochs));
    boolean stopsEarly = settings.validationFraction > 0;
    json.put("patience", stopsEarly ? setup.options.patience() : null);
    json.put("test_fraction", settings.testFraction);
    json.put("validation_fraction", settings.validationFraction);
    json.put("l2", settings.l2);
    json.put("no_standardize", !settings.standardize);
    json.put("precision", Texts.lower(settings.precision));
    json.put("seed", settings.seed);
    json.put("average", average(settings.average));
    return json;
  }

  private static void network(Map<String, Object> json, NetworkSettings network) {
    boolean hidden = !network.hidden().isEmpty();
    boolean plain = hidden && network.blocks() == 0;
    json.put(
        "hidden",
        hidden
            ? network.hidden().stream().map(String::valueOf).collect(Collectors.joining(","))
            : "none");
    json.put("activation", hidden ? network.activation().label() : null);
    json.put("residual", network.blocks() == 0 ? null : network.blocks());
    json.put("normalization", plain ? NaturalSettings.spelling(network.normalization()) : null);
  }

  private static String distribution(TargetEncoder targets) {
    String name = targets.kind().spelling();
    return targets.kind().hasParameter() ? name + ":" + targets.parameter() : name;
  }

  private static String objective(ObjectiveSettings objective) {
    String name = NaturalSettings.spelling(objective.kind());
    return objective.columns().isEmpty()
        ? name
        : name + ":" + String.join(",", objective.columns());
  }

  private static Object average(double average) {
    return Double.isNaN(average) ? "off" : average == 1 ? "all" : (Object) average;
  }

  private static Object orAuto(double value) {
    return Double.isNaN(value) ? "auto" : (Object) value;
  }

  private static Long limit(long most) {
    return most == Long.MAX_VALUE ? null : most;
  }
}
