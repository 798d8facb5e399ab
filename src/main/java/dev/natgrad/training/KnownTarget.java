package dev.natgrad.training;

/**
 * A target in a table to which a model is applied, where the table has it: what the predictions are
 * compared with. Immutable; any thread may read it.
 */
public final class KnownTarget {
  private final CsvTable table;
  private final TargetEncoder.Column target;
  private final int column;

  /** The classes that are numbers, NaN for the others. */
  private final double[] numbers;

  private KnownTarget(CsvTable table, TargetEncoder.Column target, int column) {
    this.table = table;
    this.target = target;
    this.column = column;
    this.numbers = target.classes().stream().mapToDouble(KnownTarget::number).toArray();
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
   * Tells whether a row has something in the target's column, whatever it is.
   *
   * @param row index into the table
   * @return false if it is missing
   */
  public boolean isPresent(int row) {
    return !table.isMissing(column, row);
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
      return classOf(table.number(column, row));
    }
    String text = table.levels(column).get(table.code(column, row));
    int same = target.classes().indexOf(text);
    return same >= 0 ? same : classOf(number(text));
  }

  /**
   * The only class that is a number: what is numbers here may have been texts in training, such as
   * 01, or the other way round, where the cell of another row decides.
   */
  private int classOf(double value) {
    int found = -1;
    for (int c = 0; c < numbers.length; c++) {
      if (numbers[c] == value) {
        if (found >= 0) {
          return -1;
        }
        found = c;
      }
    }
    return found;
  }

  private static double number(String text) {
    char[] c = text.toCharArray();
    return CsvNumber.parse(c, 0, c.length);
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
