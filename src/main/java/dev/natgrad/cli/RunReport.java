package dev.natgrad.cli;

import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.report.Report;
import dev.natgrad.report.RunSeries;
import dev.natgrad.report.RunSummary;
import dev.natgrad.report.StepTrace;
import dev.natgrad.training.TrainingHistory;
import dev.natgrad.training.TrainingRun;
import java.util.Comparator;
import java.util.List;

/** Turns a finished run into what the report draws. */
final class RunReport {
  /** Columns of the console in which a line's name stands. */
  private static final int NAME = 13;

  private RunReport() {}

  /**
   * The run's row of the comparison table.
   *
   * @param name the run's name in every figure
   * @param run the run
   * @param trainLoss at the parameters kept
   * @param testLoss at the parameters kept, or NaN
   * @param metric accuracy or error on the test samples, or NaN
   */
  static RunSummary summary(
      String name, TrainingRun run, double trainLoss, double testLoss, double metric) {
    TrainingHistory history = run.history();
    double bound = history.largestEpsilon();
    if (Double.isNaN(bound)) {
      return RunSummary.control(name, run.steps(), run.seconds(), trainLoss, testLoss, metric);
    }
    return new RunSummary(
        name,
        run.steps(),
        run.seconds(),
        trainLoss,
        testLoss,
        metric,
        history.accepted(),
        history.rejected(),
        history.largestKl(),
        bound);
  }

  /** The run's curves: training and, where there is one, validation loss. */
  static RunSeries series(String name, TrainingRun run) {
    List<TrainingHistory.Point> points = run.history().points();
    return new RunSeries(
        name,
        points.stream().mapToDouble(TrainingHistory.Point::step).toArray(),
        points.stream().mapToDouble(TrainingHistory.Point::seconds).toArray(),
        points.stream().mapToDouble(point -> TrainResult.loss(point.training())).toArray(),
        points.get(0).validation() == null
            ? new double[0]
            : points.stream().mapToDouble(p -> TrainResult.loss(p.validation())).toArray());
  }

  /** Every step's KL, bound, iterations and damping. */
  static StepTrace trace(String name, TrainingRun run) {
    List<TrainingHistory.Step> steps = run.history().steps();
    boolean[] accepted = new boolean[steps.size()];
    for (int i = 0; i < accepted.length; i++) {
      accepted[i] = steps.get(i).status().accepted();
    }
    return new StepTrace(
        name,
        steps.stream().mapToDouble(TrainingHistory.Step::step).toArray(),
        steps.stream().mapToDouble(TrainingHistory.Step::kl).toArray(),
        steps.stream().mapToDouble(TrainingHistory.Step::epsilon).toArray(),
        accepted,
        steps.stream().mapToInt(TrainingHistory.Step::cgIterations).toArray(),
        steps.stream().mapToDouble(TrainingHistory.Step::lambda).toArray(),
        steps.stream().map(step -> words(step.status())).toArray(String[]::new));
  }

  /** A status as the table of steps says it. */
  static String words(StepStatus status) {
    return Texts.lower(status).replace('_', ' ');
  }

  /** A line of the console, its column of names ended by a colon; an indented one has its own. */
  private static String sentence(String line) {
    return line.charAt(NAME - 1) == ' ' && !line.startsWith(" ")
        ? line.substring(0, NAME).strip() + ": " + line.substring(NAME)
        : line.strip();
  }

  /**
   * The page about one training run.
   *
   * @param title the page's heading
   * @param name the optimiser
   * @param settled lines on what was settled beforehand
   * @param result the run
   */
  static Report of(String title, String name, List<String> settled, TrainResult result) {
    TrainingRun run = result.run;
    Report.Builder page = Report.builder(title);
    settled.forEach(line -> page.paragraph(sentence(line)));
    page.section("Result");
    double trainLoss = TrainResult.loss(result.training);
    double testLoss = TrainResult.loss(result.test);
    page.comparison(
        "The parameters kept, after step " + run.bestStep(),
        result.metricHeading(),
        List.of(summary(name, run, trainLoss, testLoss, result.metric(result.test))));
    result.summary().forEach(line -> page.paragraph(sentence(line)));
    page.section("Loss");
    page.losses(result.lossName(), "validation", List.of(series(name, run)));
    if (!Double.isNaN(run.history().largestEpsilon())) {
      page.section("Steps");
      page.trace(trace(name, run));
    }
    if (!result.looks.isEmpty()) {
      page.section("Curvature");
      page.spectrum(
          result.looks.stream()
              .sorted(Comparator.comparingLong(Look::step))
              .map(DiagnosticsText::look)
              .toList());
    }
    return page.build();
  }
}
