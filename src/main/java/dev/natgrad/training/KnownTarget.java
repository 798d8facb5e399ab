package dev.natgrad.training;

import java.util.List;

/**
 * A target in a table to which a model is applied, where the table has it: what the predictions are
 * compared with. Immutable; any thread may read it.
 */
public final class KnownTarget {
  private final CsvTable table;
  private final TargetEncoder.Column target;
  private final int column;

  private KnownTarget(CsvTable table, TargetEncoder.Column target, int column) {
    this.table = table;
    this.target = target;
    this.column = column;
  }

  /**
   * Finds a target in a table.
   *
   * @param table the table
   * @param features the encoder of the model's features, which knows where the targets were
   * @param targets the encoder of the targets
   * @param number which of its columns, from 0
   * @return the target, or null if the table has no column that could be it
   */
  public static KnownTarget find(
      CsvTable table, FeatureEncoder features, TargetEncoder targets, int number) {
    TargetEncoder.Column target = targets.columns().get(number);
    int column = features.targetIn(table, number, target.name());
    return column < 0 ? null : new KnownTarget(table, target, column);
  }

  /**
   * Tells whether a row has something that no prediction can be compared with.
   *
   * @param row index into the table
   * @return true for what is no class of the model, or words where it predicts numbers
   */
  public boolean isUnknown(int row) {
    boolean known = target.classes().isEmpty() ? table.isNumeric(column) : classOf(row) >= 0;
    return !known && !table.isMissing(column, row);
  }

  /**
   * Returns the class of a row.
   *
   * @param row index into the table
   * @return index into the target's classes; −1 if it is missing or no class of the model
   */
  public int classOf(int row) {
    if (table.isMissing(column, row)) {
      return -1;
    }
    if (table.isNumeric(column)) {
      return target.classes().indexOf(TargetProfile.label(table.number(column, row) + 0.0));
    }
    List<String> levels = table.levels(column);
    return target.classes().indexOf(levels.get(table.code(column, row)));
  }

  /**
   * Returns the number in a row of a target without classes.
   *
   * @param row index into the table
   * @return in the target's own units; NaN if it is missing or the column has words
   */
  public double valueOf(int row) {
    return table.isNumeric(column) ? table.number(column, row) : Double.NaN;
  }
}
