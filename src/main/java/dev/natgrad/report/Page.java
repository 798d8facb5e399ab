package dev.natgrad.report;

import java.util.List;

/** What the figures of one page share: the writer, the colours of the runs, the numbering. */
final class Page {
  private final Markup out = new Markup();
  private final Palette palette = new Palette();
  private int figures;
  private int tables;
  private int ids;

  Markup out() {
    return out;
  }

  int colour(String name) {
    return palette.of(name);
  }

  String nextId() {
    return "g" + ++ids;
  }

  void beginFigure() {
    out.newline().open("figure", "id", "figure-" + ++figures);
  }

  /**
   * Ends the figure with its caption and, where there are any, the same numbers as text for readers
   * without the picture.
   */
  void endFigure(String caption, List<String> header, List<List<String>> rows) {
    out.newline().open("figcaption").open("div");
    out.element("b", "Figure " + figures + ".").text(" " + caption).close();
    if (!rows.isEmpty()) {
      out.open("details").element("summary", "Numbers").open("div", "class", "scroll");
      out.open("table").open("thead");
      row("th", header);
      out.close().open("tbody");
      rows.forEach(row -> row("td", row));
      out.close().close().close().close();
    }
    out.close().close();
  }

  String tableName() {
    return "Table " + ++tables + ".";
  }

  void beginLegend() {
    out.open("p", "class", "legend");
  }

  void endLegend() {
    out.close();
  }

  /** A legend entry: a piece of SVG 30 × 14 pixels, then its meaning. */
  void legend(String classes, String path, String meaning) {
    out.open("span", "class", "key");
    out.open("svg", "width", 30, "height", 14, "viewBox", "0 0 30 14", "aria-hidden", "true");
    swatch(classes, path);
    out.close().text(meaning).close();
  }

  /** A legend entry of a run: its line with its marker. */
  void runLegend(String name) {
    int colour = colour(name);
    StringBuilder marker = new StringBuilder();
    Marker.of(colour).append(marker, 15, 7, 4);
    out.open("span", "class", "key");
    out.open("svg", "width", 30, "height", 14, "viewBox", "0 0 30 14", "aria-hidden", "true");
    swatch("line c" + colour, "M1 7H29");
    swatch("mark c" + colour, marker.toString());
    out.close().text(name).close();
  }

  private void swatch(String classes, String path) {
    out.empty("path", "class", classes, "d", path);
  }

  private void row(String cell, List<String> texts) {
    out.newline().open("tr");
    for (int i = 0; i < texts.size(); i++) {
      String tag = i == 0 ? "th" : cell;
      String scope = cell.equals("th") ? "col" : "row";
      if (tag.equals("th")) {
        out.element(tag, texts.get(i), "scope", scope);
      } else {
        out.element(tag, texts.get(i));
      }
    }
    out.close();
  }
}
