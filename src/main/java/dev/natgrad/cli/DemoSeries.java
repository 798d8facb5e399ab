package dev.natgrad.cli;

import dev.natgrad.demo.Contest.Result;
import dev.natgrad.demo.GaussianStudy;
import dev.natgrad.report.ContourPath;
import dev.natgrad.report.ContourScene;
import dev.natgrad.report.KlEllipse;
import dev.natgrad.report.RunSeries;
import dev.natgrad.report.RunSummary;
import dev.natgrad.report.StepTrace;
import dev.natgrad.training.TrainingHistory;
import java.util.ArrayList;
import java.util.List;

/** The demo's runs as the report draws them. */
final class DemoSeries {
  private static final int GRID_X = 141;
  private static final int GRID_Y = 111;

  /** Empty room around the paths, in units of each parameter. */
  private static final double MARGIN = 0.45;

  private DemoSeries() {}

  static RunSummary summary(Result result, double metric) {
    TrainingHistory history = result.run().history();
    boolean bounded = !Double.isNaN(history.largestEpsilon());
    return new RunSummary(
        result.entrant().name(),
        result.run().steps(),
        result.run().seconds(),
        result.training().loss(),
        result.test() == null ? Double.NaN : result.test().loss(),
        metric,
        bounded ? history.accepted() : -1,
        bounded ? history.rejected() : -1,
        history.largestKl(),
        history.largestEpsilon());
  }

  static List<RunSeries> series(List<Result> results) {
    return results.stream().map(DemoSeries::series).toList();
  }

  private static RunSeries series(Result result) {
    List<TrainingHistory.Point> points = result.run().history().points();
    double[] step = new double[points.size()];
    double[] seconds = new double[points.size()];
    double[] loss = new double[points.size()];
    for (int i = 0; i < points.size(); i++) {
      step[i] = points.get(i).step();
      seconds[i] = points.get(i).seconds();
      loss[i] = points.get(i).training().loss();
    }
    return new RunSeries(result.entrant().name(), step, seconds, loss, new double[0]);
  }

  static StepTrace trace(Result result) {
    List<TrainingHistory.Step> steps = result.run().history().steps();
    int n = steps.size();
    double[] step = new double[n];
    double[] kl = new double[n];
    double[] epsilon = new double[n];
    boolean[] accepted = new boolean[n];
    int[] iterations = new int[n];
    double[] lambda = new double[n];
    String[] outcomes = new String[n];
    for (int i = 0; i < n; i++) {
      step[i] = steps.get(i).step();
      kl[i] = steps.get(i).kl();
      epsilon[i] = steps.get(i).epsilon();
      accepted[i] = steps.get(i).status().accepted();
      iterations[i] = steps.get(i).cgIterations();
      lambda[i] = steps.get(i).lambda();
      outcomes[i] = RunReport.words(steps.get(i).status());
    }
    String name = result.entrant().name();
    return new StepTrace(name, step, kl, epsilon, accepted, iterations, lambda, outcomes);
  }

  static ContourScene scene(GaussianStudy study) {
    List<double[]> natural = untilArrival(study, study.natural());
    List<double[]> descent = untilArrival(study, study.descent());
    double[] low = study.minimum().clone();
    double[] high = study.minimum().clone();
    for (List<double[]> path : List.of(natural, descent)) {
      for (double[] point : path) {
        for (int k = 0; k < 2; k++) {
          low[k] = Math.min(low[k], point[k]);
          high[k] = Math.max(high[k], point[k]);
        }
      }
    }
    double[] x = grid(low[0] - MARGIN, high[0] + MARGIN, GRID_X);
    double[] y = grid(low[1] - MARGIN, high[1] + MARGIN, GRID_Y);
    double[] loss = new double[x.length * y.length];
    for (int i = 0; i < loss.length; i++) {
      loss[i] = GaussianStudy.loss(study.samples(), x[i % x.length], y[i / x.length]);
    }
    List<KlEllipse> ellipses = new ArrayList<>();
    for (int i = 0; i < natural.size(); i += 2) {
      double[] point = natural.get(i);
      double precision = Math.exp(-2 * point[1]);
      ellipses.add(new KlEllipse(point[0], point[1], precision, 0, 2, GaussianStudy.EPSILON));
    }
    return new ContourScene(
        "Fitting N(μ, σ²): two paths over the loss, and equal-KL ellipses along one of them",
        "μ",
        "ln σ",
        x,
        y,
        loss,
        new double[0],
        study.minimum()[0],
        study.minimum()[1],
        List.of(
            path(study.natural().entrant().name(), natural),
            path(study.descent().entrant().name(), descent)),
        ellipses);
  }

  /** The part of a path that is worth drawing: once there, a run only trembles. */
  private static List<double[]> untilArrival(GaussianStudy study, Result result) {
    long arrival = study.arrival(result);
    List<double[]> path = result.path();
    return arrival < 0 ? path : path.subList(0, (int) Math.min(path.size(), arrival + 1));
  }

  private static ContourPath path(String name, List<double[]> points) {
    return new ContourPath(
        name,
        points.stream().mapToDouble(p -> p[0]).toArray(),
        points.stream().mapToDouble(p -> p[1]).toArray());
  }

  private static double[] grid(double from, double to, int count) {
    double[] grid = new double[count];
    for (int i = 0; i < count; i++) {
      grid[i] = from + (to - from) * i / (count - 1);
    }
    return grid;
  }
}
