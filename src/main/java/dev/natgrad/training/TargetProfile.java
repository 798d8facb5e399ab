package dev.natgrad.training;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** The non-missing cells of a target column in figures, on which the choice of its kind rests. */
record TargetProfile(
    boolean numeric, boolean whole, int cells, int distinct, double least, double greatest) {

  static TargetProfile of(CsvTable table, int column, int[] rows) {
    if (!table.isNumeric(column)) {
      long distinct = Arrays.stream(rows).map(r -> table.code(column, r)).distinct().count();
      return new TargetProfile(false, false, rows.length, (int) distinct, 0, 0);
    }
    double[] sorted = Arrays.stream(rows).mapToDouble(r -> table.number(column, r) + 0.0).toArray();
    Arrays.sort(sorted);
    boolean whole = true;
    int distinct = 0;
    for (int i = 0; i < sorted.length; i++) {
      whole &= sorted[i] == Math.rint(sorted[i]);
      distinct += i == 0 || sorted[i] != sorted[i - 1] ? 1 : 0;
    }
    double greatest = sorted[sorted.length - 1];
    return new TargetProfile(true, whole, rows.length, distinct, sorted[0], greatest);
  }

  boolean isProbability() {
    return numeric && least >= 0 && greatest <= 1;
  }

  /** Fewer than two rows a class on average: names or measurements rather than classes. */
  boolean hasTooManyClasses() {
    return distinct > 20 && distinct > cells / 2;
  }

  String values() {
    return numeric
        ? distinct + " distinct numbers from " + label(least) + " to " + label(greatest)
        : distinct + " distinct texts";
  }

  /** The classes in order: texts by their characters, numbers by size; with each its label. */
  static List<String> labels(CsvTable table, int column, int[] rows) {
    if (table.isNumeric(column)) {
      return Arrays.stream(rows)
          .mapToDouble(r -> table.number(column, r) + 0.0)
          .sorted()
          .distinct()
          .mapToObj(TargetProfile::label)
          .toList();
    }
    TreeMap<String, Boolean> labels = new TreeMap<>();
    List<String> levels = table.levels(column);
    for (int row : rows) {
      labels.put(levels.get(table.code(column, row)), true);
    }
    return List.copyOf(labels.keySet());
  }

  static String label(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 0x1p53;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }
}
