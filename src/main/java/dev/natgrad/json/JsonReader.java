package dev.natgrad.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recursive-descent reader over one text; used once, by one thread. */
final class JsonReader {
  private final String text;
  private int at;
  private int depth;

  JsonReader(String text) {
    this.text = text;
  }

  Object document() {
    Object value = value();
    space();
    if (at < text.length()) {
      throw new JsonException("text after the end of the JSON value", at);
    }
    return value;
  }

  private Object value() {
    space();
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      case 't':
        return literal("true", Boolean.TRUE);
      case 'f':
        return literal("false", Boolean.FALSE);
      case 'n':
        return literal("null", null);
      default:
        return number();
    }
  }

  private Map<String, Object> object() {
    enter();
    Map<String, Object> entries = new LinkedHashMap<>();
    if (!closes('}')) {
      do {
        space();
        int start = at;
        if (peek() != '"') {
          throw new JsonException("an object's key must be a string", at);
        }
        String key = string();
        if (entries.containsKey(key)) {
          throw new JsonException("the key " + JsonWriter.write(key, false) + " repeats", start);
        }
        space();
        expect(':');
        entries.put(key, value());
      } while (continues('}'));
    }
    depth--;
    return entries;
  }

  private List<Object> array() {
    enter();
    List<Object> items = new ArrayList<>();
    if (!closes(']')) {
      do {
        items.add(value());
      } while (continues(']'));
    }
    depth--;
    return items;
  }

  private void enter() {
    if (++depth > Json.MAX_DEPTH) {
      throw new JsonException("nested deeper than " + Json.MAX_DEPTH + " levels", at);
    }
    at++;
  }

  private boolean closes(char end) {
    space();
    if (peek() == end) {
      at++;
      return true;
    }
    return false;
  }

  private boolean continues(char end) {
    if (closes(end)) {
      return false;
    }
    if (peek() != ',') {
      throw new JsonException("expected ',' or '" + end + "'", at);
    }
    at++;
    return true;
  }

  private Object literal(String word, Object value) {
    if (!text.startsWith(word, at)) {
      throw new JsonException("not a JSON value", at);
    }
    at += word.length();
    return value;
  }

  private String string() {
    int start = at++;
    StringBuilder out = new StringBuilder();
    while (true) {
      if (at >= text.length()) {
        throw new JsonException("the string has no closing quote", start);
      }
      char c = text.charAt(at++);
      if (c == '"') {
        return out.toString();
      }
      if (c < 0x20) {
        throw new JsonException("a control character in a string must be escaped", at - 1);
      }
      out.append(c == '\\' ? escape() : c);
    }
  }

  private char escape() {
    char c = peek();
    at++;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        return c;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        return unicode();
      default:
        throw new JsonException("unknown escape", at - 2);
    }
  }

  private char unicode() {
    int code = 0;
    for (int i = 0; i < 4; i++, at++) {
      char c = peek();
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw new JsonException("\\u needs four hexadecimal digits", at);
      }
      code = code << 4 | digit;
    }
    return (char) code;
  }

  private Number number() {
    int start = at;
    boolean whole = true;
    skip('-');
    if (!skip('0')) {
      digits();
    }
    if (skip('.')) {
      whole = false;
      digits();
    }
    if (skip('e') || skip('E')) {
      whole = false;
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
    String number = text.substring(start, at);
    if (whole && number.length() <= 20) {
      try {
        return Long.valueOf(number);
      } catch (NumberFormatException tooLong) {
        return Double.valueOf(number);
      }
    }
    double value = Double.parseDouble(number);
    if (Double.isInfinite(value)) {
      throw new JsonException("the number is outside the range of double", start);
    }
    return value;
  }

  private void digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw new JsonException("not a JSON value", at);
    }
  }

  private boolean skip(char c) {
    boolean found = at < text.length() && text.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  private void expect(char c) {
    if (peek() != c) {
      throw new JsonException("expected '" + c + "'", at);
    }
    at++;
  }

  private char peek() {
    if (at >= text.length()) {
      throw new JsonException("the text ends too early", at);
    }
    return text.charAt(at);
  }

  private void space() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
