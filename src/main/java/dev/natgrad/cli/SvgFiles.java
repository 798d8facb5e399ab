package dev.natgrad.cli;

import dev.natgrad.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes the charts out of a report, each as an SVG file with the page's style in it. */
final class SvgFiles {
  private static final String FIGURE = "<figure id=\"";
  private static final String OPEN = "<svg";
  private static final String CLOSE = "</svg>";

  private SvgFiles() {}

  /** Writes figure-1-1.svg, …: the figure's number, then the chart's within it. */
  static void write(Report report, Path folder) throws IOException {
    String html = report.html();
    String style = between(html, 0, "<style>", "</style>");
    int figure = html.indexOf(FIGURE);
    while (figure >= 0) {
      int next = html.indexOf(FIGURE, figure + 1);
      int end = next < 0 ? html.length() : next;
      String id = between(html, figure, FIGURE, "\"");
      int number = 0;
      int at = html.indexOf(OPEN, figure);
      while (at >= 0 && at < end) {
        int after = endOf(html, at);
        String svg = html.substring(at, after);
        int tag = svg.indexOf('>') + 1;
        if (svg.substring(0, tag).contains("class=\"chart\"")) {
          String styled =
              svg.substring(0, tag)
                  + "<style>"
                  + style
                  + "svg.chart{background:var(--paper)}</style>"
                  + svg.substring(tag);
          Files.writeString(folder.resolve(id + "-" + ++number + ".svg"), styled);
        }
        at = html.indexOf(OPEN, after);
      }
      figure = next;
    }
  }

  /** The place after the end tag that belongs to the start tag, with what is nested in between. */
  private static int endOf(String html, int start) {
    int depth = 0;
    int at = start;
    do {
      int open = html.indexOf(OPEN, at);
      int close = html.indexOf(CLOSE, at);
      boolean opens = open >= 0 && open < close;
      depth += opens ? 1 : -1;
      at = opens ? open + OPEN.length() : close + CLOSE.length();
    } while (depth > 0);
    return at;
  }

  private static String between(String html, int from, String before, String after) {
    int start = html.indexOf(before, from) + before.length();
    return html.substring(start, html.indexOf(after, start));
  }
}
