package dev.natgrad.training;

import dev.natgrad.linalg.Mat;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A table made ready for training: its target, the split of its rows, and the encoders fitted to
 * the training rows. Immutable but for the split's arrays; any thread may read it.
 *
 * @param table the data
 * @param target the columns to predict
 * @param split which rows are for what
 * @param features columns to inputs
 * @param targets targets to outputs
 * @param inputs the table's rows as inputs
 */
public record DataSet(
    CsvTable table,
    Target target,
    Split split,
    FeatureEncoder features,
    TargetEncoder targets,
    FeatureRows inputs) {

  /**
   * Chooses target, kind and split, and fits the encoders.
   *
   * @param table the data
   * @param columns the target or targets, as {@link Target#select} takes them
   * @param kind the target's kind, or {@link TargetKind#AUTO}
   * @param validationFraction share of the rows in [0, 1)
   * @param testFraction share of the rows in [0, 1); below 1 with the other
   * @param standardize false to keep numbers as they are
   * @param seed decides the split
   * @return the data set
   * @throws DataException as {@link Target#select}, {@link Split#of}, {@link FeatureEncoder#fit}
   *     and {@link TargetEncoder#fit} do
   * @throws IllegalArgumentException if a fraction is out of range
   */
  public static DataSet prepare(
      CsvTable table,
      String columns,
      TargetKind kind,
      double validationFraction,
      double testFraction,
      boolean standardize,
      long seed) {
    return prepare(
        table, columns, kind, List.of(), validationFraction, testFraction, standardize, seed);
  }

  /**
   * Chooses target, kind and split, and fits the encoders, with columns that are no features.
   *
   * @param table the data
   * @param columns the target or targets, as {@link Target#select} takes them
   * @param kind the target's kind, or {@link TargetKind#AUTO}
   * @param others columns that are no features, each named as one target is
   * @param validationFraction share of the rows in [0, 1)
   * @param testFraction share of the rows in [0, 1); below 1 with the other
   * @param standardize false to keep numbers as they are
   * @param seed decides the split
   * @return the data set
   * @throws DataException as the other form, and if one of the others is a target
   * @throws IllegalArgumentException if a fraction is out of range
   */
  public static DataSet prepare(
      CsvTable table,
      String columns,
      TargetKind kind,
      List<String> others,
      double validationFraction,
      double testFraction,
      boolean standardize,
      long seed) {
    Target target = Target.select(table, columns, kind);
    Split split = Split.of(target, validationFraction, testFraction, seed);
    Set<Integer> left = new HashSet<>();
    for (String other : others) {
      left.add(Target.column(table, other));
    }
    for (TargetColumn column : target.columns()) {
      if (left.contains(column.index())) {
        throw new DataException(
            table.file()
                + ": the column "
                + DataException.quote(column.name())
                + " is "
                + (target.columns().size() == 1 ? "the target" : "a target")
                + " and cannot count for anything else; name another one");
      }
    }
    List<Integer> indices = target.columns().stream().map(TargetColumn::index).toList();
    FeatureEncoder features =
        FeatureEncoder.fit(table, indices, left, split.training(), standardize);
    TargetEncoder targets = TargetEncoder.fit(target, split.training());
    return new DataSet(table, target, split, features, targets, features.bind(table));
  }

  /**
   * Returns this data set with another dispersion or shape of its target's distribution.
   *
   * @param parameter above 0
   * @return the data set
   * @throws DataException if the distribution has none or it is out of range
   */
  public DataSet withParameter(double parameter) {
    return new DataSet(table, target, split, features, targets.withParameter(parameter), inputs);
  }

  /**
   * Everything that was settled without being asked for: odd columns, rows and columns left out, a
   * range found. Of columns that are neither targets nor to be features there are none.
   *
   * @return one-line sentences, possibly none
   */
  public List<String> notes() {
    List<String> notes = new ArrayList<>(table.generalNotes());
    target.columns().forEach(column -> table.note(column.index()).ifPresent(notes::add));
    notes.addAll(target.notes());
    notes.addAll(features.notes());
    return List.copyOf(notes);
  }

  /**
   * Fills a batch: row i of x and y become the encoded row {@code rows[i]}. Allocates one row of
   * each on the heap.
   *
   * @param rows m row indices of the table, all with a target
   * @param x m × inputs, in either precision
   * @param y m × the target's width, in either precision
   * @throws IllegalArgumentException if a shape does not fit
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public void encode(int[] rows, Mat x, Mat y) {
    inputs.encode(rows, x);
    FeatureRows.checkShape("y", y, rows.length, targets.width());
    double[] row = new double[targets.width()];
    for (int i = 0; i < rows.length; i++) {
      targets.encode(target, rows[i], row);
      y.copyRowFrom(i, row, 0);
    }
  }
}
