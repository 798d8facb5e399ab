package dev.natgrad.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What to predict: one column or several side by side, all of one kind.
 *
 * <p>{@link TargetKind#AUTO} decides so:
 *
 * <ul>
 *   <li>two distinct texts or whole numbers: Bernoulli, since one log-odds says as much as a
 *       softmax over two classes with half the outputs and no redundant direction; the second class
 *       in order counts as success;
 *   <li>more distinct texts: categorical;
 *   <li>3 to 20 distinct whole numbers, with at least 5 rows each on average: categorical;
 *   <li>any other numbers: Gaussian;
 *   <li>columns of classes some of which have two and some more: all of them categorical.
 * </ul>
 *
 * <p>Classes are ordered, texts by their characters and numbers by size. Rows in which a target is
 * missing are left out and counted in {@link #notes}. Immutable; any thread may read it.
 */
public final class Target {
  private static final int LISTED_COLUMNS = 30;
  private static final int LISTED_REASONS = 3;

  private final CsvTable table;
  private final List<TargetColumn> columns;
  private final int[] rows;
  private final TargetKind kind;
  private final String reason;

  private Target(
      CsvTable table, List<TargetColumn> columns, int[] rows, TargetKind kind, String reason) {
    this.table = table;
    this.columns = columns;
    this.rows = rows;
    this.kind = kind;
    this.reason = reason;
  }

  /**
   * Picks a table's target columns and decides their kind.
   *
   * @param table the data
   * @param spec {@code last}, or a name in the header, or a column's number from 1; or several of
   *     them between commas (a name that has a comma itself can only be given alone)
   * @param requested the kind, or {@link TargetKind#AUTO}
   * @return the target
   * @throws DataException if there is no such column, no other column, one is named twice, no row
   *     has a value in all of them, one has a single value or does not suit the kind, or AUTO finds
   *     classes and quantities
   */
  public static Target select(CsvTable table, String spec, TargetKind requested) {
    int[] indices = indices(table, spec);
    if (table.columns() == indices.length) {
      throw new DataException(
          table.file()
              + ": has "
              + (indices.length == 1
                  ? "one column (between commas, semicolons or tabs)"
                  : "no column beside its targets")
              + "; a model needs a target and at least one feature");
    }
    int[] rows =
        Arrays.stream(table.allRows())
            .filter(r -> Arrays.stream(indices).noneMatch(c -> table.isMissing(c, r)))
            .toArray();
    if (rows.length == 0) {
      throw new DataException(
          table.file()
              + (indices.length == 1
                  ? ": the target "
                      + DataException.quote(table.name(indices[0]))
                      + " is missing in every row; name another column"
                  : ": no row has all of the " + indices.length + " targets; name fewer columns"));
    }
    List<TargetProfile> profiles =
        Arrays.stream(indices).mapToObj(c -> TargetProfile.of(table, c, rows)).toList();
    profiles.forEach(TargetProfile::checkVaries);
    TargetKind kind = requested == TargetKind.AUTO ? decide(profiles) : requested;
    profiles.forEach(profile -> profile.check(kind));
    String why = kind.spelling() + ", ";
    why += requested == TargetKind.AUTO ? "because " + reason(profiles) : "as asked";
    List<TargetColumn> columns =
        profiles.stream().map(profile -> new TargetColumn(profile, kind)).toList();
    return new Target(table, columns, rows, kind, why);
  }

  /**
   * Separates several names of columns.
   *
   * @param table the data
   * @param spec as {@link #select} takes it
   * @return what names one column each, whether there is such a column or not
   */
  public static List<String> names(CsvTable table, String spec) {
    boolean whole = table.hasHeader() && table.names().contains(spec);
    return whole ? List.of(spec) : Arrays.stream(spec.split(",", -1)).map(String::strip).toList();
  }

  private static int[] indices(CsvTable table, String spec) {
    int[] indices = names(table, spec).stream().mapToInt(name -> column(table, name)).toArray();
    for (int i = 0; i < indices.length; i++) {
      for (int j = 0; j < i; j++) {
        if (indices[i] == indices[j]) {
          throw new DataException(
              table.file()
                  + ": the target "
                  + DataException.quote(table.name(indices[i]))
                  + " is named twice in "
                  + DataException.quote(spec)
                  + "; name each column once");
        }
      }
    }
    return indices;
  }

  private static TargetKind decide(List<TargetProfile> profiles) {
    List<TargetKind> kinds = profiles.stream().map(TargetProfile::kind).distinct().toList();
    if (kinds.size() == 1) {
      return kinds.get(0);
    }
    if (!kinds.contains(TargetKind.GAUSSIAN)) {
      return TargetKind.CATEGORICAL;
    }
    TargetProfile quantity =
        profiles.stream().filter(p -> p.kind() == TargetKind.GAUSSIAN).findFirst().orElseThrow();
    TargetProfile classes =
        profiles.stream().filter(p -> p.kind() != TargetKind.GAUSSIAN).findFirst().orElseThrow();
    throw new DataException(
        quantity.table().file()
            + ": targets side by side are of one kind, but "
            + classes.reason()
            + " and "
            + quantity.reason()
            + "; give --distribution, or train a model for each kind");
  }

  private static String reason(List<TargetProfile> profiles) {
    String named =
        profiles.stream()
            .limit(LISTED_REASONS)
            .map(TargetProfile::reason)
            .collect(Collectors.joining(", "));
    int more = profiles.size() - LISTED_REASONS;
    return more > 0 ? named + ", and " + more + " more are alike" : named;
  }

  /**
   * Finds a column.
   *
   * @param table the data
   * @param spec {@code last}, or a name in the header, or a column's number from 1
   * @return its index, from 0
   * @throws DataException if there is no such column; the message lists what there is; or if {@code
   *     last} is the name of another one
   */
  public static int column(CsvTable table, String spec) {
    int named = table.hasHeader() ? table.names().indexOf(spec) : -1;
    if (spec.equals("last")) {
      if (named >= 0 && named < table.columns() - 1) {
        throw new DataException(
            table.file()
                + ": 'last' is both the name of column "
                + (named + 1)
                + " and the last of "
                + table.columns()
                + " columns; give the number of the one you mean");
      }
      return table.columns() - 1;
    }
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

  /**
   * The columns to predict.
   *
   * @return at least one, as they were named
   */
  public List<TargetColumn> columns() {
    return columns;
  }

  /**
   * The columns' names.
   *
   * @return as {@link CsvTable#name} gives them
   */
  public List<String> names() {
    return columns.stream().map(TargetColumn::name).toList();
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
      String lack = columns.size() == 1 ? "no target" : "no value of some target";
      notes.add(
          dropped == 1
              ? "1 row has " + lack + " and is left out"
              : dropped + " rows have " + lack + " and are left out");
    }
    return List.copyOf(notes);
  }
}
