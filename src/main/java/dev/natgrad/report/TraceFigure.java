package dev.natgrad.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Measured KL against its bound at every try, conjugate-gradient iterations and damping. */
final class TraceFigure {
  private static final double LOG_RATIO = 20;

  private final Page page;
  private final StepTrace trace;
  private final int colour;
  private final Axis x;

  private TraceFigure(Page page, StepTrace trace) {
    this.page = page;
    this.trace = trace;
    this.colour = page.colour(trace.name());
    Range steps = new Range().add(trace.step());
    this.x =
        steps.isEmpty()
            ? Axis.linear(0, 1, 8, false, true)
            : Axis.linear(Math.min(steps.min(), 1), steps.max(), 8, false, true);
  }

  static void draw(Page page, StepTrace trace) {
    new TraceFigure(page, trace).draw();
  }

  private void draw() {
    int n = trace.step().length;
    int rejected = (int) IntStream.range(0, n).filter(i -> !trace.accepted()[i]).count();
    page.beginFigure();
    page.beginLegend();
    StringBuilder dot = new StringBuilder();
    Marker.CIRCLE.append(dot, 15, 7, 3);
    page.legend("mark c" + colour, dot.toString(), "accepted");
    if (rejected > 0) {
      StringBuilder cross = new StringBuilder();
      Marker.CROSS.append(cross, 15, 7, 3.5);
      page.legend("cross", cross.toString(), "rejected");
    }
    page.legend("bound", "M1 7H29", "ε in force");
    page.endLegend();
    kl();
    page.out().open("div", "class", "pair");
    double[] iterations = Arrays.stream(trace.cgIterations()).asDoubleStream().toArray();
    small("CG iterations", iterations, true);
    small("damping λ", trace.lambda(), false);
    page.out().close();
    int violations = trace.violations();
    page.endFigure(
        "Measured KL of each step against its bound, conjugate-gradient iterations and damping: "
            + trace.name()
            + ". "
            + Numbers.count(n - rejected)
            + " accepted, "
            + Numbers.count(rejected)
            + " rejected; "
            + (violations == 0
                ? "no accepted step exceeds ε."
                : Numbers.count(violations) + " accepted steps exceed ε."),
        List.of("Step", "KL", "ε", "Outcome", "CG iterations", "λ"),
        rows());
  }

  private void kl() {
    double[] kl = trace.kl();
    double[] epsilon = trace.epsilon();
    Range bounds = new Range().add(epsilon);
    Range shown = new Range().add(epsilon).add(select(kl, i -> trace.accepted()[i]));
    double ceiling = bounds.isEmpty() ? Double.POSITIVE_INFINITY : 5 * bounds.max();
    // A rejected try may be off by orders of magnitude (or infinite): it is kept at the upper edge.
    double[] crosses = select(kl, i -> !trace.accepted()[i]);
    for (int i = 0; i < crosses.length; i++) {
      crosses[i] = Math.min(crosses[i], ceiling);
    }
    shown.add(crosses);
    Axis y = shown.isEmpty() ? Axis.linear(0, 1, 5, true, false) : scale(shown, 6, false);
    List<LineChart.Series> series =
        List.of(
            new LineChart.Series(colour, LineChart.Style.BOUND, trace.step(), epsilon),
            new LineChart.Series(
                colour,
                LineChart.Style.DOTS,
                select(trace.step(), i -> trace.accepted()[i]),
                select(kl, i -> trace.accepted()[i])),
            new LineChart.Series(
                colour,
                LineChart.Style.CROSSES,
                select(trace.step(), i -> !trace.accepted()[i]),
                crosses));
    LineChart.Text text =
        new LineChart.Text(
            trace.name() + ": measured KL of each step",
            "Dots are accepted steps, crosses rejected tries, the line is the bound in force.",
            "steps",
            "KL(old‖new), nats");
    page.out().open("div", "class", "scroll");
    LineChart.draw(page, text, 980, 300, x, y, series);
    page.out().close();
  }

  private void small(String what, double[] values, boolean whole) {
    Range shown = new Range().add(values);
    Axis y = shown.isEmpty() ? Axis.linear(0, 1, 4, true, whole) : scale(shown, 4, whole);
    List<LineChart.Series> series =
        List.of(new LineChart.Series(colour, LineChart.Style.PLAIN, trace.step(), values));
    LineChart.Text text =
        new LineChart.Text(trace.name() + ": " + what, what + " at every try.", "steps", what);
    LineChart.draw(page, text, 480, 220, x, y, series);
  }

  private static Axis scale(Range shown, int ticks, boolean whole) {
    if (!whole && shown.spans(LOG_RATIO)) {
      return Axis.log(shown.min(), shown.max(), ticks, true);
    }
    return Axis.linear(Math.min(0, shown.min()), shown.max(), ticks, true, whole);
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (int i : LossFigure.sample(trace.step().length)) {
      rows.add(
          List.of(
              Numbers.count((long) trace.step()[i]),
              Numbers.format(trace.kl()[i]),
              Numbers.chosen(trace.epsilon()[i]),
              trace.outcomes()[i],
              Numbers.count(trace.cgIterations()[i]),
              Numbers.format(trace.lambda()[i], 3)));
    }
    return rows;
  }

  private static double[] select(double[] values, IntPredicate wanted) {
    return IntStream.range(0, values.length).filter(wanted).mapToDouble(i -> values[i]).toArray();
  }
}
