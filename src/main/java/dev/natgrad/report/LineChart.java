package dev.natgrad.report;

import java.util.Arrays;
import java.util.List;

/** Curves and scattered marks over two scales. */
final class LineChart {
  /** So few dots have room to be large. */
  private static final int FEW = 200;

  private static final int MARKERS = 5;

  /** How a series is drawn. */
  enum Style {
    SOLID,
    PLAIN,
    DASHED,
    BOUND,
    DOTS,
    CROSSES
  }

  /**
   * One series, n points.
   *
   * @param colour index into the palette, ignored by BOUND and CROSSES, which have their own
   */
  record Series(int colour, Style style, double[] x, double[] y) {}

  private final Markup out;
  private final Plot plot;

  private LineChart(Markup out, Plot plot) {
    this.out = out;
    this.plot = plot;
  }

  /** What a chart says about itself, and its size in pixels. */
  record Text(String title, String description, String xTitle, String yTitle) {}

  static void draw(
      Page page, Text text, double width, double height, Axis x, Axis y, List<Series> series) {
    Plot.open(page, text.title(), text.description(), width, height);
    Plot plot = new Plot(width, height, x, y);
    Markup out = page.out();
    plot.frame(out, text.xTitle(), text.yTitle(), true);
    plot.clip(out, 3);
    LineChart chart = new LineChart(out, plot);
    boolean any = false;
    for (int i = 0; i < series.size(); i++) {
      any |= chart.draw(series.get(i), i);
    }
    out.close();
    if (!any) {
      plot.noData(out);
    }
    out.close();
  }

  private boolean draw(Series series, int index) {
    double[] x = Arrays.stream(series.x()).map(plot::px).toArray();
    double[] y = Arrays.stream(series.y()).map(plot::py).toArray();
    int[] kept = Downsample.indices(x, y);
    double[] px = Arrays.stream(kept).mapToDouble(i -> x[i]).toArray();
    double[] py = Arrays.stream(kept).mapToDouble(i -> y[i]).toArray();
    String colour = " c" + series.colour();
    String path =
        switch (series.style()) {
          case DOTS -> marks(px, py, Marker.CIRCLE, px.length <= FEW ? 3 : 2);
          case CROSSES -> marks(px, py, Marker.CROSS, 3);
          default -> curve(px, py, series.style() == Style.BOUND);
        };
    if (path.isEmpty()) {
      return false;
    }
    String classes =
        switch (series.style()) {
          case DOTS -> "mark" + colour;
          case CROSSES -> "cross";
          case BOUND -> "bound";
          case DASHED -> "line dashed" + colour;
          default -> (x.length > Downsample.LIMIT ? "line dense" : "line") + colour;
        };
    out.empty("path", "class", classes, "d", path);
    if (series.style() == Style.SOLID) {
      String marker = markers(px, py, Marker.of(series.colour()), index);
      out.empty("path", "class", "mark" + colour, "d", marker);
    }
    return true;
  }

  /** A path with a gap wherever a pixel is NaN; a lone point becomes a dot by its round cap. */
  static String curve(double[] px, double[] py, boolean steps) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (int i = 0; i < px.length; i++) {
      if (Double.isNaN(px[i]) || Double.isNaN(py[i])) {
        pen = false;
        continue;
      }
      String at = Numbers.coordinate(px[i]) + " " + Numbers.coordinate(py[i]);
      if (pen) {
        if (steps) {
          path.append('H').append(Numbers.coordinate(px[i]));
        }
        path.append('L').append(at);
      } else {
        boolean alone = i + 1 == px.length || Double.isNaN(px[i + 1]) || Double.isNaN(py[i + 1]);
        path.append('M').append(at).append(alone ? "h.01" : "");
      }
      pen = true;
    }
    return path.toString();
  }

  private static String marks(double[] px, double[] py, Marker marker, double radius) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < px.length; i++) {
      if (!Double.isNaN(px[i]) && !Double.isNaN(py[i])) {
        marker.append(path, px[i], py[i], radius);
      }
    }
    return path.toString();
  }

  /** A few markers along a curve, shifted from series to series so that they do not coincide. */
  private static String markers(double[] px, double[] py, Marker marker, int index) {
    double from = Arrays.stream(px).filter(v -> !Double.isNaN(v)).min().orElse(0);
    double to = Arrays.stream(px).filter(v -> !Double.isNaN(v)).max().orElse(0);
    StringBuilder path = new StringBuilder();
    double spacing = Math.max(1, (to - from) / MARKERS);
    double wanted = from + spacing * (0.3 + 0.1 * (index % Palette.SIZE));
    for (int i = 0; i < px.length; i++) {
      boolean last = i == px.length - 1 && path.length() == 0;
      if ((px[i] >= wanted || last) && !Double.isNaN(px[i] + py[i])) {
        marker.append(path, px[i], py[i], 3.6);
        wanted = Math.max(wanted, px[i] - 0.5 * spacing) + spacing;
      }
    }
    return path.toString();
  }
}
