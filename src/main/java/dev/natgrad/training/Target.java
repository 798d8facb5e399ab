package dev.natgrad.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The column to predict: which one, what kind, and its value in every row.
 *
 * <p>{@link TargetKind#AUTO} decides so:
 *
 * <ul>
 *   <li>two distinct texts or whole numbers: Bernoulli, since one log-odds says as much as a
 *       softmax over two classes with half the outputs and no redundant direction; the second class
 *       in order counts as success;
 *   <li>more distinct texts: categorical;
 *   <li>3 to 20 distinct whole numbers, with at least 5 rows each on average: categorical;
 *   <li>any other numbers: Gaussian.
 * </ul>
 *
 * <p>Classes are ordered, texts by their characters and numbers by size. Rows whose target is
 * missing are left out and counted in {@link #notes}. Immutable; any thread may read it.
 */
public final class Target {
  private static final int MAX_AUTO_CLASSES = 20;
  private static final int MIN_ROWS_PER_CLASS = 5;
  private static final int LISTED_COLUMNS = 30;

  private final CsvTable table;
  private final int column;
  private final int[] rows;
  private final TargetKind kind;
  private final String reason;
  private final List<String> classes;
  private final int[] codes;

  private Target(
      CsvTable table,
      int column,
      int[] rows,
      TargetKind kind,
      String reason,
      List<String> classes) {
    this.table = table;
    this.column = column;
    this.rows = rows;
    this.kind = kind;
    this.reason = reason;
    this.classes = classes;
    this.codes = classes.isEmpty() ? null : codes(table, column, rows, classes);
  }

  /**
   * Picks a table's target column and decides its kind.
   *
   * @param table the data
   * @param spec {@code last}, or a name in the header, or a column's number from 1
   * @param requested the kind, or {@link TargetKind#AUTO}
   * @return the target
   * @throws DataException if there is no such column, no other column, no row with a value, a
   *     single value, or the column does not suit the kind
   */
  public static Target select(CsvTable table, String spec, TargetKind requested) {
    int column = column(table, spec);
    if (table.columns() == 1) {
      throw new DataException(
          table.file() + ": has one column; a model needs a target and at least one feature");
    }
    int[] rows = Arrays.stream(table.allRows()).filter(r -> !table.isMissing(column, r)).toArray();
    String place = table.file() + ": the target " + DataException.quote(table.name(column));
    if (rows.length == 0) {
      throw new DataException(place + " is missing in every row; name another column");
    }
    TargetProfile profile = TargetProfile.of(table, column, rows);
    if (profile.distinct() == 1) {
      String value = TargetProfile.labels(table, column, rows).get(0);
      throw new DataException(
          place
              + " has the one value "
              + DataException.quote(value)
              + " in all "
              + rows.length
              + " rows; a target needs at least two values");
    }
    TargetKind kind = requested == TargetKind.AUTO ? decide(profile) : requested;
    check(table, column, place, profile, kind);
    boolean classified =
        kind == TargetKind.CATEGORICAL
            || (kind == TargetKind.BERNOULLI
                && profile.distinct() == 2
                && (profile.whole() || !profile.isProbability()));
    List<String> classes = classified ? TargetProfile.labels(table, column, rows) : List.of();
    String why = kind.spelling() + ", ";
    why += requested == TargetKind.AUTO ? "because " + reason(table, column, profile) : "as asked";
    return new Target(table, column, rows, kind, why, classes);
  }

  private static TargetKind decide(TargetProfile profile) {
    boolean named = !profile.numeric() || profile.whole();
    if (named && profile.distinct() == 2) {
      return TargetKind.BERNOULLI;
    }
    boolean few =
        profile.distinct() <= MAX_AUTO_CLASSES
            && profile.cells() / MIN_ROWS_PER_CLASS >= profile.distinct();
    return !profile.numeric() || (profile.whole() && few)
        ? TargetKind.CATEGORICAL
        : TargetKind.GAUSSIAN;
  }

  private static String reason(CsvTable table, int column, TargetProfile profile) {
    String subject = "the target " + DataException.quote(table.name(column)) + " has ";
    TargetKind kind = decide(profile);
    if (kind == TargetKind.BERNOULLI) {
      return subject + "two values";
    }
    if (!profile.numeric()) {
      return subject + profile.values();
    }
    return kind == TargetKind.CATEGORICAL
        ? subject
            + "only "
            + profile.values()
            + ", all whole (for a quantity give --distribution gaussian)"
        : subject + profile.values() + (profile.whole() ? "" : ", not all whole");
  }

  private static void check(
      CsvTable table, int column, String place, TargetProfile profile, TargetKind kind) {
    if (kind.isQuantity() && !profile.numeric()) {
      throw new DataException(
          place
              + " is not numeric ("
              + table.firstText(column)
              + "), so it cannot be "
              + kind.spelling()
              + "; correct the cell or choose categorical");
    }
    boolean count = profile.whole() && profile.least() >= 0;
    if (kind.counts() && !count || kind == TargetKind.GAMMA && !(profile.least() > 0)) {
      throw new DataException(
          place
              + " has "
              + profile.values()
              + (profile.whole() ? "" : ", not all whole")
              + "; "
              + kind.spelling()
              + (kind.counts() ? " needs counts 0, 1, 2, …" : " needs numbers above 0")
              + ": correct the cells or choose gaussian");
    }
    if (kind == TargetKind.CATEGORICAL && profile.hasTooManyClasses()) {
      throw new DataException(
          place
              + " would have "
              + profile.distinct()
              + " classes in "
              + profile.cells()
              + " rows; classes need at least two rows each on average"
              + (profile.numeric()
                  ? ", a quantity is gaussian"
                  : " (the first cell that is no number: " + table.firstText(column) + ")"));
    }
    if (kind == TargetKind.BERNOULLI && profile.distinct() != 2 && !profile.isProbability()) {
      throw new DataException(
          place
              + " has "
              + profile.values()
              + "; bernoulli needs two classes or numbers between 0 and 1");
    }
  }

  /**
   * Finds a column.
   *
   * @param table the data
   * @param spec {@code last}, or a name in the header, or a column's number from 1
   * @return its index, from 0
   * @throws DataException if there is no such column; the message lists what there is
   */
  public static int column(CsvTable table, String spec) {
    if (spec.equals("last")) {
      return table.columns() - 1;
    }
    int named = table.hasHeader() ? table.names().indexOf(spec) : -1;
    if (named >= 0) {
      return named;
    }
    if (spec.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(spec);
      if (number >= 1 && number <= table.columns()) {
        return number - 1;
      }
    }
    List<String> names = table.names();
    String listed =
        table.hasHeader()
            ? "the columns are "
                + String.join(", ", names.subList(0, Math.min(LISTED_COLUMNS, names.size())))
                + (names.size() > LISTED_COLUMNS ? ", ..." : "")
                + " (or a number from 1 to "
                + names.size()
                + ", or last)"
            : "the file has no header; give a number from 1 to " + names.size() + ", or last";
    throw new DataException(
        table.file() + ": no column " + DataException.quote(spec) + "; " + listed);
  }

  private static int[] codes(CsvTable table, int column, int[] rows, List<String> classes) {
    Map<String, Integer> index = new HashMap<>();
    for (String label : classes) {
      index.put(label, index.size());
    }
    int[] codes = new int[table.rows()];
    Arrays.fill(codes, -1);
    boolean numeric = table.isNumeric(column);
    int[] ofLevel =
        table.levels(column).stream().mapToInt(level -> index.getOrDefault(level, -1)).toArray();
    for (int row : rows) {
      codes[row] =
          numeric
              ? index.get(TargetProfile.label(table.number(column, row) + 0.0))
              : ofLevel[table.code(column, row)];
    }
    return codes;
  }

  /**
   * The column's index.
   *
   * @return from 0
   */
  public int column() {
    return column;
  }

  /**
   * The column's name.
   *
   * @return as {@link CsvTable#name} gives it
   */
  public String name() {
    return table.name(column);
  }

  /**
   * What the target is taken for.
   *
   * @return never {@link TargetKind#AUTO}
   */
  public TargetKind kind() {
    return kind;
  }

  /**
   * What was picked and why, such as {@code bernoulli, because the target 'income' has two values}.
   *
   * @return one sentence without a full stop
   */
  public String reason() {
    return reason;
  }

  /**
   * The classes in order; for a Bernoulli target the second one counts as success.
   *
   * @return at least two labels; none for a quantity or probabilities
   */
  public List<String> classes() {
    return classes;
  }

  /**
   * The rows that have a target.
   *
   * @return row indices of the table, ascending; a copy
   */
  public int[] rows() {
    return rows.clone();
  }

  /**
   * What was left out.
   *
   * @return one-line sentences, possibly none
   */
  public List<String> notes() {
    int dropped = table.rows() - rows.length;
    List<String> notes = new ArrayList<>();
    if (dropped > 0) {
      String are = dropped == 1 ? " row has no target and is" : " rows have no target and are";
      notes.add(dropped + are + " left out");
    }
    return List.copyOf(notes);
  }

  /**
   * The class of a row.
   *
   * @param row index into the table
   * @return index into {@link #classes}, or −1 if the target is missing there
   * @throws IllegalStateException if the target has no classes
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public int classOf(int row) {
    if (codes == null) {
      throw new IllegalStateException("target " + name() + " has no classes; ask for its value");
    }
    return codes[row];
  }

  /**
   * The number in a row: the cell itself, or the class index if the target has classes.
   *
   * @param row index into the table
   * @return in the target's own units; NaN (or −1 with classes) if it is missing there
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public double valueOf(int row) {
    return codes == null ? table.number(column, row) : codes[row];
  }
}
