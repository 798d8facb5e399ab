package dev.natgrad.report;

import java.util.ArrayList;
import java.util.List;

/** Decision regions side by side, one panel for each model, with the examples on them. */
final class RegionChart {
  private static final double WIDTH = 320;
  private static final double HEIGHT = 312;

  /** Opacities of a region: faint where the classes tie, stronger where one is certain. */
  private static final int SHADES = 8;

  /** More points than this hide the regions they lie on. */
  private static final int MAX_POINTS = 1200;

  private final Page page;
  private final Markup out;
  private final DecisionPanel panel;
  private final Plot plot;

  private RegionChart(Page page, DecisionPanel panel) {
    this.page = page;
    this.out = page.out();
    this.panel = panel;
    this.plot =
        new Plot(
            WIDTH,
            HEIGHT,
            Axis.linear(panel.xMin(), panel.xMax(), 5, false, false),
            Axis.linear(panel.yMin(), panel.yMax(), 5, false, false));
  }

  static void draw(Page page, String title, List<DecisionPanel> panels) {
    page.beginFigure();
    page.beginLegend();
    List<String> classes = panels.get(0).classNames();
    for (int c = 0; c < classes.size(); c++) {
      StringBuilder marker = new StringBuilder();
      Marker.of(c).append(marker, 15, 7, 4);
      page.legend("mark c" + c, marker.toString(), classes.get(c));
    }
    page.legend("boundary", "M1 7H29", "boundary");
    page.endLegend();
    page.out().open("div", "class", "panels");
    List<List<String>> rows = new ArrayList<>();
    boolean thinned = false;
    for (DecisionPanel panel : panels) {
      new RegionChart(page, panel).draw();
      thinned |= panel.pointX().length > MAX_POINTS;
      String agreement = Numbers.format(100 * panel.agreement(), 3) + " %";
      rows.add(List.of(panel.name(), Numbers.count(panel.pointX().length), agreement));
    }
    page.out().close();
    page.endFigure(
        title
            + ". Colour: the most probable class, stronger where it is more certain."
            + (thinned ? " Only some of the examples are drawn." : ""),
        List.of("Model", "Examples", "In the region of their class"),
        rows);
  }

  private void draw() {
    Plot.open(
        page,
        panel.name() + ": decision regions",
        panel.classNames().size() + " classes, " + panel.pointX().length + " examples.",
        WIDTH,
        HEIGHT);
    out.empty(
        "image",
        "x",
        plot.left(),
        "y",
        plot.top(),
        "width",
        plot.width(),
        "height",
        plot.height(),
        "preserveAspectRatio",
        "none",
        "href",
        regions());
    plot.frame(out, "", panel.name(), false);
    plot.clip(out, 0);
    boundaries();
    points();
    out.close().close();
  }

  private String regions() {
    int k = panel.classNames().size();
    int[] palette = new int[k * SHADES];
    for (int c = 0; c < k; c++) {
      for (int shade = 0; shade < SHADES; shade++) {
        palette[c * SHADES + shade] = (30 + 80 * shade / (SHADES - 1)) << 24 | Palette.LIGHT[c];
      }
    }
    byte[] pixels = new byte[panel.rows() * panel.columns()];
    for (int row = 0; row < panel.rows(); row++) {
      for (int column = 0; column < panel.columns(); column++) {
        int best = panel.decision(row, column);
        double p = panel.probability()[(row * panel.columns() + column) * k + best];
        double certainty = (p - 1.0 / k) / (1 - 1.0 / k);
        int shade = (int) Math.max(0, Math.min(SHADES - 1, certainty * SHADES));
        int fromTop = panel.rows() - 1 - row;
        pixels[fromTop * panel.columns() + column] = (byte) (best * SHADES + shade);
      }
    }
    return Png.dataUri(panel.columns(), panel.rows(), pixels, palette);
  }

  /** The zero lines of each class's lead over the best other class. */
  private void boundaries() {
    if (panel.columns() < 2 || panel.rows() < 2) {
      return;
    }
    int k = panel.classNames().size();
    double[] x = centres(panel.xMin(), panel.xMax(), panel.columns());
    double[] y = centres(panel.yMin(), panel.yMax(), panel.rows());
    double[] lead = new double[x.length * y.length];
    StringBuilder path = new StringBuilder();
    // Class 0's boundaries are drawn by the classes on their other side.
    for (int c = 1; c < k; c++) {
      for (int cell = 0; cell < lead.length; cell++) {
        double best = Double.NEGATIVE_INFINITY;
        for (int other = 0; other < k; other++) {
          best = other == c ? best : Math.max(best, panel.probability()[cell * k + other]);
        }
        lead[cell] = panel.probability()[cell * k + c] - best;
      }
      for (double[] line : MarchingSquares.lines(x, y, lead, 0)) {
        double[] px = new double[line.length / 2];
        double[] py = new double[px.length];
        for (int i = 0; i < px.length; i++) {
          px[i] = plot.px(line[2 * i]);
          py[i] = plot.py(line[2 * i + 1]);
        }
        path.append(LineChart.curve(px, py, false));
      }
    }
    if (path.length() > 0) {
      out.empty("path", "class", "boundary", "d", path);
    }
  }

  private static double[] centres(double min, double max, int cells) {
    double[] centres = new double[cells];
    for (int i = 0; i < cells; i++) {
      centres[i] = min + (i + 0.5) * (max - min) / cells;
    }
    return centres;
  }

  private void points() {
    int n = panel.pointX().length;
    int every = (n + MAX_POINTS - 1) / MAX_POINTS;
    for (int c = 0; c < panel.classNames().size(); c++) {
      StringBuilder path = new StringBuilder();
      for (int i = 0; i < n; i += every) {
        double x = plot.px(panel.pointX()[i]);
        double y = plot.py(panel.pointY()[i]);
        if (panel.pointClass()[i] == c && !Double.isNaN(x + y)) {
          Marker.of(c).append(path, x, y, n > 300 ? 2.3 : 2.9);
        }
      }
      if (path.length() > 0) {
        out.empty("path", "class", "point c" + c, "d", path);
      }
    }
  }
}
