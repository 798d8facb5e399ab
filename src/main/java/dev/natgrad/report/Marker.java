package dev.natgrad.report;

/** Small shapes, written as pieces of one SVG path so that thousands stay compact. */
enum Marker {
  CIRCLE,
  SQUARE,
  TRIANGLE,
  DIAMOND,
  PENTAGON,
  HEXAGON,
  CROSS;

  /** The shape of a colour index, so that colour is never the only difference. */
  static Marker of(int colour) {
    return values()[colour % Palette.SIZE];
  }

  /** Appends the shape around (x, y) with radius r, pixels. */
  void append(StringBuilder path, double x, double y, double r) {
    switch (this) {
      case CIRCLE -> {
        String arc = "a" + c(r) + " " + c(r) + " 0 1 0 ";
        path.append('M').append(c(x - r)).append(' ').append(c(y));
        path.append(arc).append(c(2 * r)).append(" 0").append(arc).append(c(-2 * r)).append(" 0z");
      }
      case CROSS -> {
        path.append('M').append(c(x - r)).append(' ').append(c(y - r));
        path.append('l').append(c(2 * r)).append(' ').append(c(2 * r));
        path.append("m0 ").append(c(-2 * r));
        path.append('l').append(c(-2 * r)).append(' ').append(c(2 * r));
      }
      case SQUARE -> polygon(path, x, y, 1.2 * r, 4, 0.125);
      case TRIANGLE -> polygon(path, x, y + 0.15 * r, 1.35 * r, 3, 0.25);
      case DIAMOND -> polygon(path, x, y, 1.3 * r, 4, 0);
      case PENTAGON -> polygon(path, x, y, 1.2 * r, 5, 0.25);
      case HEXAGON -> polygon(path, x, y, 1.15 * r, 6, 0);
      default -> throw new AssertionError(this);
    }
  }

  private static void polygon(
      StringBuilder path, double x, double y, double r, int corners, double turn) {
    for (int i = 0; i < corners; i++) {
      double angle = 2 * Math.PI * (turn + (double) i / corners);
      path.append(i == 0 ? 'M' : 'L').append(c(x + r * Math.cos(angle)));
      path.append(' ').append(c(y - r * Math.sin(angle)));
    }
    path.append('z');
  }

  private static String c(double value) {
    return Numbers.coordinate(value);
  }
}
