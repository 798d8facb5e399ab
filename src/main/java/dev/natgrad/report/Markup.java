package dev.natgrad.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes elements that are at once HTML and well-formed XML. Every text and attribute is escaped,
 * and characters that XML 1.0 cannot carry become U+FFFD, so no name can break the page.
 */
final class Markup {
  private final StringBuilder out = new StringBuilder(1 << 16);
  private final Deque<String> open = new ArrayDeque<>();

  /** Opens an element; {@code attributes} are name, value, name, value. */
  Markup open(String tag, Object... attributes) {
    start(tag, attributes);
    out.append('>');
    open.push(tag);
    return this;
  }

  Markup close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** Closes elements until {@code depth} remain open. */
  Markup closeTo(int depth) {
    while (open.size() > depth) {
      close();
    }
    return this;
  }

  int depth() {
    return open.size();
  }

  /** An element without content; only SVG shapes and HTML's void elements may be written so. */
  Markup empty(String tag, Object... attributes) {
    start(tag, attributes);
    out.append("/>");
    return this;
  }

  /** An element that holds nothing but text. */
  Markup element(String tag, String text, Object... attributes) {
    return open(tag, attributes).text(text).close();
  }

  Markup text(String text) {
    escape(text, out);
    return this;
  }

  Markup newline() {
    out.append('\n');
    return this;
  }

  /** Content that is already markup: the style sheet, or another writer's output. */
  Markup raw(String markup) {
    out.append(markup);
    return this;
  }

  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("elements still open: " + open);
    }
    return out.toString();
  }

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    escape(text, escaped);
    return escaped.toString();
  }

  private void start(String tag, Object... attributes) {
    if (attributes.length % 2 != 0) {
      throw new IllegalArgumentException("attributes of " + tag + " must come in pairs");
    }
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      Object value = attributes[i + 1];
      escape(value instanceof Double d ? Numbers.coordinate(d) : value.toString(), out);
      out.append('"');
    }
  }

  private static void escape(String text, StringBuilder to) {
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '<' -> to.append("&lt;");
        case '>' -> to.append("&gt;");
        case '&' -> to.append("&amp;");
        case '"' -> to.append("&quot;");
        case '\'' -> to.append("&#39;");
        default -> to.appendCodePoint(legal(c) ? c : 0xFFFD);
      }
    }
  }

  private static boolean legal(int c) {
    return c == '\t'
        || c == '\n'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
