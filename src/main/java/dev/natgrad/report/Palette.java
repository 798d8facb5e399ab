package dev.natgrad.report;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Six colours that people with any common colour blindness can tell apart, after Okabe and Ito,
 * darkened or lightened until each has a contrast of at least 3 : 1 with its background (WCAG 2.2,
 * 1.4.11). Markers of different shape say the same a second time.
 */
final class Palette {
  static final int SIZE = 6;
  static final int[] LIGHT = {0x0069A8, 0xC24A00, 0x007A58, 0xA8468A, 0x8A6500, 0x54499E};
  static final int[] DARK = {0x5AB8F0, 0xFF9A5C, 0x35CFA0, 0xEBA0CC, 0xE6C555, 0xB0AAF5};

  private final Map<String, Integer> byName = new HashMap<>();

  /** The colour index of a run, the same at every call; the seventh run shares the first's. */
  int of(String name) {
    return byName.computeIfAbsent(name, n -> byName.size() % SIZE);
  }

  static String variables(int[] colours) {
    StringBuilder css = new StringBuilder();
    for (int i = 0; i < colours.length; i++) {
      css.append(String.format(Locale.ROOT, "--c%d:#%06x;", i, colours[i]));
    }
    return css.toString();
  }
}
