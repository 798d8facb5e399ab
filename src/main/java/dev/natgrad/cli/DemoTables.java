package dev.natgrad.cli;

import dev.natgrad.demo.Contest.Result;
import dev.natgrad.demo.Curves;
import dev.natgrad.demo.CurvesStudy;
import dev.natgrad.demo.GaussianStudy;
import dev.natgrad.demo.SpiralStudy;
import dev.natgrad.training.TrainingHistory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The demo's results for the terminal, in ASCII, and as JSON. */
final class DemoTables {
  private static final String ROW = "  %-18s %8s %8s %12s %12s %12s %10s %10s%n";

  private DemoTables() {}

  static String gaussian(GaussianStudy study) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%nGaussian: fit (mu, ln sigma) to %d samples; minimum %.5g nats%n",
            study.samples().length,
            study.minimumLoss()));
    text.append(String.format("  %-18s %8s %14s %16s%n", "", "steps", "loss", "steps to 0.001"));
    for (Result result : List.of(study.natural(), study.descent())) {
      long arrival = study.arrival(result);
      text.append(
          String.format(
              Locale.ROOT,
              "  %-18s %8d %14.6g %16s%n",
              result.entrant().name(),
              result.run().steps(),
              result.training().loss(),
              arrival < 0 ? "never" : arrival));
    }
    return text.append(
            String.format(
                "  gradient descent: the best of %d rates, %s%n",
                study.rates().length, study.rate()))
        .toString();
  }

  static String spirals(SpiralStudy study) {
    return table(
        String.format(Locale.ROOT, "Spirals: %s, %.3g s each", study.model(), study.secondsEach()),
        "accuracy",
        study.results(),
        SpiralStudy::accuracy);
  }

  static String curves(CurvesStudy study) {
    return table(
        String.format(
            Locale.ROOT,
            "Curves: %s, %.3g s each; no loss below %.4g is possible",
            study.model(),
            study.secondsEach(),
            study.floor()),
        "sq. error",
        study.results(),
        CurvesStudy::squaredError);
  }

  /** A number made from a result. */
  @FunctionalInterface
  interface Metric {
    double of(Result result);
  }

  private static String table(
      String title, String metricName, List<Result> results, Metric metric) {
    StringBuilder text = new StringBuilder(String.format("%n%s%n", title));
    text.append(
        String.format(
            ROW,
            "",
            "steps",
            "seconds",
            "train loss",
            "test loss",
            metricName,
            "KL max",
            "epsilon"));
    for (Result result : results) {
      TrainingHistory history = result.run().history();
      text.append(
          String.format(
              ROW,
              result.entrant().name(),
              result.run().steps(),
              String.format(Locale.ROOT, "%.1f", result.run().seconds()),
              number(result.training().loss()),
              number(result.test().loss()),
              number(metric.of(result)),
              number(history.largestKl()),
              number(history.largestEpsilon())));
    }
    return text.toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4g", value);
  }

  static Map<String, Object> json(DemoResults results) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seed", results.seed());
    json.put("seconds", results.seconds());
    GaussianStudy gaussian = results.gaussian();
    List<Object> runs = new ArrayList<>();
    for (Result result : List.of(gaussian.natural(), gaussian.descent())) {
      Map<String, Object> run = json(result);
      run.put("steps_to_minimum", gaussian.arrival(result));
      runs.add(run);
    }
    json.put("gaussian", runs);
    json.put("spirals", results.spirals().results().stream().map(DemoTables::spiral).toList());
    json.put("curves", results.curves().results().stream().map(DemoTables::curve).toList());
    return json;
  }

  private static Map<String, Object> spiral(Result result) {
    Map<String, Object> json = json(result);
    json.put("test_loss", result.test().loss());
    json.put("test_accuracy", SpiralStudy.accuracy(result));
    return json;
  }

  private static Map<String, Object> curve(Result result) {
    Map<String, Object> json = json(result);
    json.put("test_loss", result.test().loss());
    json.put("test_squared_error", CurvesStudy.squaredError(result));
    json.put("pixels", Curves.PIXELS);
    return json;
  }

  private static Map<String, Object> json(Result result) {
    TrainingHistory history = result.run().history();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("optimizer", result.entrant().name());
    json.put("steps", result.run().steps());
    json.put("seconds", result.run().seconds());
    json.put("train_loss", result.training().loss());
    json.put("kl_bound", history.largestEpsilon());
    json.put("kl_max", history.largestKl());
    json.put("kl_violations", history.klViolations());
    json.put("accepted", history.accepted());
    json.put("rejected", history.rejected());
    return json;
  }
}
