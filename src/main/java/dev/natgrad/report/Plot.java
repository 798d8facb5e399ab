package dev.natgrad.report;

/** The frame of one chart: an SVG with two scales, grid, tick labels and titles. Pixels. */
final class Plot {
  /** Average advance of the 12 px sans-serif digits and letters used for labels, rounded up. */
  private static final double CHARACTER = 6.9;

  private static final double TOP = 32;
  private static final double BOTTOM = 46;

  private final Axis x;
  private final Axis y;
  private final double left;
  private final double width;
  private final double height;

  Plot(double totalWidth, double totalHeight, Axis x, Axis y) {
    this.x = x;
    this.y = y;
    double labels = 0;
    for (String label : y.labels()) {
      labels = Math.max(labels, extent(label));
    }
    String[] below = x.labels();
    double last = below.length == 0 ? 0 : extent(below[below.length - 1]);
    this.left = 16 + labels;
    this.width = totalWidth - left - Math.max(12, last / 2 + 4);
    this.height = totalHeight - TOP - BOTTOM;
  }

  /** Opens the SVG and names it for those who cannot see it. */
  static void open(Page page, String title, String description, double width, double height) {
    String id = page.nextId();
    page.out().newline();
    page.out()
        .open(
            "svg",
            "xmlns",
            "http://www.w3.org/2000/svg",
            "class",
            "chart",
            "viewBox",
            "0 0 " + Numbers.coordinate(width) + " " + Numbers.coordinate(height),
            "width",
            width,
            "height",
            height,
            "role",
            "img",
            "aria-labelledby",
            id + "-t " + id + "-d");
    page.out().element("title", title, "id", id + "-t");
    page.out().element("desc", description, "id", id + "-d");
  }

  double left() {
    return left;
  }

  double top() {
    return TOP;
  }

  double width() {
    return width;
  }

  double height() {
    return height;
  }

  /** Pixel of a value along x, NaN where the scale cannot show it. */
  double px(double value) {
    return left + width * x.position(value);
  }

  /** Pixel of a value along y, NaN where the scale cannot show it. */
  double py(double value) {
    return TOP + height * (1 - y.position(value));
  }

  /** Draws labels and titles, and a grid or, where it would hide a picture, mere ticks. */
  void frame(Markup out, String xTitle, String yTitle, boolean withGrid) {
    if (withGrid) {
      grid(out);
    }
    double right = left + width;
    double bottom = TOP + height;
    StringBuilder axes = new StringBuilder();
    line(axes, left, TOP, left, bottom);
    line(axes, left, bottom, right, bottom);
    for (double tick : y.ticks()) {
      line(axes, left - 4, py(tick), left, py(tick));
    }
    for (double tick : x.ticks()) {
      line(axes, px(tick), bottom, px(tick), bottom + 4);
    }
    out.empty("path", "class", "axis", "d", axes);
    labels(out);
    out.element("text", yTitle, "class", "title", "x", 2.0, "y", 16.0);
    if (!xTitle.isEmpty()) {
      out.element("text", xTitle, "class", "title middle", "x", left + width / 2, "y", bottom + 39);
    }
  }

  private void grid(Markup out) {
    StringBuilder faint = new StringBuilder();
    StringBuilder grid = new StringBuilder();
    double right = left + width;
    double bottom = TOP + height;
    for (double tick : y.minorTicks()) {
      line(faint, left, py(tick), right, py(tick));
    }
    for (double tick : x.minorTicks()) {
      line(faint, px(tick), TOP, px(tick), bottom);
    }
    for (double tick : y.ticks()) {
      line(grid, left, py(tick), right, py(tick));
    }
    for (double tick : x.ticks()) {
      line(grid, px(tick), TOP, px(tick), bottom);
    }
    if (faint.length() > 0) {
      out.empty("path", "class", "faint", "d", faint);
    }
    out.empty("path", "class", "grid", "d", grid);
  }

  /** Opens a nested SVG that cuts off what lies outside the plot; {@code margin} pixels more. */
  void clip(Markup out, double margin) {
    double w = width + 2 * margin;
    double h = height + 2 * margin;
    String box = Numbers.coordinate(left - margin) + " " + Numbers.coordinate(TOP - margin);
    box += " " + Numbers.coordinate(w) + " " + Numbers.coordinate(h);
    out.open("svg", "x", left - margin, "y", TOP - margin, "width", w, "height", h, "viewBox", box);
  }

  /** Says in the middle of the plot that there is nothing to draw. */
  void noData(Markup out) {
    out.element(
        "text",
        "no finite values",
        "class",
        "tick middle",
        "x",
        left + width / 2,
        "y",
        TOP + height / 2);
  }

  private void labels(Markup out) {
    for (int i = 0; i < y.ticks().length; i++) {
      out.element(
          "text", y.labels()[i], "class", "tick end", "x", left - 8, "y", py(y.ticks()[i]) + 4);
    }
    double free = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < x.ticks().length; i++) {
      double centre = px(x.ticks()[i]);
      double half = extent(x.labels()[i]) / 2;
      if (centre - half < free) {
        continue;
      }
      free = centre + half + 4;
      out.element(
          "text", x.labels()[i], "class", "tick middle", "x", centre, "y", TOP + height + 19);
    }
  }

  private static double extent(String label) {
    return label.length() * CHARACTER;
  }

  private static void line(StringBuilder path, double x1, double y1, double x2, double y2) {
    path.append('M').append(Numbers.coordinate(x1)).append(' ').append(Numbers.coordinate(y1));
    path.append('L').append(Numbers.coordinate(x2)).append(' ').append(Numbers.coordinate(y2));
  }
}
