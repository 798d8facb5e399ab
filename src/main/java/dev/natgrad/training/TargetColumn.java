package dev.natgrad.training;

import java.util.List;

/**
 * The target column of a table to which a model is applied, where the table has one: what the
 * predictions are compared with. Immutable; any thread may read it.
 */
public final class TargetColumn {
  private final CsvTable table;
  private final TargetEncoder targets;
  private final int column;

  private TargetColumn(CsvTable table, TargetEncoder targets, int column) {
    this.table = table;
    this.targets = targets;
    this.column = column;
  }

  /**
   * Finds the target in a table.
   *
   * @param table the table
   * @param features the encoder of the model's features, which knows where the target was
   * @param targets the encoder of the target
   * @return the column, or null if the table has none that could be the target
   */
  public static TargetColumn find(CsvTable table, FeatureEncoder features, TargetEncoder targets) {
    int column = features.targetIn(table, targets.name());
    boolean numbers = targets.classes().isEmpty();
    if (column < 0 || numbers && !table.isNumeric(column)) {
      return null;
    }
    return new TargetColumn(table, targets, column);
  }

  /**
   * Returns the class of a row.
   *
   * @param row index into the table
   * @return index into the encoder's classes; −1 if it is missing or no class of the model
   */
  public int classOf(int row) {
    if (table.isMissing(column, row)) {
      return -1;
    }
    if (table.isNumeric(column)) {
      return targets.classes().indexOf(TargetProfile.label(table.number(column, row) + 0.0));
    }
    List<String> levels = table.levels(column);
    return targets.classes().indexOf(levels.get(table.code(column, row)));
  }

  /**
   * Returns the number in a row of a target without classes.
   *
   * @param row index into the table
   * @return in the target's own units; NaN if it is missing
   */
  public double valueOf(int row) {
    return table.number(column, row);
  }
}
