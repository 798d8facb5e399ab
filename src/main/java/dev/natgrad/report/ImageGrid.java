package dev.natgrad.report;

import java.util.Arrays;
import java.util.List;

/** Rows of small grey images, one PNG a row, with each row's distance from the first. */
final class ImageGrid {
  /** Palette index of the gap between images and of pixels without a value. */
  private static final int CLEAR = 255;

  private static final double TARGET_HEIGHT = 56;

  private ImageGrid() {}

  static void draw(Page page, ImageStrip strip) {
    Markup out = page.out();
    page.beginFigure();
    out.open("div", "class", "scroll").open("table", "class", "strip");
    out.open("thead").open("tr").element("td", "").element("td", "");
    out.element("th", "MSE", "scope", "col").close().close().open("tbody");
    for (int i = 0; i < strip.rows().size(); i++) {
      ImageStrip.Row row = strip.rows().get(i);
      out.newline().open("tr").element("th", row.name(), "scope", "row").open("td");
      image(out, strip, row);
      String error = i == 0 ? "" : Numbers.format(strip.meanSquaredError(i), 3);
      out.close().element("td", error).close();
    }
    out.close().close().close();
    page.endFigure(
        strip.title() + ". MSE: mean squared error per pixel against the first row.",
        List.of(),
        List.of());
  }

  private static void image(Markup out, ImageStrip strip, ImageStrip.Row row) {
    int count = row.images().size();
    int gap = Math.max(1, strip.width() / 10);
    int width = count * strip.width() + (count - 1) * gap;
    int[] palette = new int[256];
    for (int grey = 0; grey < CLEAR; grey++) {
      int value = (int) Math.round(grey * 255.0 / (CLEAR - 1));
      palette[grey] = 0xFF << 24 | value << 16 | value << 8 | value;
    }
    double scale = Math.max(1, Math.rint(TARGET_HEIGHT / strip.height()));
    out.empty(
        "img",
        "width",
        Math.round(width * scale),
        "height",
        Math.round(strip.height() * scale),
        "alt",
        row.name() + ": " + count + " images of " + strip.width() + " × " + strip.height(),
        "src",
        Png.dataUri(width, strip.height(), pixels(strip, row.images(), width, gap), palette));
  }

  private static byte[] pixels(ImageStrip strip, List<double[]> images, int width, int gap) {
    byte[] pixels = new byte[width * strip.height()];
    Arrays.fill(pixels, (byte) CLEAR);
    for (int i = 0; i < images.size(); i++) {
      for (int y = 0; y < strip.height(); y++) {
        for (int x = 0; x < strip.width(); x++) {
          double grey = images.get(i)[y * strip.width() + x];
          int index = i * (strip.width() + gap) + y * width + x;
          if (!Double.isNaN(grey)) {
            double clamped = Math.max(0, Math.min(1, grey));
            pixels[index] = (byte) Math.round(clamped * (CLEAR - 1));
          }
        }
      }
    }
    return pixels;
  }
}
