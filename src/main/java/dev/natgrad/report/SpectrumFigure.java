package dev.natgrad.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Eigenvalues, effective dimension, and KL against its quadratic model, look by look. */
final class SpectrumFigure {
  /** Looks that can be told apart: the first, the last and some between. */
  private static final int SHOWN = 5;

  private SpectrumFigure() {}

  static void draw(Page page, List<SpectrumLook> all) {
    List<SpectrumLook> looks = new ArrayList<>();
    int shown = Math.min(SHOWN, all.size());
    for (int i = 0; i < shown; i++) {
      looks.add(all.get(shown == 1 ? 0 : i * (all.size() - 1) / (shown - 1)));
    }
    page.beginFigure();
    page.beginLegend();
    looks.forEach(look -> page.runLegend(look.name()));
    page.endLegend();
    page.out().open("div", "class", "scroll");
    chart(
        page,
        new LineChart.Text(
            "Eigenvalues of the Fisher matrix",
            "How many eigenvalues are above each size.",
            "size",
            "eigenvalues above it"),
        980,
        looks,
        SpectrumLook::eigenvalue,
        SpectrumLook::above);
    page.out().close();
    page.out().open("div", "class", "pair");
    chart(
        page,
        new LineChart.Text(
            "Effective dimension",
            "How many directions a damping leaves to the Fisher matrix.",
            "damping λ, in units of tr(F)/P",
            "effective dimension"),
        480,
        looks,
        SpectrumLook::damping,
        SpectrumLook::dimension);
    chart(
        page,
        new LineChart.Text(
            "KL divergence over its quadratic model",
            "Measured over foreseen KL of steps in a random direction.",
            "½sᵀFs, nats",
            "KL / ½sᵀFs"),
        480,
        looks,
        SpectrumLook::foreseen,
        SpectrumFigure::ratios);
    page.out().close();
    page.endFigure(
        "The exact Fisher matrix of training rows: how many eigenvalues lie above a size, the"
            + " effective dimension tr(F(F + λtr(F)/P·I)⁻¹), and the KL divergence of steps in a"
            + " random direction over its quadratic model, 1 where the model holds.",
        List.of("Look", "λ", "Effective dimension", "½sᵀFs", "KL"),
        rows(looks));
  }

  private static double[] ratios(SpectrumLook look) {
    double[] ratios = new double[look.foreseen().length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = look.measured()[i] / look.foreseen()[i];
    }
    return ratios;
  }

  private static void chart(
      Page page,
      LineChart.Text text,
      double width,
      List<SpectrumLook> looks,
      Function<SpectrumLook, double[]> ofX,
      Function<SpectrumLook, double[]> ofY) {
    Range xs = new Range();
    Range ys = new Range();
    List<LineChart.Series> series = new ArrayList<>();
    for (SpectrumLook look : looks) {
      double[] x = ofX.apply(look);
      double[] y = ofY.apply(look);
      xs.add(x);
      ys.add(y);
      int colour = page.colour(look.name());
      series.add(new LineChart.Series(colour, LineChart.Style.SOLID, x, y));
    }
    Axis x =
        xs.spans(2) ? Axis.log(xs.min(), xs.max(), 6, false) : Axis.linear(0, 1, 4, true, false);
    double top = ys.isEmpty() ? 1 : ys.max();
    Axis y = Axis.linear(Math.min(0, ys.isEmpty() ? 0 : ys.min()), top, 5, true, false);
    LineChart.draw(page, text, width, width > 500 ? 300 : 220, x, y, series);
  }

  private static List<List<String>> rows(List<SpectrumLook> looks) {
    List<List<String>> rows = new ArrayList<>();
    for (SpectrumLook look : looks) {
      int most = Math.max(look.damping().length, look.foreseen().length);
      for (int i = 0; i < most; i++) {
        boolean damped = i < look.damping().length;
        boolean moved = i < look.foreseen().length;
        rows.add(
            List.of(
                look.name(),
                damped ? Numbers.format(look.damping()[i], 3) : "",
                damped ? Numbers.format(look.dimension()[i], 3) : "",
                moved ? Numbers.format(look.foreseen()[i], 3) : "",
                moved ? Numbers.format(look.measured()[i], 3) : ""));
      }
    }
    return rows;
  }
}
