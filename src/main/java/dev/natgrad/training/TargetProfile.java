package dev.natgrad.training;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * The cells of a target column in figures, on which the choice of its kind rests.
 *
 * @param rows those with a target
 */
record TargetProfile(
    CsvTable table,
    int column,
    int[] rows,
    boolean numeric,
    boolean whole,
    int distinct,
    double least,
    double greatest) {
  private static final int MAX_AUTO_CLASSES = 20;
  private static final int MIN_ROWS_PER_CLASS = 5;

  static TargetProfile of(CsvTable table, int column, int[] rows) {
    if (!table.isNumeric(column)) {
      long distinct = Arrays.stream(rows).map(r -> table.code(column, r)).distinct().count();
      return new TargetProfile(table, column, rows, false, false, (int) distinct, 0, 0);
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
    return new TargetProfile(table, column, rows, true, whole, distinct, sorted[0], greatest);
  }

  private boolean isProbability() {
    return numeric && least >= 0 && greatest <= 1;
  }

  /** Fewer than two rows a class on average: names or measurements rather than classes. */
  private boolean hasTooManyClasses() {
    return distinct > 20 && distinct > rows.length / 2;
  }

  private String values() {
    return numeric
        ? distinct + " distinct numbers from " + label(least) + " to " + label(greatest)
        : distinct + " distinct texts";
  }

  private String quoted() {
    return DataException.quote(table.name(column));
  }

  /** What the column is by itself; {@link Target} says how that is decided. */
  TargetKind kind() {
    boolean named = !numeric || whole;
    if (named && distinct == 2) {
      return TargetKind.BERNOULLI;
    }
    boolean few = distinct <= MAX_AUTO_CLASSES && rows.length / MIN_ROWS_PER_CLASS >= distinct;
    return !numeric || (whole && few) ? TargetKind.CATEGORICAL : TargetKind.GAUSSIAN;
  }

  /** Why it is of that kind. */
  String reason() {
    String subject = "the target " + quoted() + " has ";
    TargetKind kind = kind();
    if (kind == TargetKind.BERNOULLI) {
      return subject + "two values";
    }
    if (!numeric) {
      return subject + values();
    }
    return kind == TargetKind.CATEGORICAL
        ? subject + "only " + values() + ", all whole (for a quantity give --distribution gaussian)"
        : subject + values() + (whole ? "" : ", not all whole");
  }

  /** Whether its values are classes if it is taken for that kind, rather than numbers. */
  boolean hasClasses(TargetKind kind) {
    return kind == TargetKind.CATEGORICAL
        || (kind == TargetKind.BERNOULLI && distinct == 2 && (whole || !isProbability()));
  }

  /**
   * Refuses a column that never varies.
   *
   * @throws DataException naming the column and its value
   */
  void checkVaries() {
    if (distinct == 1) {
      throw new DataException(
          place()
              + " has the one value "
              + DataException.quote(labels().get(0))
              + " in all "
              + rows.length
              + " rows; a target needs at least two values");
    }
  }

  private String place() {
    return table.file() + ": the target " + quoted();
  }

  /**
   * Refuses a kind that the column does not suit.
   *
   * @throws DataException naming the column, its values and the rule
   */
  void check(TargetKind kind) {
    String place = place();
    if (kind.isQuantity() && !numeric) {
      throw new DataException(
          place
              + " is not numeric ("
              + table.firstText(column)
              + "), so it cannot be "
              + kind.spelling()
              + "; correct the cell or choose categorical");
    }
    boolean count = whole && least >= 0;
    if (kind.counts() && !count || kind == TargetKind.GAMMA && !(least > 0)) {
      throw new DataException(
          place
              + " has "
              + values()
              + (whole ? "" : ", not all whole")
              + "; "
              + kind.spelling()
              + (kind.counts() ? " needs counts 0, 1, 2, …" : " needs numbers above 0")
              + ": correct the cells or choose gaussian");
    }
    if (kind == TargetKind.CATEGORICAL && hasTooManyClasses()) {
      throw new DataException(
          place
              + " would have "
              + distinct
              + " classes in "
              + rows.length
              + " rows; classes need at least two rows each on average"
              + (numeric
                  ? ", a quantity is gaussian"
                  : " (the first cell that is no number: " + table.firstText(column) + ")"));
    }
    if (kind == TargetKind.BERNOULLI && distinct != 2 && !isProbability()) {
      throw new DataException(
          place + " has " + values() + "; bernoulli needs two classes or numbers between 0 and 1");
    }
  }

  /** The classes in order: texts by their characters, numbers by size; with each its label. */
  List<String> labels() {
    if (numeric) {
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
