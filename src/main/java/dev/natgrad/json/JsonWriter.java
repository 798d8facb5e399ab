package dev.natgrad.json;

import java.lang.reflect.Array;
import java.util.Map;

/** Appends JSON to one builder; used once, by one thread. */
final class JsonWriter {
  private final StringBuilder out = new StringBuilder();
  private final boolean indented;
  private int depth;

  private JsonWriter(boolean indented) {
    this.indented = indented;
  }

  static String write(Object value, boolean indented) {
    JsonWriter writer = new JsonWriter(indented);
    writer.value(value);
    return writer.out.toString();
  }

  private void value(Object value) {
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Double || value instanceof Float) {
      boolean finite = Double.isFinite(((Number) value).doubleValue());
      out.append(finite ? value.toString() : "null");
    } else if (value instanceof Number) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      object(map);
    } else if (value instanceof Iterable<?> items) {
      enter();
      out.append('[');
      String separator = "";
      for (Object item : items) {
        out.append(separator);
        value(item);
        separator = ",";
      }
      depth--;
      out.append(']');
    } else if (value.getClass().isArray()) {
      enter();
      out.append('[');
      for (int i = 0; i < Array.getLength(value); i++) {
        out.append(i > 0 ? "," : "");
        value(Array.get(value, i));
      }
      depth--;
      out.append(']');
    } else {
      throw new IllegalArgumentException("value of " + value.getClass() + " has no JSON form");
    }
  }

  private void object(Map<?, ?> map) {
    enter();
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String key)) {
        throw new IllegalArgumentException("key " + entry.getKey() + " is not a String");
      }
      out.append(separator);
      breakLine(depth);
      string(key);
      out.append(indented ? ": " : ":");
      value(entry.getValue());
      separator = ",";
    }
    depth--;
    if (!map.isEmpty()) {
      breakLine(depth);
    }
    out.append('}');
  }

  private void breakLine(int level) {
    if (indented) {
      out.append('\n').append("  ".repeat(level));
    }
  }

  private void enter() {
    if (++depth > Json.MAX_DEPTH) {
      throw new IllegalArgumentException(
          "value nests deeper than " + Json.MAX_DEPTH + " levels, or contains itself");
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        out.append(c).append(text.charAt(++i));
      } else if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
