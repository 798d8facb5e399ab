package dev.natgrad.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Loss against steps and against seconds, every run in both. */
final class LossFigure {
  private static final double WIDTH = 480;
  private static final double HEIGHT = 340;

  /** A range this wide hides its lower part on a linear scale. */
  private static final double LOG_RATIO = 20;

  private static final int TABLE_ROWS = 8;

  private final String lossName;
  private final String heldOut;
  private final List<RunSeries> runs;
  private final StringBuilder notes = new StringBuilder();

  private LossFigure(String lossName, String heldOut, List<RunSeries> runs) {
    this.lossName = lossName;
    this.heldOut = heldOut;
    this.runs = runs;
  }

  static void draw(Page page, String lossName, String heldOut, List<RunSeries> runs) {
    new LossFigure(lossName, heldOut, runs).draw(page);
  }

  private void draw(Page page) {
    page.beginFigure();
    page.beginLegend();
    runs.forEach(run -> page.runLegend(run.name()));
    boolean tested = runs.stream().anyMatch(run -> run.testLoss().length > 0);
    if (tested) {
      page.legend("line ink", "M1 7H29", "training");
      page.legend("line dashed ink", "M1 7H29", heldOut);
    }
    page.endLegend();
    Axis y = lossAxis();
    page.out().open("div", "class", "pair");
    chart(page, "steps", y);
    chart(page, "seconds", y);
    page.out().close();
    gaps();
    page.endFigure(
        "Loss against steps and against wall time. " + notes.toString().strip(),
        List.of("Run", "Step", "Seconds", "Training loss", heading()),
        rows());
  }

  private void chart(Page page, String against, Axis y) {
    boolean steps = against.equals("steps");
    List<LineChart.Series> series = new ArrayList<>();
    // The first run is drawn last: it is the one the report is about.
    for (int i = runs.size() - 1; i >= 0; i--) {
      RunSeries run = runs.get(i);
      double[] x = steps ? run.step() : run.seconds();
      int colour = page.colour(run.name());
      if (run.testLoss().length > 0) {
        // NaN there means "not measured at this step": the curve joins what was measured.
        int[] measured = measured(run.testLoss());
        series.add(
            new LineChart.Series(
                colour, LineChart.Style.DASHED, at(x, measured), at(run.testLoss(), measured)));
      }
      series.add(new LineChart.Series(colour, LineChart.Style.SOLID, x, run.trainLoss()));
    }
    Axis x = timeAxis(steps);
    String description =
        runs.size() + " runs, " + (y.isLog() ? "logarithmic" : "linear") + " loss scale.";
    LineChart.Text text =
        new LineChart.Text(lossName + " against " + against, description, against, lossName);
    LineChart.draw(page, text, WIDTH, HEIGHT, x, y, series);
  }

  private Axis lossAxis() {
    Range all = new Range();
    Range starts = new Range();
    for (RunSeries run : runs) {
      all.add(run.trainLoss()).add(run.testLoss());
      Arrays.stream(run.trainLoss()).filter(Double::isFinite).limit(1).forEach(starts::add);
    }
    if (all.isEmpty()) {
      return Axis.linear(0, 1, 5, true, false);
    }
    double max = all.max();
    // A run that diverged must not flatten the others.
    double cap = starts.isEmpty() ? max : starts.max() + 9 * (starts.max() - all.min());
    if (cap > all.min() && max > cap) {
      max = cap;
      notes.append("Losses above ").append(Numbers.format(cap, 3)).append(" are cut off. ");
    }
    if (all.spans(LOG_RATIO) && max / all.min() >= LOG_RATIO) {
      return Axis.log(all.min(), max, 7, true);
    }
    boolean nearZero = all.min() > 0 && all.min() < 0.3 * max;
    return Axis.linear(nearZero ? 0 : all.min(), max, 6, true, false);
  }

  /** Logarithmic where the longest run is so much longer that the shortest would be a sliver. */
  private Axis timeAxis(boolean steps) {
    Range ends = new Range();
    Range all = new Range();
    for (RunSeries run : runs) {
      double[] x = steps ? run.step() : run.seconds();
      all.add(x);
      ends.add(Arrays.stream(x).filter(Double::isFinite).max().orElse(Double.NaN));
    }
    if (all.isEmpty()) {
      return Axis.linear(0, 1, 5, false, steps);
    }
    if (ends.spans(LOG_RATIO)) {
      double from = Math.max(all.minPositive(), ends.min() / 1000);
      return Axis.log(from, all.max(), 6, false);
    }
    return Axis.linear(Math.min(0, all.min()), all.max(), 6, false, steps);
  }

  private void gaps() {
    for (RunSeries run : runs) {
      long count = Arrays.stream(run.trainLoss()).filter(v -> !Double.isFinite(v)).count();
      if (count > 0) {
        notes.append("Left out as not finite: ").append(Numbers.count(count));
        notes.append(count == 1 ? " training loss of " : " training losses of ");
        notes.append(run.name()).append(". ");
      }
    }
  }

  private String heading() {
    return heldOut.substring(0, 1).toUpperCase(Locale.ROOT) + heldOut.substring(1) + " loss";
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (RunSeries run : runs) {
      for (int i : sample(run.step().length)) {
        double test = run.testLoss().length == 0 ? Double.NaN : run.testLoss()[i];
        rows.add(
            List.of(
                run.name(),
                Numbers.count((long) run.step()[i]),
                Numbers.format(run.seconds()[i], 3),
                Numbers.format(run.trainLoss()[i]),
                Numbers.format(test)));
      }
    }
    return rows;
  }

  /** Up to {@link #TABLE_ROWS} indices from first to last, denser at the start. */
  static int[] sample(int n) {
    if (n <= TABLE_ROWS) {
      return IntStream.range(0, n).toArray();
    }
    return IntStream.range(0, TABLE_ROWS)
        .map(k -> (int) Math.round(Math.pow((double) k / (TABLE_ROWS - 1), 2) * (n - 1)))
        .distinct()
        .toArray();
  }

  private static int[] measured(double[] loss) {
    return IntStream.range(0, loss.length).filter(i -> !Double.isNaN(loss[i])).toArray();
  }

  private static double[] at(double[] values, int[] indices) {
    return Arrays.stream(indices).mapToDouble(i -> values[i]).toArray();
  }
}
