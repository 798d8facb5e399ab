package dev.natgrad.cli;

import dev.natgrad.memory.Precision;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.training.DataSet;
import dev.natgrad.training.Evaluation;
import dev.natgrad.training.OptimizerKind;
import dev.natgrad.training.TrainedModel;
import dev.natgrad.training.Trainer;
import dev.natgrad.training.TrainingHistory;
import dev.natgrad.training.TrainingRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A finished run with its parameters' evaluations, as text and as JSON values. */
final class TrainResult {
  private static final int SHOWN_TARGETS = 10;

  final TrainingRun run;
  final Evaluation training;

  /** Null without validation samples. */
  final Evaluation validation;

  /** Null without test samples. */
  final Evaluation test;

  /** Of each target on the samples of training, validation and test; null without samples. */
  private final double[] trainingOfTargets;

  private final double[] validationOfTargets;
  private final double[] testOfTargets;

  /** Empty where they were not asked for; the last is of the parameters kept. */
  final List<Look> looks;

  private final TrainSettings settings;
  private final TrainingSetup setup;

  TrainResult(TrainSettings settings, TrainingSetup setup, TrainingRun run) {
    this.settings = settings;
    this.setup = setup;
    this.run = run;
    this.training = setup.onTraining();
    this.trainingOfTargets = setup.metricsOfTargets();
    this.validation = setup.onValidation();
    this.validationOfTargets = validation == null ? null : setup.metricsOfTargets();
    this.test = setup.onTest();
    this.testOfTargets = test == null ? null : setup.metricsOfTargets();
    this.looks = setup.looks(run);
  }

  private boolean classes() {
    return setup.data.targets().predictsClasses();
  }

  private boolean natural() {
    return settings.optimizer == OptimizerKind.NATURAL_GRADIENT;
  }

  private String metricName() {
    return classes() ? "accuracy" : "rmse";
  }

  private boolean severalTargets() {
    return trainingOfTargets.length > 1;
  }

  /**
   * Accuracy, or the error in the target's units, over several targets in units of their
   * deviations; NaN without samples.
   */
  double metric(Evaluation evaluation) {
    if (evaluation == null) {
      return Double.NaN;
    }
    if (classes()) {
      return evaluation.accuracy();
    }
    double unit = severalTargets() ? 1 : setup.data.targets().columns().get(0).deviation();
    return evaluation.rmse() * unit;
  }

  /** The metric as a heading. */
  String metricHeading() {
    return classes() ? "Test accuracy" : "Test RMSE";
  }

  /** The loss and its unit, for an axis. */
  String lossName() {
    return policy() ? "loss, minus the mean advantage" : "loss, nats a row";
  }

  private boolean policy() {
    return settings.objective.kind() == ObjectiveSettings.Kind.POLICY;
  }

  static double loss(Evaluation evaluation) {
    return evaluation == null ? Double.NaN : evaluation.loss();
  }

  /** The lines shown when training has ended. */
  List<String> summary() {
    TrainingHistory history = run.history();
    List<String> lines = new ArrayList<>();
    lines.add("stopped      " + stopped());
    lines.add(
        String.format(
            Locale.ROOT,
            "steps        %d in %.2f s, %.1f a second; kept the parameters after step %d",
            run.steps(),
            run.seconds(),
            run.steps() / Math.max(run.seconds(), 1e-9),
            run.bestStep()));
    if (run.bestStep() == 0) {
      lines.add(
          "note         the model is untrained: "
              + (run.steps() == 0
                  ? "there was no time for a step; give more --seconds"
                  : "no step made the validation loss better; " + untrained()));
    }
    lines.add(
        "loss         "
            + each(Evaluation::loss)
            + (policy() ? " (minus the mean advantage)" : " (nats a row)"));
    lines.add(String.format("%-12s ", metricName()) + each(this::metric));
    if (severalTargets()) {
      ofTargets(lines);
    }
    if (natural()) {
      lines.add(
          "steps taken  "
              + history.accepted()
              + ", "
              + history.count(StepStatus.SHORTENED)
              + " of them shortened; refused "
              + history.rejected()
              + refusals());
      if (history.accepted() > 0) {
        lines.add(
            "KL of a step "
                + Texts.number(history.largestKl())
                + " at most, bound "
                + Texts.number(klBound())
                + " nats; violations "
                + history.klViolations());
      }
      long unmeasured =
          history.count(StepStatus.BELOW_RESOLUTION) + history.count(StepStatus.REJECTED_KL);
      if (unmeasured > history.accepted()
          || run.stopReason() == Trainer.StopReason.BELOW_RESOLUTION) {
        lines.add(unresolved());
      }
    }
    if (!looks.isEmpty()) {
      lines.addAll(DiagnosticsText.lines(looks.get(looks.size() - 1).found()));
    }
    return lines;
  }

  private String untrained() {
    return natural()
        ? "the features may tell nothing of the target"
        : "give a lower --learning-rate than " + setup.learningRate;
  }

  private String unresolved() {
    boolean single = settings.precision == Precision.F32;
    return "note         the KL of most steps could not be shown to be within its bound, as where"
        + " rounding of the outputs hides it; take "
        + (single ? "--precision f64, " : "")
        + "fewer layers or another --epsilon";
  }

  private void ofTargets(List<String> lines) {
    List<String> names = setup.data.target().names();
    for (int c = 0; c < Math.min(names.size(), SHOWN_TARGETS); c++) {
      StringBuilder line = new StringBuilder("  of ").append(Texts.quoted(names.get(c)));
      line.append(": train ").append(Texts.number(trainingOfTargets[c]));
      if (validation != null) {
        line.append(", validation ").append(Texts.number(validationOfTargets[c]));
      }
      if (test != null) {
        line.append(", test ").append(Texts.number(testOfTargets[c]));
      }
      lines.add(line.toString());
    }
    if (names.size() > SHOWN_TARGETS) {
      lines.add("  of " + (names.size() - SHOWN_TARGETS) + " more: in the results of --json");
    }
  }

  private Map<String, Object> ofTargets(double[] metrics) {
    List<String> names = setup.data.target().names();
    Map<String, Object> json = new LinkedHashMap<>();
    for (int c = 0; c < names.size(); c++) {
      json.put(names.get(c), metrics == null ? Double.NaN : metrics[c]);
    }
    return json;
  }

  private interface Figure {
    double of(Evaluation evaluation);
  }

  private String each(Figure figure) {
    StringBuilder text = new StringBuilder("train " + show(figure, training));
    if (validation != null) {
      text.append(", validation ").append(show(figure, validation));
    }
    if (test != null) {
      text.append(", test ").append(show(figure, test));
    }
    return text.toString();
  }

  private static String show(Figure figure, Evaluation evaluation) {
    return Texts.number(figure.of(evaluation));
  }

  private String refusals() {
    Map<String, Object> counts = new LinkedHashMap<>();
    rejections().forEach((reason, count) -> counts.put(reason.replace('_', ' '), count));
    counts.values().removeIf(count -> count.equals(0L));
    return counts.isEmpty() ? "" : " " + counts.toString().replace("{", "(").replace("}", ")");
  }

  private Map<String, Object> rejections() {
    Map<String, Object> counts = new LinkedHashMap<>();
    for (StepStatus status : StepStatus.values()) {
      if (!status.accepted()) {
        counts.put(Texts.lower(status), run.history().count(status));
      }
    }
    return counts;
  }

  private String stopped() {
    return switch (run.stopReason()) {
      case STEP_LIMIT -> "at the step limit";
      case TIME_LIMIT -> "at the time limit of " + Texts.number(settings.seconds) + " s";
      case EARLY_STOPPING ->
          "early: no better validation loss in " + setup.options.patience() + " evaluations";
      case CONVERGED -> "converged: no step lowers the loss any more";
      case BELOW_RESOLUTION ->
          "below resolution: no step's KL could be shown to be within its bound";
      case DIVERGED -> "diverged: the loss became infinite; " + remedy();
      case STOPPED -> "on request";
    };
  }

  /** What helps against divergence, of that which was not done already. */
  String remedy() {
    if (!natural()) {
      return "give a lower --learning-rate than " + setup.learningRate;
    }
    List<String> ways = new ArrayList<>();
    if (policy()) {
      ways.add("check the log-probabilities of --objective");
    }
    if (!settings.standardize) {
      ways.add("leave out --no-standardize");
    }
    if (settings.precision == Precision.F32) {
      ways.add("take --precision f64");
    }
    return ways.isEmpty() ? "give a smaller --epsilon" : String.join(", or ", ways);
  }

  /** The given ε; under auto the largest in force; NaN for the controls. */
  double klBound() {
    if (!natural()) {
      return Double.NaN;
    }
    return Double.isNaN(settings.epsilon) ? run.history().largestEpsilon() : settings.epsilon;
  }

  /** Everything, without the history: what a model file keeps. */
  Map<String, Object> json() {
    TrainingHistory history = run.history();
    DataSet data = setup.data;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", Version.text());
    json.put("optimizer", settings.optimizer.spelling());
    json.put("distribution", TrainedModel.distributionName(data.targets()));
    json.put("objective", NaturalSettings.spelling(settings.objective.kind()));
    json.put("target", String.join(",", data.target().names()));
    json.put("network", setup.network.toString());
    json.put("inputs", setup.network.inputs());
    json.put("outputs", setup.model.outputs());
    json.put("parameters", setup.model.parameters());
    json.put("train_samples", data.split().training().length);
    json.put("validation_samples", data.split().validation().length);
    json.put("test_samples", data.split().test().length);
    json.put("seed", settings.seed);
    json.put("precision", Texts.lower(settings.precision));
    json.put("batch", setup.options.batch());
    json.put("l2", settings.l2);
    json.put("learning_rate", setup.learningRate);
    json.put("steps", run.steps());
    json.put("best_step", run.bestStep());
    json.put("seconds", run.seconds());
    json.put("stop_reason", Texts.lower(run.stopReason()));
    json.put("train_loss", loss(training));
    json.put("validation_loss", loss(validation));
    json.put("test_loss", loss(test));
    json.put("train_" + metricName(), metric(training));
    json.put("validation_" + metricName(), metric(validation));
    json.put("test_" + metricName(), metric(test));
    if (severalTargets()) {
      json.put("train_" + metricName() + "_of_targets", ofTargets(trainingOfTargets));
      json.put("validation_" + metricName() + "_of_targets", ofTargets(validationOfTargets));
      json.put("test_" + metricName() + "_of_targets", ofTargets(testOfTargets));
    }
    json.put("epsilon", !natural() ? null : Double.isNaN(settings.epsilon) ? "auto" : "given");
    json.put("natural_gradient", natural() ? NaturalSettings.json(setup.natural) : null);
    json.put("settings", SettingsJson.of(settings, setup));
    json.put("average_kept", setup.keptAverage());
    json.put("kl_bound", klBound());
    json.put("kl_max", natural() ? history.largestKl() : Double.NaN);
    json.put("kl_violations", natural() ? history.klViolations() : null);
    json.put("accepted", history.accepted());
    json.put("shortened", history.count(StepStatus.SHORTENED));
    json.put("rejected", history.rejected());
    json.put("rejected_by_reason", rejections());
    long iterations = history.steps().stream().mapToLong(TrainingHistory.Step::cgIterations).sum();
    json.put("cg_iterations", natural() ? iterations : null);
    return json;
  }

  /** {@link #json} and the course of the losses. */
  Map<String, Object> jsonWithHistory() {
    Map<String, Object> json = json();
    List<Object> points = new ArrayList<>();
    for (TrainingHistory.Point point : run.history().points()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("step", point.step());
      entry.put("seconds", point.seconds());
      entry.put("train_loss", loss(point.training()));
      entry.put("validation_loss", loss(point.validation()));
      points.add(entry);
    }
    json.put("history", points);
    if (!looks.isEmpty()) {
      json.put("diagnostics", DiagnosticsText.json(looks, run.history()));
    }
    return json;
  }
}
