package dev.natgrad.cli;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Finds what a misspelt word may have meant. */
final class Nearest {
  private static final int SHOWN = 3;

  private Nearest() {}

  /**
   * The known words nearest to one: all at the least edit distance, and those it begins.
   *
   * @param word what was typed
   * @param known at least one word
   * @return one to three words, joined by "or"
   */
  static String of(String word, List<String> known) {
    int least = known.stream().mapToInt(k -> distance(word, k)).min().orElseThrow();
    return known.stream()
        .filter(k -> distance(word, k) == least || k.startsWith(word))
        .sorted(Comparator.comparingInt(k -> k.startsWith(word) ? 0 : 1))
        .limit(SHOWN)
        .collect(Collectors.joining(" or "));
  }

  /** Levenshtein's distance, one row at a time. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
