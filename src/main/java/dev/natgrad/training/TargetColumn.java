package dev.natgrad.training;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One column to predict, with its value in every row. Immutable; any thread may read it.
 *
 * @see Target
 */
public final class TargetColumn {
  private final CsvTable table;
  private final int index;
  private final List<String> classes;
  private final int[] codes;

  TargetColumn(TargetProfile profile, TargetKind kind) {
    this.table = profile.table();
    this.index = profile.column();
    this.classes = profile.hasClasses(kind) ? profile.labels() : List.of();
    this.codes = classes.isEmpty() ? null : codes(profile.rows());
  }

  private int[] codes(int[] rows) {
    Map<String, Integer> places = new HashMap<>();
    for (String label : classes) {
      places.put(label, places.size());
    }
    int[] codes = new int[table.rows()];
    Arrays.fill(codes, -1);
    boolean numeric = table.isNumeric(index);
    int[] ofLevel =
        table.levels(index).stream().mapToInt(level -> places.getOrDefault(level, -1)).toArray();
    for (int row : rows) {
      codes[row] =
          numeric
              ? places.get(TargetProfile.label(table.number(index, row) + 0.0))
              : ofLevel[table.code(index, row)];
    }
    return codes;
  }

  /**
   * The column's place in the table.
   *
   * @return from 0
   */
  public int index() {
    return index;
  }

  /**
   * The column's name.
   *
   * @return as {@link CsvTable#name} gives it
   */
  public String name() {
    return table.name(index);
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
   * The class of a row.
   *
   * @param row index into the table
   * @return index into {@link #classes}, or −1 if the row is none of the target's
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
    return codes == null ? table.number(index, row) : codes[row];
  }
}
