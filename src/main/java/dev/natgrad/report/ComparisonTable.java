package dev.natgrad.report;

import java.util.Arrays;
import java.util.List;

/** One row for each run: what it cost, what it reached, and whether it kept to its bound. */
final class ComparisonTable {
  private static final List<String> COLUMNS =
      List.of("Optimiser", "Steps", "Seconds", "Training loss", "Test loss");
  private static final List<String> KL_COLUMNS = List.of("Accepted", "Rejected", "Largest KL", "ε");

  private ComparisonTable() {}

  static void draw(Page page, String caption, String metricName, List<RunSummary> runs) {
    Markup out = page.out();
    out.newline().open("figure").open("div", "class", "scroll").open("table", "class", "table");
    out.open("caption").element("b", page.tableName()).text(" " + caption).close();
    out.open("thead").open("tr");
    COLUMNS.forEach(column -> out.element("th", column, "scope", "col"));
    out.element("th", metricName, "scope", "col");
    KL_COLUMNS.forEach(column -> out.element("th", column, "scope", "col"));
    out.close().close().open("tbody");
    boolean counts = areCounts(runs);
    for (RunSummary run : runs) {
      out.newline().open("tr").open("th", "scope", "row");
      out.element("span", "", "class", "dot c" + page.colour(run.name()));
      out.text(run.name()).close();
      out.element("td", count(run.steps()));
      out.element("td", Numbers.format(run.seconds(), 3));
      out.element("td", Numbers.format(run.trainLoss()));
      out.element("td", Numbers.format(run.testLoss()));
      boolean counted = counts && !Double.isNaN(run.metric());
      out.element(
          "td", counted ? Numbers.count((long) run.metric()) : Numbers.format(run.metric()));
      out.element("td", count(run.accepted()));
      out.element("td", count(run.rejected()));
      boolean broken = run.klMax() > run.klBound();
      String kl = Numbers.format(run.klMax(), 3);
      out.element("td", broken ? kl + " > ε" : kl, "class", broken ? "bad" : "good");
      out.element("td", Numbers.chosen(run.klBound())).close();
    }
    out.close().close().close().close();
  }

  /** Whole numbers, which are no shares of 1 that happen to be 0 or 1. */
  private static boolean areCounts(List<RunSummary> runs) {
    double[] metrics =
        runs.stream().mapToDouble(RunSummary::metric).filter(m -> !Double.isNaN(m)).toArray();
    return Arrays.stream(metrics).allMatch(m -> m == Math.rint(m) && Math.abs(m) < 0x1p53)
        && Arrays.stream(metrics).anyMatch(m -> m > 1);
  }

  private static String count(long value) {
    return value < 0 ? "–" : Numbers.count(value);
  }
}
