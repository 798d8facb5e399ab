package dev.natgrad.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Optimisers' paths over the contours of a loss, with equal-KL ellipses. */
final class ContourChart {
  private static final double WIDTH = 760;
  private static final double HEIGHT = 540;
  private static final int SHADE_WIDTH = 344;
  private static final int SHADE_HEIGHT = 230;
  private static final int ELLIPSE_POINTS = 64;

  /** Steps closer than this on the picture get no dot of their own, pixels. */
  private static final double DOT_SPACING = 7;

  private final Page page;
  private final Markup out;
  private final ContourScene scene;
  private final Plot plot;

  private ContourChart(Page page, ContourScene scene) {
    this.page = page;
    this.out = page.out();
    this.scene = scene;
    double[] x = scene.x();
    double[] y = scene.y();
    this.plot =
        new Plot(
            WIDTH,
            HEIGHT,
            Axis.linear(x[0], x[x.length - 1], 8, false, false),
            Axis.linear(y[0], y[y.length - 1], 7, false, false));
  }

  static void draw(Page page, ContourScene scene) {
    new ContourChart(page, scene).draw();
  }

  private void draw() {
    page.beginFigure();
    legend();
    List<String> names = scene.paths().stream().map(ContourPath::name).toList();
    out.open("div", "class", "scroll");
    Plot.open(
        page,
        scene.title(),
        "Loss contours with the paths of " + String.join(", ", names) + ".",
        WIDTH,
        HEIGHT);
    double[] levels = scene.levelsOrDefault();
    shade(levels);
    plot.frame(out, scene.xTitle(), scene.yTitle(), false);
    plot.clip(out, 0);
    contours(levels);
    ellipses();
    for (ContourPath path : scene.paths()) {
      path(path);
    }
    minimum();
    out.close().close().close();
    page.endFigure(
        scene.title() + caption(levels), List.of("Path", "Steps", "Start", "End"), rows());
  }

  private String caption(double[] levels) {
    StringBuilder text = new StringBuilder(". Every dot on a path is a step where there is room.");
    if (levels.length > 0) {
      text.append(" Contours from ").append(Numbers.format(levels[0], 3)).append(" to ");
      text.append(Numbers.format(levels[levels.length - 1], 3)).append('.');
    }
    Range epsilon = new Range();
    scene.ellipses().forEach(e -> epsilon.add(e.epsilon()));
    if (!epsilon.isEmpty()) {
      text.append(" Ellipses: ½dᵀFd = ").append(Numbers.chosen(epsilon.min()));
      if (epsilon.max() > epsilon.min()) {
        text.append(" to ").append(Numbers.chosen(epsilon.max()));
      }
      text.append(" nats about their centres.");
    }
    return text.toString();
  }

  private void legend() {
    page.beginLegend();
    scene.paths().forEach(path -> page.runLegend(path.name()));
    page.legend("contour", "M1 7H29", "equal loss");
    if (!scene.ellipses().isEmpty()) {
      page.legend("ellipse", "M3 7a12 5 0 1 0 24 0a12 5 0 1 0 -24 0z", "equal KL");
    }
    if (Double.isFinite(scene.minimumX())) {
      page.legend("minimum", "M15 2V12M10 7H20", "minimum");
    }
    page.endLegend();
  }

  /** Bands between the levels as one small image: black whose opacity grows with the loss. */
  private void shade(double[] levels) {
    int[] palette = new int[levels.length + 2];
    for (int band = 0; band <= levels.length; band++) {
      palette[band] = (int) Math.round(44.0 * band / Math.max(1, levels.length)) << 24;
    }
    if (palette.length > 256) {
      return;
    }
    byte[] pixels = new byte[SHADE_WIDTH * SHADE_HEIGHT];
    double[] x = scene.x();
    double[] y = scene.y();
    for (int row = 0; row < SHADE_HEIGHT; row++) {
      double down = (row + 0.5) / SHADE_HEIGHT;
      double atY = y[y.length - 1] + down * (y[0] - y[y.length - 1]);
      for (int column = 0; column < SHADE_WIDTH; column++) {
        double atX = x[0] + (column + 0.5) / SHADE_WIDTH * (x[x.length - 1] - x[0]);
        double loss = interpolate(atX, atY);
        int band = 0;
        while (band < levels.length && loss >= levels[band]) {
          band++;
        }
        pixels[row * SHADE_WIDTH + column] = (byte) (Double.isNaN(loss) ? levels.length + 1 : band);
      }
    }
    out.empty(
        "image",
        "class",
        "shade",
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
        Png.dataUri(SHADE_WIDTH, SHADE_HEIGHT, pixels, palette));
  }

  private double interpolate(double atX, double atY) {
    double[] x = scene.x();
    double[] y = scene.y();
    int column = cell(x, atX);
    int row = cell(y, atY);
    double s = (atX - x[column]) / (x[column + 1] - x[column]);
    double t = (atY - y[row]) / (y[row + 1] - y[row]);
    int node = row * x.length + column;
    double[] f = scene.loss();
    double lower = (1 - s) * f[node] + s * f[node + 1];
    double upper = (1 - s) * f[node + x.length] + s * f[node + x.length + 1];
    return (1 - t) * lower + t * upper;
  }

  private static int cell(double[] grid, double at) {
    int found = Arrays.binarySearch(grid, at);
    int below = found >= 0 ? found : -found - 2;
    return Math.max(0, Math.min(grid.length - 2, below));
  }

  private void contours(double[] levels) {
    StringBuilder path = new StringBuilder();
    for (double level : levels) {
      for (double[] line : MarchingSquares.lines(scene.x(), scene.y(), scene.loss(), level)) {
        path.append(curve(line, false));
      }
    }
    if (path.length() > 0) {
      out.empty("path", "class", "contour", "d", path);
    }
  }

  private void ellipses() {
    StringBuilder path = new StringBuilder();
    StringBuilder centres = new StringBuilder();
    for (KlEllipse ellipse : scene.ellipses()) {
      path.append(curve(ellipse.boundary(ELLIPSE_POINTS), true));
      Marker.CIRCLE.append(centres, plot.px(ellipse.x()), plot.py(ellipse.y()), 1.3);
    }
    if (path.length() > 0) {
      out.empty("path", "class", "ellipse", "d", path);
      out.empty("path", "class", "centre", "d", centres);
    }
  }

  private String curve(double[] points, boolean closed) {
    int n = points.length / 2;
    double[] px = new double[n];
    double[] py = new double[n];
    for (int i = 0; i < n; i++) {
      px[i] = plot.px(points[2 * i]);
      py[i] = plot.py(points[2 * i + 1]);
    }
    return LineChart.curve(px, py, false) + (closed ? "z" : "");
  }

  private void path(ContourPath path) {
    int n = length(path);
    if (n == 0) {
      return;
    }
    double[] px = new double[n];
    double[] py = new double[n];
    StringBuilder dots = new StringBuilder();
    Marker marker = Marker.of(page.colour(path.name()));
    int kept = 0;
    double dotX = Double.NEGATIVE_INFINITY;
    double dotY = 0;
    for (int i = 0; i < n; i++) {
      double x = plot.px(path.x()[i]);
      double y = plot.py(path.y()[i]);
      // Thousands of tiny steps draw the same line as a few hundred.
      if (kept == 0 || i == n - 1 || Math.hypot(x - px[kept - 1], y - py[kept - 1]) >= 0.6) {
        px[kept] = x;
        py[kept++] = y;
      }
      if (Math.hypot(x - dotX, y - dotY) >= DOT_SPACING) {
        marker.append(dots, x, y, 2.7);
        dotX = x;
        dotY = y;
      }
    }
    String colour = " c" + page.colour(path.name());
    String line = LineChart.curve(Arrays.copyOf(px, kept), Arrays.copyOf(py, kept), false);
    out.empty("path", "class", "halo", "d", line);
    out.empty("path", "class", "line" + colour, "d", line);
    out.empty("path", "class", "mark" + colour, "d", dots);
    StringBuilder start = new StringBuilder();
    Marker.CIRCLE.append(start, px[0], py[0], 5.5);
    out.empty("path", "class", "start", "d", start);
  }

  private void minimum() {
    if (Double.isFinite(scene.minimumX()) && Double.isFinite(scene.minimumY())) {
      String x = Numbers.coordinate(plot.px(scene.minimumX()));
      String y = Numbers.coordinate(plot.py(scene.minimumY()));
      out.empty("path", "class", "minimum", "d", "M" + x + " " + y + "m-7 0h14m-7 -7v14");
    }
  }

  private static int length(ContourPath path) {
    int n = 0;
    while (n < path.x().length && Double.isFinite(path.x()[n]) && Double.isFinite(path.y()[n])) {
      n++;
    }
    return n;
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (ContourPath path : scene.paths()) {
      int n = length(path);
      if (n > 0) {
        rows.add(List.of(path.name(), Numbers.count(n - 1L), point(path, 0), point(path, n - 1)));
      }
    }
    return rows;
  }

  private static String point(ContourPath path, int i) {
    return "(" + Numbers.format(path.x()[i]) + ", " + Numbers.format(path.y()[i]) + ")";
  }
}
